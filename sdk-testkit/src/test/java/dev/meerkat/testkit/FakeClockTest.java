package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.testkit.internal.LivelockError;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** T1, T2, T4, T5, T6 and T8 of the testkit's goals, for what a test plans itself. */
class FakeClockTest {
    private final FakeClock clock = new FakeClock();
    private final List<String> log = new ArrayList<>();

    private void plan(int seconds, String what) {
        clock.schedule(
                Duration.ofSeconds(seconds),
                () -> log.add(what + "@" + clock.elapsed().toSeconds()));
    }

    @Nested
    class Verbs {
        @Test
        void advanceIncludesBothEnds() {
            plan(0, "a");
            plan(5, "b");
            plan(6, "c");
            clock.advance(Duration.ofSeconds(5));
            assertEquals(List.of("a@0", "b@5"), log);
            assertEquals(Duration.ofSeconds(5), clock.elapsed());
        }

        @Test
        void advanceByNothingRunsWhatIsDueNowAndNothingElse() {
            plan(0, "a");
            clock.schedule(Duration.ofNanos(1), () -> log.add("b"));
            clock.advance(Duration.ZERO);
            assertEquals(List.of("a@0"), log);
            assertEquals(0, clock.nanoTime());
        }

        @Test
        void advanceToStopsAtAnInstant() {
            plan(3, "a");
            clock.advanceTo(Duration.ofSeconds(2));
            assertEquals(List.of(), log);
            clock.advanceTo(Duration.ofSeconds(3));
            assertEquals(List.of("a@3"), log);
        }

        @Test
        void timeDoesNotRunBackwards() {
            clock.advance(Duration.ofSeconds(3));
            assertThrows(IllegalArgumentException.class, () -> clock.advanceTo(Duration.ofSeconds(2)));
            assertThrows(IllegalArgumentException.class, () -> clock.advance(Duration.ofSeconds(-1)));
        }

        @Test
        void runCurrentRunsWhatTheEventsOfThisInstantCauseAtThisInstant() {
            clock.schedule(Duration.ZERO, () -> {
                plan(0, "b");
                log.add("a");
            });
            plan(1, "c");
            clock.runCurrent();
            assertEquals(List.of("a", "b@0"), log);
        }

        @Test
        void stepLetsOneEventHappenAndMovesTimeToIt() {
            plan(1, "a");
            plan(1, "b");
            assertTrue(clock.step());
            assertEquals(List.of("a@1"), log);
            assertTrue(clock.step());
            assertFalse(clock.step());
            assertEquals(List.of("a@1", "b@1"), log);
        }

        @Test
        void untilIdleTakesAsLongAsItTakes() {
            plan(1800, "a");
            clock.untilIdle();
            assertEquals(List.of("a@1800"), log);
            assertEquals(Duration.ofSeconds(1800), clock.elapsed());
        }

        @Test
        void untilIdleGivesUpOnWhatRepeatsItself() {
            new Object() {
                void again() {
                    clock.schedule(Duration.ofSeconds(30), this::again);
                }
            }.again();
            assertThrows(AssertionError.class, clock::untilIdle);
        }

        @Test
        void nextDeadlineIsExactAndEmptyWhenNothingIsLeft() {
            assertEquals(Optional.empty(), clock.nextDeadline());
            FakeClock.Planned planned = clock.schedule(Duration.ofNanos(17), () -> {});
            assertEquals(Optional.of(Duration.ofNanos(17)), clock.nextDeadline());
            assertTrue(planned.cancel());
            assertFalse(planned.cancel());
            assertEquals(Optional.empty(), clock.nextDeadline());
        }

        @Test
        void runUntilStopsAtTheEventThatMakesItTrue() {
            plan(1, "a");
            plan(2, "b");
            assertTrue(clock.runUntil(() -> !log.isEmpty(), Duration.ofSeconds(10)));
            assertEquals(Duration.ofSeconds(1), clock.elapsed());
        }

