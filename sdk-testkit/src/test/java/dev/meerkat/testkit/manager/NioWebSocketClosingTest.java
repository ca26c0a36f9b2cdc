package dev.meerkat.testkit.manager;

class NioWebSocketClosingTest extends WebSocketClosingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
