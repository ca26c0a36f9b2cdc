package dev.meerkat.internal.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread that waits for a manager on somebody else's thread. */
@Timeout(60)
class ThreadWatchTest {
    @Test
    void aTurnThatFailsIsTriedAgainAndThenItWaitsAsItIsTold() throws Exception {
        AtomicInteger turns = new AtomicInteger();
        CountDownLatch third = new CountDownLatch(1);
        CountDownLatch fourth = new CountDownLatch(1);
        ThreadWatch watch = ThreadWatch.open();
        Thread waiting = new Thread(() -> {
            try {
                watch.run(
                        task -> {
                            try {
                                task.run();
                            } catch (IllegalStateException expected) {
                                assertEquals("somebody else drives", expected.getMessage());
                            }
                        },
                        () -> {
                            int turn = turns.incrementAndGet();
                            if (turn < 3) {
                                throw new IllegalStateException("somebody else drives");
                            }
                            (turn == 3 ? third : fourth).countDown();
                            return turn == 3 ? Optional.empty() : Optional.of(Duration.ofHours(1));
                        });
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        waiting.start();
        assertTrue(third.await(20, TimeUnit.SECONDS));
        assertEquals(3, turns.get(), "without end until it is woken");
        watch.wake();
        assertTrue(fourth.await(20, TimeUnit.SECONDS));
        for (Closeable each : watch.end()) {
            each.close();
        }
        waiting.join(20_000);
        assertEquals(Thread.State.TERMINATED, waiting.getState());
    }
}
