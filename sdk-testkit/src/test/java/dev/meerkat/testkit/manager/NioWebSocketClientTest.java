package dev.meerkat.testkit.manager;

class NioWebSocketClientTest extends WebSocketClientRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
