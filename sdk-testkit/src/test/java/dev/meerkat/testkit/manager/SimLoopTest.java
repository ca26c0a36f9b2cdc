package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** In a world nobody waits, and nobody but the world drives. */
class SimLoopTest extends LoopRules {
    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    @Test
    void whoWouldWaitIsRefused() {
        List<Executable> waits = List.of(
                () -> manager().runOnce(Duration.ofNanos(1)),
                () -> manager().run(),
                () -> manager().start());
        for (Executable wait : waits) {
            IllegalStateException thrown = assertThrows(IllegalStateException.class, wait);
            assertTrue(thrown.getMessage().contains("world"), thrown::getMessage);
        }
    }

    @Test
    void oneTurnServesWhatIsReadyAtOneInstant() {
        Script script = script();
        Peer one = accepted(script);
        Peer two = accepted(script);
        settle();
        long before = manager().statistics().turns();
        one.send("x");
        two.send("y");
        until("both", () -> script.count(TcpEvent.Received.class) == 2);
        assertEquals(1, manager().statistics().turns() - before);
    }
}
