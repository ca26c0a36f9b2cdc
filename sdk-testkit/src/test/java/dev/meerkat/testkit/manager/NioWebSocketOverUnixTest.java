package dev.meerkat.testkit.manager;

/** WebSockets do not ask what carries them. */
class NioWebSocketOverUnixTest extends WebSocketServerRules {
    @Override
    Arm openArm() {
        return new NioArm(Family.UNIX);
    }
}
