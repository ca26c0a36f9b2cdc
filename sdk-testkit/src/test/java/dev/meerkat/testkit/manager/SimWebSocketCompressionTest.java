package dev.meerkat.testkit.manager;

class SimWebSocketCompressionTest extends WebSocketCompressionRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
