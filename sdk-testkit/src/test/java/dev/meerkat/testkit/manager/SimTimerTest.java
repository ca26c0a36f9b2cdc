package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ManagerOptions;
import dev.meerkat.Timer;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** On virtual time every deadline is met exactly. */
class SimTimerTest extends TimerRules {
    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    @Test
    void aTimerFiresExactlyAtItsDeadline() {
        List<Long> found = new ArrayList<>();
        Script script = script().on(TcpEvent.TimerFired.class, (connection, event) -> {
            found.add(event.deadlineNanos());
            found.add(manager().nanoTime());
        });
        accepted(script);
        long expected = manager().nanoTime() + 1_234_567_891L;
        script.connection().setTimer(Duration.ofNanos(1_234_567_891L));
        world.advance(Duration.ofNanos(1_234_567_890L));
        assertFalse(script.has(TcpEvent.TimerFired.class));
        assertEquals(Optional.of(Duration.ofNanos(1)), script.connection().timer());
        assertEquals(Optional.of(Duration.ofNanos(1)), manager().timeToNextTimer());
        world.advance(Duration.ofNanos(1));
        assertEquals(List.of(expected, expected), found);
    }

    @Test
    void whatTheReplacedTimerHadToGoIsExact() {
        Script script = script();
        accepted(script);
        Instant wall = manager().wallTime();
        script.connection().setTimer(Duration.ofSeconds(10));
        world.advance(Duration.ofSeconds(4));
        assertEquals(Optional.of(Duration.ofSeconds(6)), script.connection().setTimer(Duration.ofSeconds(60)));
        world.advance(Duration.ofSeconds(1));
        assertEquals(Optional.of(wall.plusSeconds(64)), script.connection().setTimer(wall.plusSeconds(7)));
        world.advance(Duration.ofSeconds(1));
        assertEquals(Optional.of(Duration.ofSeconds(1)), script.connection().clearTimer());
    }

    @Test
    void aJumpOfTheWallClockMovesNoTimer() {
        for (Duration jump : List.of(Duration.ofDays(1), Duration.ofDays(-1))) {
            Script script = script();
            accepted(script);
            script.connection().setTimer(manager().wallTime().plusSeconds(10));
            world.setWallTime(manager().wallTime().plus(jump));
            assertEquals(
                    Optional.of(Duration.ofSeconds(10)), script.connection().timer());
            world.advance(Duration.ofSeconds(10).minusNanos(1));
            assertFalse(script.has(TcpEvent.TimerFired.class));
            world.advance(Duration.ofNanos(1));
            assertTrue(script.has(TcpEvent.TimerFired.class));
        }
    }

    /** Row M-87 to the nanosecond: connect time-outs of one's own are made of a timer. */
    @Test
    void theConnectTimeOutOfOnesOwnIsExact() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        transport.silence("192.0.2.1");
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.clearTimer())
                .on(TcpEvent.TimerFired.class, (connection, event) -> connection.abort());
        Duration begin = world.now();
        manager().connect("192.0.2.1:80", script).setTimer(Duration.ofMillis(1500));
        untilClosed(script);
        assertEquals(Duration.ofMillis(1500), world.now().minus(begin));
        assertEquals(List.of("TimerFired", "ConnectFailed", "Closed"), script.kinds());
    }

    /** The times of runs of a task with a period of a second, on a loop that stands still from 1.0 s to 4.5 s. */
    private List<Duration> runs(Timer.Overrun overrun) {
        List<Duration> runs = new ArrayList<>();
        Timer timer = manager()
                .scheduleAtFixedRate(
                        Duration.ofSeconds(1), Duration.ofSeconds(1), overrun, () -> runs.add(world.now()));
        manager().schedule(Duration.ofSeconds(1), () -> world.busy(manager(), Duration.ofMillis(3500)));
        world.advance(Duration.ofMillis(6500));
        timer.cancel();
        return runs;
    }

    @Test
    void skippingRunsOnceAndGoesOnAtTheNextMultiple() {
        assertEquals(
                List.of(Duration.ofSeconds(1), Duration.ofMillis(4500), Duration.ofSeconds(5), Duration.ofSeconds(6)),
                runs(Timer.Overrun.SKIP));
    }

    @Test
    void catchingUpRunsOnceForEveryPeriod() {
        assertEquals(
                List.of(
                        Duration.ofSeconds(1),
                        Duration.ofMillis(4500),
                        Duration.ofMillis(4500),
                        Duration.ofMillis(4500),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(6)),
                runs(Timer.Overrun.BURST));
    }

    @Test
    void theTickComesExactlyAtItsInterval() {
        Duration interval = ManagerOptions.DEFAULT.tickInterval();
        List<Duration> ticks = new ArrayList<>();
        Script script = script().on(TcpEvent.Tick.class, (connection, event) -> ticks.add(world.now()));
        Duration begin = world.now();
        accepted(listening(options -> options.ticks(true)), script);
        world.advance(interval.multipliedBy(3));
        assertEquals(
                List.of(
                        begin.plus(interval),
                        begin.plus(interval.multipliedBy(2)),
                        begin.plus(interval.multipliedBy(3))),
                ticks);
    }

    @Test
    void theTickDoesNotCatchUp() {
        List<Duration> ticks = new ArrayList<>();
        Script script = script().on(TcpEvent.Tick.class, (connection, event) -> ticks.add(world.now()));
        accepted(listening(options -> options.ticks(true)), script);
        Duration begin = world.now();
        world.busy(manager(), Duration.ofMillis(3500));
        manager().wake();
        world.advance(Duration.ofMillis(5000));
        assertEquals(List.of(begin.plusMillis(3500), begin.plusMillis(4500)), ticks);
    }

    @Test
    void aDayOfSilenceMakesNoTurns() {
        Script script = script();
        accepted(script);
        world.advance(Duration.ofSeconds(1));
        long turns = manager().statistics().turns();
        world.advance(Duration.ofDays(1));
        assertEquals(turns, manager().statistics().turns());
    }
}
