package dev.meerkat.testkit.manager;

class SimWebSocketClosingTest extends WebSocketClosingRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
