package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.ListenOptions;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In a virtual world durations are exact. */
class SimObservingTest extends ObservingRules {
    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    private static final Duration THRESHOLD = Duration.ofMillis(20);

    private void handlerThatTakes(Duration time) {
        observe(options -> options.slowHandler(THRESHOLD));
        Script script = script().on(TcpEvent.Received.class, (connection, received) -> {
            received.take();
            world.busy(manager(), time);
        });
        accepted(script).send("x");
        until("the byte", () -> script.has(TcpEvent.Received.class));
        settle();
    }

    @Test
    void aHandlerAtTheThresholdIsSlowAndItsTimeIsExact() {
        handlerThatTakes(THRESHOLD);
        assertEquals(List.of("opened 1", "slow Received"), notes.lines);
        assertEquals(List.of(THRESHOLD.toNanos()), notes.slow);
    }

    @Test
    void aHandlerJustBelowTheThresholdIsNot() {
        handlerThatTakes(THRESHOLD.minusNanos(1));
        assertEquals(List.of("opened 1"), notes.lines);
    }

    @Test
    void theLatencyOfATurnIsWhatItsHandlersTook() {
        handlerThatTakes(Duration.ofMillis(7));
        assertEquals(
                List.of(Duration.ofMillis(7).toNanos()),
                notes.turns.stream().filter(nanos -> nanos > 0).toList());
    }

    @Test
    void aPauseIsAsLongAsTheWorldSays() {
        observe(options -> {});
        var acceptor = listen(ListenOptions.builder().maxConnections(1).build(), script());
        Peer first = peer(acceptor);
        peer(acceptor);
        until("the pause", () -> notes.lines.contains("paused full"));
        arm.advance(Duration.ofSeconds(5));
        first.close();
        until("its end", () -> notes.lines.contains("resumed"));
        assertEquals(List.of(Duration.ofSeconds(5).toNanos()), notes.pauses);
    }
}
