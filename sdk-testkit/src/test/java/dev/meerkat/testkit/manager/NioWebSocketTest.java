package dev.meerkat.testkit.manager;

class NioWebSocketTest extends WebSocketRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