        @Test
        void runUntilTakesItsWholeLimitWhenItIsInVain() {
            assertFalse(clock.runUntil(() -> false, Duration.ofSeconds(10)));
            assertEquals(Duration.ofSeconds(10), clock.elapsed());
        }
    }

    @Test
    void idleTimeIsOneJump() {
        plan(365 * 86_400, "a");
        clock.untilIdle(Duration.ofDays(366));
        assertEquals(1, clock.eventCount());
        assertEquals(Duration.ofDays(365), clock.elapsed());
    }

    @Test
    void aCallbackSeesItsOwnDeadlineHoweverFarTheClockIsAdvanced() {
        plan(1, "a");
        plan(2, "b");
        plan(3, "c");
        clock.advance(Duration.ofSeconds(10));
        assertEquals(List.of("a@1", "b@2", "c@3"), log);
    }

    @Test
    void equalDeadlinesRunInTheOrderOfPlanning() {
        for (int i = 0; i < 100; i++) {
            plan(1, "e" + i);
        }
        clock.advance(Duration.ofSeconds(1));
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            expected.add("e" + i + "@1");
        }
        assertEquals(expected, log);
    }

    @Test
    void cancellingInsideTheSameInstantWins() {
        FakeClock.Planned[] later = new FakeClock.Planned[1];
        clock.schedule(Duration.ofSeconds(1), () -> assertTrue(later[0].cancel()));
        later[0] = clock.schedule(Duration.ofSeconds(1), () -> log.add("cancelled, and yet it fires"));
        clock.advance(Duration.ofSeconds(1));
        assertEquals(List.of(), log);
    }

    @Test
    void aChainThatNeverLeavesItsInstantIsALivelock() {
        new Object() {
            void again() {
                clock.schedule(Duration.ZERO, this::again);
            }
        }.again();
        LivelockError error = assertThrows(LivelockError.class, clock::runCurrent);
        assertTrue(error.getMessage().startsWith("livelock: 100001 events at 0s"), error.getMessage());
        assertEquals(21, error.getMessage().lines().count());
    }

    @Test
    void manyEventsAtOneInstantAreNoLivelock() {
        int[] count = {0};
        for (int i = 0; i < 200_000; i++) {
            clock.schedule(Duration.ofSeconds(1), () -> count[0]++);
        }
        clock.advance(Duration.ofSeconds(1));
        assertEquals(200_000, count[0]);
    }

    @Test
    void theWallClockJumpsWithoutMovingATimer() {
        plan(10, "a");
        clock.advance(Duration.ofSeconds(4));
        clock.setWallTime(clock.wallTime().minus(Duration.ofHours(1)));
        assertEquals(Instant.parse("1999-12-31T23:00:04Z"), clock.wallTime());
        clock.advance(Duration.ofSeconds(6));
        assertEquals(List.of("a@10"), log);
        assertEquals(Instant.parse("1999-12-31T23:00:10Z"), clock.wallTime());
    }

    @Test
    void aCallbackCannotDriveTheClock() {
        clock.schedule(Duration.ZERO, () -> {
            assertThrows(IllegalStateException.class, () -> clock.advance(Duration.ofSeconds(1)));
            log.add("refused");
        });
        clock.runCurrent();
        assertEquals(List.of("refused"), log);
    }

    @Test
    void anotherThreadCannotDriveTheClock() throws InterruptedException {
        List<Throwable> failures = new ArrayList<>();
        Thread other = new Thread(() -> {
            try {
                clock.step();
            } catch (IllegalStateException e) {
                failures.add(e);
            }
        });
        other.start();
        other.join();
        assertEquals(1, failures.size());
    }

    @Test
    void whatACallbackThrowsReachesTheTest() {
        clock.schedule(Duration.ofSeconds(1), () -> {
            throw new IllegalStateException("thrown");
        });
        plan(2, "b");
        assertThrows(IllegalStateException.class, () -> clock.advance(Duration.ofSeconds(5)));
        clock.advance(Duration.ofSeconds(5));
        assertEquals(List.of("b@2"), log);
    }
}
