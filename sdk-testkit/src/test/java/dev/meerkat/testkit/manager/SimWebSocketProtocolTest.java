package dev.meerkat.testkit.manager;

class SimWebSocketProtocolTest extends WebSocketProtocolRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
