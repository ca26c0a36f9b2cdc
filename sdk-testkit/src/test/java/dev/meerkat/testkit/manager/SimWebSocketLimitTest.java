package dev.meerkat.testkit.manager;

class SimWebSocketLimitTest extends WebSocketLimitRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
