package dev.meerkat.testkit.manager;

class SimWebSocketDeliveryTest extends WebSocketDeliveryRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }
}
