package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On the machine's clock a task can take longer than its period. Catching up is proved in virtual time. */
class NioTimerTest extends TimerRules {
    private static final long PERIOD = Duration.ofMillis(10).toNanos();

    @Override
    Arm openArm() {
        return new NioArm();
    }

    /** The deadlines of at least four runs of which the first takes three and a half periods. */
    private List<Long> deadlines() {
        List<Long> deadlines = new ArrayList<>();
        Timer[] timer = new Timer[1];
        timer[0] = manager()
                .scheduleAtFixedRate(Duration.ofNanos(PERIOD), Duration.ofNanos(PERIOD), Timer.Overrun.SKIP, () -> {
                    deadlines.add(timer[0].deadlineNanos());
                    if (deadlines.size() == 1) {
                        long end = timer[0].deadlineNanos() + PERIOD * 7 / 2;
                        while (manager().runtime().time().nanoTime() < end) {
                            Thread.onSpinWait();
                        }
                    }
                });
        until("four runs", () -> deadlines.size() >= 4);
        timer[0].cancel();
        return deadlines;
    }

    @Test
    void skippingLeavesOutThePeriodsThatWereMissed() {
        List<Long> deadlines = deadlines();
        long missed = (deadlines.get(1) - deadlines.get(0)) / PERIOD;
        assertTrue(missed >= 4, "the next multiple in the future, found " + missed);
        for (long deadline : deadlines) {
            assertEquals(0, (deadline - deadlines.get(0)) % PERIOD, "still a multiple of the period");
        }
    }
}
