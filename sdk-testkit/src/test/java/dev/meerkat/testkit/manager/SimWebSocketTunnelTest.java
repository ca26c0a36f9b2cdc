package dev.meerkat.testkit.manager;

class SimWebSocketTunnelTest extends WebSocketTunnelRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
