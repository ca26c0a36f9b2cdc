package dev.meerkat.testkit.manager;

class SimWebSocketClientTest extends WebSocketClientRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
