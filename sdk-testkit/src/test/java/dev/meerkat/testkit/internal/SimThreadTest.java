package dev.meerkat.testkit.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ManagerOptions;
import dev.meerkat.runtime.WorkerThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The baton: exactly one thread of a world runs at any time. */
@Timeout(30)
class SimThreadTest {
    private final Simulation simulation = new Simulation(0, false, Simulation.DEFAULT_WALL_START);
    private final ManagerDriver driver =
            ManagerDriver.create(simulation, simulation.network().host("h"), ManagerOptions.DEFAULT);
    private final SimWorkers workers = driver.workers();
    private final List<String> notes = new ArrayList<>();

    @AfterEach
    void end() {
        workers.killThreads();
        driver.manager().close();
    }

    private void advance(long nanos) {
        simulation.scheduler().advanceTo(simulation.scheduler().now() + nanos);
    }

    private static void park(WorkerThread thread, long nanos) {
        try {
            thread.park("test", nanos);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void runsOnlyWhileTheTestWaits() {
        WorkerThread thread = workers.startThread("t", null, me -> {
            notes.add("first");
            park(me, -1);
            notes.add("second");
        });
        assertEquals(List.of(), notes);
        advance(0);
        assertEquals(List.of("first"), notes);
        assertEquals(List.of("thread t: blocked in test"), workers.describeThreads());
        advance(1_000);
        assertEquals(1, notes.size());
        thread.unpark();
        assertEquals(1, notes.size());
        advance(0);
        assertEquals(List.of("first", "second"), notes);
        assertEquals(List.of(), workers.describeThreads());
        assertTrue(thread.join(0));
    }

    @Test
    void anUnparkThatComesFirstIsNotLost() {
        workers.startThread("t", null, me -> {
            me.unpark();
            park(me, -1);
            notes.add("on");
        });
        advance(0);
        assertEquals(List.of("on"), notes);
    }

    @Test
    void waitingForATimeTakesThatTime() {
        workers.startThread("t", null, me -> {
            park(me, 100);
            notes.add("at " + simulation.scheduler().now());
        });
        advance(99);
        assertEquals(List.of(), notes);
        advance(1);
        assertEquals(List.of("at 100"), notes);
    }

    @Test
    void anInterruptEndsAWait() {
        WorkerThread thread = workers.startThread("t", null, me -> {
            assertThrows(InterruptedException.class, () -> me.park("test", -1));
            notes.add("interrupted " + Thread.currentThread().isInterrupted());
        });
        advance(0);
        thread.interrupt();
        advance(0);
        assertEquals(List.of("interrupted false"), notes);
    }

    @Test
    void whatHasNotBegunWhenInterruptedNeverDoes() {
        WorkerThread thread = workers.startThread("t", null, me -> notes.add("begun"));
        thread.interrupt();
        advance(0);
        assertEquals(List.of(), notes);
        assertTrue(thread.join(0));
    }

    @Test
    void whoeverNeverWaitsAndWhoeverWaitsInAnotherWayIsReported() {
        workers.patience(50);
        CountDownLatch nobodys = new CountDownLatch(1);
        workers.startThread("t", null, me -> {
            try {
                nobodys.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        AssertionError thrown = assertThrows(AssertionError.class, () -> advance(0));
        assertTrue(thrown.getMessage().contains("thread t keeps the world waiting"), thrown::getMessage);
        assertTrue(thrown.getCause().getStackTrace().length > 0);
        nobodys.countDown();
    }

    @Test
    void theEndOfTheWorldEndsAThreadThatCatchesEverything() {
        workers.startThread("t", null, me -> {
            for (int i = 0; i < 10; i++) {
                try {
                    me.park("test", -1);
                } catch (Throwable e) {
                    notes.add("not yet");
                }
            }
        });
        advance(0);
        assertEquals(1, workers.describeThreads().size());
        workers.killThreads();
        assertEquals(10, notes.size());
        assertFalse(notes.isEmpty());
    }
}
