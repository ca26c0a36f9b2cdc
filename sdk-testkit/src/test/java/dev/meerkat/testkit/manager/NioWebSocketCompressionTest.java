package dev.meerkat.testkit.manager;

class NioWebSocketCompressionTest extends WebSocketCompressionRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
