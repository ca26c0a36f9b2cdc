package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectionOptions;
import dev.meerkat.EventManager;
import dev.meerkat.ListenOptions;
import dev.meerkat.Timer;
import dev.meerkat.Timer.Overrun;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** T2 to T8 for the timers of managers, and what a day of them costs. */
class ManagerTimeTest {
    private final SimWorld world = SimWorld.open(SimConfig.DEFAULT);
    private final SimHost host = world.host("srv");
    private final EventManager manager = host.manager();
    private final List<String> log = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        world.close();
    }

    private void note(String what) {
        log.add(what + "@" + world.elapsed().toMillis());
    }

    private static Duration millis(long count) {
        return Duration.ofMillis(count);
    }

    @Test
    void anIdleYearIsOneJump() {
        manager.schedule(Duration.ofDays(365), () -> note("a"));
        long before = world.eventCount();
        world.advance(Duration.ofDays(365));
        assertEquals(List.of("a@" + Duration.ofDays(365).toMillis()), log);
        assertTrue(world.eventCount() - before <= 3, "one deadline, one turn, and one to notice that it was armed");
    }

    @Test
    void aTimerSeesItsOwnDeadline() {
        for (int i = 1; i <= 3; i++) {
            manager.schedule(Duration.ofSeconds(i), () -> note("timer"));
        }
        world.advance(Duration.ofSeconds(10));
        assertEquals(List.of("timer@1000", "timer@2000", "timer@3000"), log);
    }

    @Test
    void equalDeadlinesFireInTheOrderOfArming() {
        for (String name : List.of("a", "b", "c", "d")) {
            manager.schedule(millis(5), () -> note(name));
        }
        world.advance(millis(5));
        assertEquals(List.of("a@5", "b@5", "c@5", "d@5"), log);
    }

    @Test
    void aTimerCancelledInTheSameInstantDoesNotFire() {
        Timer[] second = new Timer[1];
        manager.schedule(millis(5), () -> assertTrue(second[0].cancel()));
        second[0] = manager.schedule(millis(5), () -> note("never"));
        world.advance(Duration.ofSeconds(1));
        assertEquals(List.of(), log);
    }

    @Test
    void aTimerArmedForNowFiresInThisInstantAfterThoseThatAreDue() {
        manager.schedule(millis(5), () -> {
            note("a");
            manager.schedule(Duration.ZERO, () -> note("c"));
        });
        manager.schedule(millis(5), () -> note("b"));
        world.advance(millis(5));
        assertEquals(List.of("a@5", "b@5", "c@5"), log);
    }

    @Test
    void missedPeriodsAreSkipped() {
        manager.scheduleAtFixedRate(millis(100), millis(100), Overrun.SKIP, () -> {
            note("run");
            if (log.size() == 1) {
                host.spend(millis(250));
            }
        });
        world.advance(millis(600));
        assertEquals(List.of("run@100", "run@350", "run@400", "run@500", "run@600"), log);
    }

    @Test
    void missedPeriodsAreMadeUpFor() {
        manager.scheduleAtFixedRate(millis(100), millis(100), Overrun.BURST, () -> {
            note("run");
            if (log.size() == 1) {
                host.spend(millis(250));
            }
        });
        world.advance(millis(600));
        assertEquals(List.of("run@100", "run@350", "run@350", "run@400", "run@500", "run@600"), log);
    }

    @Test
    void aPeriodBeyondTheEndOfTimeComesOnce() {
        Duration period = Duration.ofSeconds(Long.MAX_VALUE);
        for (Overrun overrun : Overrun.values()) {
            manager.scheduleAtFixedRate(millis(100), period, overrun, () -> note("run"));
        }
        world.advance(Duration.ofDays(1));
        assertEquals(List.of("run@100", "run@100"), log);
    }

    @Test
    void changingOptionsDoesNotPutTheTickOff() {
        ConnectionOptions ticking = ConnectionOptions.builder().ticks(true).build();
        host.listen(7, ListenOptions.builder().connection(ticking).build(), (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                manager.scheduleAtFixedRate(
                        millis(300), millis(300), Overrun.SKIP, () -> connection.configure(ticking));
            } else if (event instanceof TcpEvent.Tick) {
                note("tick");
            }
        });
        SimHost client = world.host("cli");
        client.connect("srv:7", (connection, event) -> {});
        world.advance(Duration.ofSeconds(2));
        assertTrue(log.size() >= 1, log::toString);
    }

    @Test
    void aBusyLoopDelaysItsNeighbourTimerByExactlyThat() {
        manager.schedule(millis(10), () -> host.spend(millis(50)));
        manager.schedule(millis(20), () -> note("late"));
        world.advance(Duration.ofSeconds(1));
        assertEquals(List.of("late@60"), log);
    }

    @Test
    void aBusyLoopDelaysNobodyElse() {
        world.host("other").manager().schedule(millis(20), () -> note("in time"));
        manager.schedule(millis(10), () -> host.spend(millis(50)));
        world.advance(Duration.ofSeconds(1));
        assertEquals(List.of("in time@20"), log);
    }

    @Test
    void theWallClockMovesNoTimer() {
        manager.schedule(
                Duration.ofSeconds(10), () -> log.add(manager.wallTime().toString()));
        world.advance(Duration.ofSeconds(5));
        world.clock().setWallTime(Instant.parse("1999-12-31T23:00:00Z"));
        world.advance(Duration.ofSeconds(5));
        assertEquals(List.of("1999-12-31T23:00:05Z"), log);
    }

    @Test
    void nanosecondsCount() {
        manager.schedule(Duration.ofNanos(1), () -> log.add("1@" + world.clock().nanoTime()));
        manager.schedule(Duration.ofNanos(2), () -> log.add("2@" + world.clock().nanoTime()));
        world.advance(Duration.ofNanos(2));
        assertEquals(List.of("1@1", "2@2"), log);
    }

    @Test
    void theManagerTellsHowLongAForeignLoopMaySleep() {
        assertEquals(Optional.empty(), manager.timeToNextTimer());
        manager.schedule(Duration.ofSeconds(3), () -> {});
        world.advance(Duration.ofSeconds(1));
        assertEquals(Optional.of(Duration.ofSeconds(2)), manager.timeToNextTimer());
    }

    @Test
    @Timeout(20) // it takes less than a second; this is for the slowest machine
    void aDayOfHeartbeatsOfAHundredConnectionsTakesNoTimeToSpeakOf() {
        int[] pings = {0};
        host.listen(7, (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                connection.setTimer(Duration.ofSeconds(75));
            } else if (event instanceof TcpEvent.Received received) {
                connection.setTimer(Duration.ofSeconds(75));
                connection.send(received.buffer());
            } else if (event instanceof TcpEvent.TimerFired) {
                throw new AssertionError("a heartbeat was missed");
            }
        });
        world.link("cli", "srv").latency(millis(1));
        for (int i = 0; i < 100; i++) {
            world.host("cli").connect("srv:7", (connection, event) -> {
                if (event instanceof TcpEvent.TimerFired) {
                    pings[0]++;
                    connection.send("ping");
                }
                if (event instanceof TcpEvent.Opened || event instanceof TcpEvent.TimerFired) {
                    connection.setTimer(Duration.ofSeconds(30));
                }
                Programs.ignore(connection, event);
            });
        }
        world.advance(Duration.ofHours(24));
        assertEquals(287_900, pings[0], "2,879 each: the first comes 30.002 s after the beginning");
        assertTrue(world.eventCount() > 500_000);
    }
}
