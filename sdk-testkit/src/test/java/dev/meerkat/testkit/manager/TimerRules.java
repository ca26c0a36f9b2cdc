package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ErrorHook;
import dev.meerkat.Timer;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The one timer of a connection, the timers of a manager, and the tick. */
abstract class TimerRules extends ManagerRules {
    private static final Duration EONS = Duration.ofSeconds(Long.MAX_VALUE);

    private static void assertAbout(Duration expected, Duration found) {
        assertTrue(
                found.compareTo(expected) <= 0 && found.compareTo(expected.minusMinutes(1)) > 0,
                "expected about " + expected + ", found " + found);
    }

    // ---- the timer of a connection

    @Test
    void aTimerFiresOnceAndNeverEarly() {
        List<Long> late = new ArrayList<>();
        Script script = script();
        script.on(TcpEvent.TimerFired.class, (connection, event) -> {
            late.add(manager().nanoTime() - event.deadlineNanos());
            assertEquals(Optional.empty(), connection.timer(), "cleared by then");
        });
        accepted(script);
        long before = manager().nanoTime();
        assertEquals(Optional.empty(), script.connection().setTimer(SHORT));
        assertEquals(1, manager().statistics().timers());
        until("the timer", () -> script.has(TcpEvent.TimerFired.class));
        settle();
        assertEquals(1, late.size());
        assertTrue(late.get(0) >= 0, late::toString);
        long deadline = script.all(TcpEvent.TimerFired.class).get(0).deadlineNanos();
        assertTrue(deadline >= before + SHORT.toNanos(), "counted from the call");
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void settingATimerReplacesItAndTellsHowLongItHadToGo() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        connection.setTimer(LONG);
        assertAbout(LONG, connection.timer().orElseThrow());
        assertAbout(LONG, connection.setTimer(LONG.multipliedBy(2)).orElseThrow());
        assertAbout(LONG.multipliedBy(2), connection.setTimer(SHORT).orElseThrow());
        assertEquals(1, manager().statistics().timers());
        until("the timer", () -> script.has(TcpEvent.TimerFired.class));
        settle();
        assertEquals(1, script.count(TcpEvent.TimerFired.class));
    }

    @Test
    void clearingATimerTellsHowLongItHadToGo() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        assertEquals(Optional.empty(), connection.clearTimer());
        connection.setTimer(LONG);
        assertAbout(LONG, connection.clearTimer().orElseThrow());
        assertEquals(Optional.empty(), connection.timer());
        assertEquals(Optional.empty(), connection.clearTimer());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void aTimerThatIsClearedDoesNotFire() {
        Script cleared = script();
        accepted(cleared);
        cleared.connection().setTimer(SHORT);
        cleared.connection().clearTimer();
        Script witness = script();
        accepted(witness);
        witness.connection().setTimer(SHORT.multipliedBy(2));
        until("a later timer", () -> witness.has(TcpEvent.TimerFired.class));
        assertFalse(cleared.has(TcpEvent.TimerFired.class));
    }

    @Test
    void aTimerMayBeSetAgainInItsOwnEvent() {
        Script script = script();
        script.on(TcpEvent.TimerFired.class, (connection, event) -> {
            if (script.count(TcpEvent.TimerFired.class) < 3) {
                connection.setTimer(Duration.ofMillis(1));
            }
        });
        accepted(script);
        script.connection().setTimer(Duration.ofMillis(1));
        until("three times", () -> script.count(TcpEvent.TimerFired.class) == 3);
        settle();
        assertEquals(3, script.count(TcpEvent.TimerFired.class));
        List<TcpEvent.TimerFired> fired = script.all(TcpEvent.TimerFired.class);
        assertTrue(fired.get(0).deadlineNanos() < fired.get(1).deadlineNanos());
    }

    @Test
    void noDelayFiresInTheSameTurnAfterTheHandler() {
        for (Duration delay : List.of(Duration.ZERO, Duration.ofSeconds(-5), EONS.negated())) {
            List<Long> turns = new ArrayList<>();
            Script script = script();
            script.on(TcpEvent.Received.class, (connection, event) -> {
                event.take();
                connection.setTimer(delay);
                turns.add(manager().statistics().turns());
                assertFalse(script.has(TcpEvent.TimerFired.class), "never nested");
            });
            script.on(
                    TcpEvent.TimerFired.class,
                    (connection, event) -> turns.add(manager().statistics().turns()));
            accepted(script).send("x");
            until("the timer", () -> turns.size() == 2);
            assertEquals(turns.get(0), turns.get(1), delay::toString);
        }
    }

