package dev.meerkat.testkit.manager;

class NioWebSocketServerTest extends WebSocketServerRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
