package dev.meerkat.testkit.manager;

class SimWebSocketTest extends WebSocketRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
