package dev.meerkat.testkit.manager;

class NioWebSocketReconnectTest extends WebSocketReconnectRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }
}
