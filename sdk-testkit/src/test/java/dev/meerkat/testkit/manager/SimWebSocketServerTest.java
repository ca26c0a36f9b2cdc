package dev.meerkat.testkit.manager;

class SimWebSocketServerTest extends WebSocketServerRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
