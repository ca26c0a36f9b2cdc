package dev.meerkat.testkit.manager;

class NioWebSocketDeliveryTest extends WebSocketDeliveryRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
