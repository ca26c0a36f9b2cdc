package dev.meerkat.testkit.manager;

class NioWebSocketToAllTest extends WebSocketToAllRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
