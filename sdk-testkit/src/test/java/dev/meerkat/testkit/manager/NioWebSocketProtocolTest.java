package dev.meerkat.testkit.manager;

class NioWebSocketProtocolTest extends WebSocketProtocolRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
