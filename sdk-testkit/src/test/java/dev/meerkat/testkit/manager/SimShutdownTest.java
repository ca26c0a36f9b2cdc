package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ShutdownResult;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SimShutdownTest extends ShutdownRules {
    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    /** To the nanosecond, and not a moment earlier. */
    @Test
    void theDeadlineIsExact() {
        Script script = script();
        accepted(script);
        Duration begin = world.now();
        CompletableFuture<ShutdownResult> result = manager().shutdown(Duration.ofNanos(1_000_000_001));
        world.advance(Duration.ofNanos(1_000_000_000));
        assertFalse(manager().isClosed());
        assertEquals(
                begin.plusNanos(1_000_000_001).toNanos(),
                script.all(TcpEvent.ShuttingDown.class).get(0).deadlineNanos());
        world.advance(Duration.ofNanos(1));
        assertTrue(manager().isClosed());
        assertEquals(new ShutdownResult(0, 1), result.join());
    }
}
