package dev.meerkat.testkit.manager;

class SimWebSocketToAllTest extends WebSocketToAllRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