    @Test
    void noDelayFiresAtOnceEvenIfTheTurnsTimersAreOver() {
        List<Long> times = new ArrayList<>();
        Script script = script().on(TcpEvent.Broadcast.class, (connection, event) -> {
                    connection.setTimer(Duration.ZERO);
                    times.add(manager().statistics().turns());
                })
                .on(
                        TcpEvent.TimerFired.class,
                        (connection, event) -> times.add(manager().statistics().turns()));
        accepted(script);
        inTurn(() -> manager().broadcast(Bytes.EMPTY)); // delivered as deferred work, behind the timers of its turn
        until("the timer", () -> times.size() == 2);
        assertTrue(times.get(1) - times.get(0) <= 1, times::toString);
    }

    @Test
    void aTimerMayBeSetForAnInstant() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        Instant later = manager().wallTime().plus(LONG);
        assertEquals(Optional.empty(), connection.setTimer(later));
        assertAbout(LONG, connection.timer().orElseThrow());
        Instant soon = manager().wallTime().plus(SHORT);
        Duration apart = Duration.between(later, connection.setTimer(soon).orElseThrow());
        assertTrue(apart.abs().compareTo(Duration.ofMinutes(1)) < 0, "when the replaced one was due: off by " + apart);
        until("the timer", () -> script.has(TcpEvent.TimerFired.class));
        assertTrue(!manager().wallTime().isBefore(soon.minusMillis(1)));
    }

    @Test
    void anInstantInThePastFiresAtOnce() {
        Script script = script();
        accepted(script);
        script.connection().setTimer(Instant.EPOCH);
        until("the timer", () -> script.has(TcpEvent.TimerFired.class));
    }

    @Test
    void aTimerMayBeSetForALifetimeOfMountains() {
        Script script = script();
        accepted(script);
        script.connection().setTimer(EONS);
        assertTrue(script.connection().timer().orElseThrow().compareTo(Duration.ofDays(36_500)) > 0);
        script.connection().setTimer(Instant.MAX);
        assertTrue(script.connection().timer().orElseThrow().compareTo(Duration.ofDays(36_500)) > 0);
        settle();
        assertFalse(script.has(TcpEvent.TimerFired.class));
    }

    @Test
    void aConnectionThatEndsTakesItsTimerAlong() {
        Script script = script();
        accepted(script);
        script.connection().setTimer(SHORT);
        inTurn(() -> script.connection().abort());
        assertEquals(0, manager().statistics().timers());
        assertEquals(Optional.empty(), script.connection().timer());
        assertEquals(Optional.empty(), script.connection().setTimer(Duration.ZERO), "and takes no other");
        settle();
        assertEquals(List.of("Opened", "Closed"), script.kinds());
    }

    // ---- the order

    @Test
    void timersFireInTheOrderOfDeadlinesThenOfArming() {
        List<String> order = new ArrayList<>();
        inTurn(() -> {
            manager().schedule(Duration.ofMillis(3), () -> order.add("third"));
            manager().schedule(Duration.ofMillis(1), () -> order.add("first"));
            manager().schedule(Duration.ofMillis(2), () -> order.add("second a"));
            manager().schedule(Duration.ofMillis(2), () -> order.add("second b"));
            manager().schedule(Duration.ofMillis(2), () -> order.add("second c"));
        });
        until("all of them", () -> order.size() == 5);
        assertEquals(List.of("first", "second a", "second b", "second c", "third"), order);
    }

    @Test
    void aTimerArmedForNowRunsAfterThoseAlreadyDue() {
        List<String> order = new ArrayList<>();
        inTurn(() -> {
            manager().schedule(Duration.ZERO, () -> {
                order.add("first");
                manager().schedule(Duration.ZERO, () -> order.add("armed by the first"));
            });
            manager().schedule(Duration.ZERO, () -> order.add("second"));
        });
        until("all of them", () -> order.size() == 3);
        assertEquals(List.of("first", "second", "armed by the first"), order);
    }

    @Test
    void aTimerCancelledByOneThatIsDueWithItDoesNotFire() {
        List<String> order = new ArrayList<>();
        inTurn(() -> {
            Timer[] other = new Timer[1];
            manager().schedule(Duration.ZERO, () -> {
                order.add("first");
                assertTrue(other[0].cancel());
            });
            other[0] = manager().schedule(Duration.ZERO, () -> order.add("cancelled"));
            manager().schedule(Duration.ZERO, () -> order.add("third"));
        });
        until("the others", () -> order.size() == 2);
        settle();
        assertEquals(List.of("first", "third"), order);
    }

    @Test
    void aTurnFiresNoMoreTimersThanItMay() {
        use(options -> options.tasksPerTurn(2));
        List<String> order = new ArrayList<>();
        for (String name : List.of("first", "second", "third")) {
            manager().schedule(Duration.ZERO, () -> order.add(name));
        }
        manager().runOnce(Duration.ZERO);
        assertEquals(List.of("first", "second"), order);
        manager().runOnce(Duration.ZERO);
        assertEquals(List.of("first", "second", "third"), order);
    }

    // ---- the timers of a manager

    @Test
    void aTaskIsScheduledOnce() {
        List<String> ran = new ArrayList<>();
        long before = manager().nanoTime();
        Timer timer = manager().schedule(SHORT, () -> ran.add("once"));
        assertTrue(timer.isArmed());
        assertTrue(timer.deadlineNanos() >= before + SHORT.toNanos(), "counted from the call");
        until("the task", () -> !ran.isEmpty());
        settle();
        assertEquals(List.of("once"), ran);
        assertFalse(timer.isArmed());
        assertFalse(timer.cancel());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void aCancelledTaskDoesNotRun() {
        List<String> ran = new ArrayList<>();
        Timer timer = manager().schedule(Duration.ofMillis(1), () -> ran.add("cancelled"));
        manager().schedule(Duration.ofMillis(2), () -> ran.add("witness"));
        assertTrue(timer.cancel());
        assertFalse(timer.cancel());
        assertFalse(timer.isArmed());
        until("the witness", () -> !ran.isEmpty());
        assertEquals(List.of("witness"), ran);
    }

    @Test
    void aTaskThatThrowsIsReported() {
        IllegalStateException broken = new IllegalStateException("broken task");
        boolean[] ran = new boolean[1];
        manager().schedule(Duration.ZERO, () -> {
            throw broken;
        });
        manager().schedule(Duration.ZERO, () -> ran[0] = true);
        until("the next", () -> ran[0]);
        Failure failure = takeFailure();
        assertEquals(ErrorHook.Source.TIMER, failure.source());
        assertSame(broken, failure.thrown());
        assertEquals(Optional.empty(), failure.connection());
    }

    @Test
    void aFixedRateGoesOnUntilItIsCancelled() {
        List<Long> deadlines = new ArrayList<>();
        Timer[] timer = new Timer[1];
        Duration period = Duration.ofMillis(2);
        timer[0] = manager().scheduleAtFixedRate(Duration.ZERO, period, Timer.Overrun.BURST, () -> {
            deadlines.add(timer[0].deadlineNanos());
            assertTrue(timer[0].isArmed(), "it is going to fire again");
            if (deadlines.size() == 4) {
                assertTrue(timer[0].cancel());
                assertFalse(timer[0].isArmed());
                assertFalse(timer[0].cancel());
            }
        });
        until("four runs", () -> deadlines.size() == 4);
        settle();
        assertEquals(4, deadlines.size());
        for (int i = 1; i < deadlines.size(); i++) {
            assertEquals(period.toNanos(), deadlines.get(i) - deadlines.get(i - 1));
        }
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void aFixedRateGoesOnAfterItsTaskThrew() {
        int[] runs = new int[1];
        Timer timer = manager().scheduleAtFixedRate(Duration.ZERO, SHORT, Timer.Overrun.SKIP, () -> {
            if (runs[0]++ == 0) {
                throw new IllegalStateException("broken task");
            }
        });
        until("a second run", () -> runs[0] == 2);
        assertEquals(ErrorHook.Source.TIMER, takeFailure().source());
        assertTrue(timer.cancel());
    }

    @Test
    void aFixedRateMayBeSlowerThanMountains() {
        for (Timer.Overrun overrun : Timer.Overrun.values()) {
            int[] runs = new int[1];
            Timer timer = manager().scheduleAtFixedRate(Duration.ofMillis(1), EONS, overrun, () -> runs[0]++);
            until("the first run", () -> runs[0] > 0);
            settle();
            assertEquals(1, runs[0]);
            assertTrue(timer.cancel());
        }
    }

    @Test
    void aRateWithoutAPeriodIsMisuse() {
        for (Duration period : List.of(Duration.ZERO, SHORT.negated())) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> manager().scheduleAtFixedRate(SHORT, period, Timer.Overrun.SKIP, () -> {}));
        }
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void aTimerMayCloseTheManager() {
        manager().schedule(Duration.ZERO, () -> manager().close());
        manager().runOnce(Duration.ZERO);
        assertTrue(manager().isClosed());
    }

    // ---- the tick

    @Test
    void theTickComesToThoseWhoAskedForIt() {
        use(options -> options.tickInterval(SHORT));
        Script asked = script();
        accepted(listening(options -> options.ticks(true)), asked);
        Script other = script();
        accepted(other);
        until("three ticks", () -> asked.count(TcpEvent.Tick.class) == 3);
        assertFalse(other.has(TcpEvent.Tick.class));
    }

    @Test
    void theTickEndsWithTheLastWhoAskedForIt() {
        use(options -> options.tickInterval(SHORT));
        Script one = script();
        accepted(listening(options -> options.ticks(true)), one);
        Script two = script();
        accepted(listening(options -> options.ticks(true)), two);
        assertEquals(1, manager().statistics().timers(), "one timer for all of them");
        inTurn(() -> one.connection().abort());
        int before = one.count(TcpEvent.Tick.class);
        until("a tick of the other", () -> two.has(TcpEvent.Tick.class));
        assertEquals(before, one.count(TcpEvent.Tick.class));
        inTurn(() -> two.connection().abort());
        assertEquals(0, manager().statistics().timers());
    }

    @Test
    void theTickMayBeAskedForWhileRunning() {
        use(options -> options.tickInterval(SHORT));
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        assertEquals(0, manager().statistics().timers());
        connection.configure(connection.options().toBuilder().ticks(true).build());
        until("two ticks", () -> script.count(TcpEvent.Tick.class) == 2);
        connection.configure(connection.options().toBuilder().ticks(false).build());
        assertEquals(0, manager().statistics().timers());
        settle();
        assertEquals(2, script.count(TcpEvent.Tick.class));
    }

    @Test
    void otherOptionsDoNotPutOffTheTick() {
        use(options -> options.tickInterval(LONG));
        Script script = script();
        accepted(listening(options -> options.ticks(true)), script);
        Connection connection = script.connection();
        List<Duration> toGo = new ArrayList<>();
        inTurn(() -> toGo.add(manager().timeToNextTimer().orElseThrow()));
        settle();
        inTurn(() -> {
            connection.configure(
                    connection.options().toBuilder().sendLimit(1 << 20).build());
            toGo.add(manager().timeToNextTimer().orElseThrow());
        });
        assertTrue(toGo.get(1).compareTo(toGo.get(0)) < 0, toGo::toString);
    }

    @Test
    void whoIsClosingHearsNoTick() {
        use(options -> options.tickInterval(SHORT));
        Script witness = script();
        accepted(listening(options -> options.ticks(true)), witness);
        Script lingering = script();
        Peer peer = accepted(listening(options -> options.ticks(true).lingerTimeout(LONG)), lingering);
        inTurn(() -> lingering.connection().close());
        int before = lingering.count(TcpEvent.Tick.class);
        until("the end", peer::hasEnded);
        int seen = witness.count(TcpEvent.Tick.class);
        until("a tick", () -> witness.count(TcpEvent.Tick.class) > seen);
        assertEquals(before, lingering.count(TcpEvent.Tick.class));
    }
}
