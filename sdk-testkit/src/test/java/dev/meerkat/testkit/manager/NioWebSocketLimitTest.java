package dev.meerkat.testkit.manager;

class NioWebSocketLimitTest extends WebSocketLimitRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
