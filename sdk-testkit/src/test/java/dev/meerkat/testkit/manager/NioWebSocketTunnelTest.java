package dev.meerkat.testkit.manager;

class NioWebSocketTunnelTest extends WebSocketTunnelRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
