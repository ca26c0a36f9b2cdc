package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Connection;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SimConnectionTest extends ConnectionRules {
    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    @Test
    void lastIoIsExactAndFollowsTheWallClock() {
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        world.advance(LONG);
        Instant before = manager().wallTime();
        peer.send("x");
        until("input", () -> script.text().equals("x"));
        world.advance(LONG);
        assertEquals(before, connection.lastIo());
        world.setWallTime(manager().wallTime().plus(LONG));
        assertEquals(before.plus(LONG), connection.lastIo(), "told by the clock of today");
    }
}
