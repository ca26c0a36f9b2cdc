package dev.meerkat.testkit.manager;

/** WebSockets do not ask what carries them. */
class SimWebSocketOverUnixTest extends WebSocketServerRules {
    @Override
    Arm openArm() {
        return new SimArm(Family.UNIX);
    }
}
