package dev.meerkat.internal.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.runtime.WorkerThread;
import dev.meerkat.runtime.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NioWorkersTest {
    private static final int THREADS = 2;
    private static final int QUEUED = 3;

    private final NioWorkers workers = new NioWorkers("test", THREADS, QUEUED);
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        workers.close();
    }

    @Test
    void resultAndFailureComeBackInTheFuture() throws Exception {
        assertEquals("done", workers.submit(() -> "done").get());
        IllegalStateException failure = new IllegalStateException("no");
        CompletableFuture<Object> failed = workers.submit(() -> {
            throw failure;
        });
        assertSame(failure, assertThrows(ExecutionException.class, failed::get).getCause());
    }

    @Test
    void threadsAreNamedDaemons() throws Exception {
        Thread thread = workers.submit(Thread::currentThread).get();
        assertEquals("test-worker-1", thread.getName());
        assertTrue(thread.isDaemon());
    }

    @Test
    void threadsGrowToTheirBoundBeforeTasksQueue() throws Exception {
        CountDownLatch running = new CountDownLatch(THREADS);
        occupy(running);
        running.await();
    }

    @Test
    void queueTakesItsBoundAndNotOneMore() throws Exception {
        occupy(new CountDownLatch(THREADS));
        List<CompletableFuture<String>> queued = new ArrayList<>();
        for (int i = 0; i < QUEUED; i++) {
            queued.add(workers.submit(() -> "queued"));
        }
        CompletableFuture<String> tooMany = workers.submit(() -> "too many");
        assertTrue(tooMany.isDone());
        assertRejected(tooMany);
        release.countDown();
        for (CompletableFuture<String> each : queued) {
            assertEquals("queued", each.get());
        }
    }

    @Test
    void cancelledTaskIsNotBegun() throws Exception {
        occupy(new CountDownLatch(THREADS));
        AtomicBoolean begun = new AtomicBoolean();
        CompletableFuture<Void> cancelled = workers.submit(() -> {
            begun.set(true);
            return null;
        });
        CompletableFuture<String> next = workers.submit(() -> "next");
        cancelled.cancel(false);
        release.countDown();
        assertEquals("next", next.get());
        workers.submit(() -> "last").get();
        assertFalse(begun.get());
    }

    @Test
    void closeLetsTheRunningFinishAndRefusesTheRest() throws Exception {
        List<CompletableFuture<String>> running = occupy(new CountDownLatch(THREADS));
        CompletableFuture<String> queued = workers.submit(() -> "queued");
        workers.close();
        assertRejected(queued);
        assertRejected(workers.submit(() -> "late"));
        release.countDown();
        for (CompletableFuture<String> each : running) {
            assertEquals("held", each.get());
        }
    }

    @Test
    void closingAShareLeavesTheOwnerOpen() throws Exception {
        Workers share = new NioWorkers.Shared(workers);
        assertEquals("done", share.submit(() -> "done").get());
        share.close();
        assertEquals("done", workers.submit(() -> "done").get());
    }

    @Test
    void loopRunsOnAThreadThatKeepsTheProgramAlive() throws Exception {
        CompletableFuture<Thread> seen = new CompletableFuture<>();
        Thread thread = workers.startLoop("loop", () -> seen.complete(Thread.currentThread()));
        assertSame(thread, seen.get());
        assertEquals("loop", thread.getName());
        assertFalse(thread.isDaemon());
        thread.join();
    }

    /** Gives every thread something to hold on to until {@link #release}; returns when none is free. */
    private List<CompletableFuture<String>> occupy(CountDownLatch running) throws InterruptedException {
        List<CompletableFuture<String>> held = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            held.add(workers.submit(() -> {
                running.countDown();
                release.await();
                return "held";
            }));
        }
        running.await();
        return held;
    }

    private static void assertRejected(CompletableFuture<?> future) {
        Throwable cause = assertThrows(ExecutionException.class, future::get).getCause();
        assertSame(RejectedExecutionException.class, cause.getClass());
    }

    // ---- threads for code that blocks

    @Test
    void aParkedThreadGoesOnWhenUnparkedAndAnEarlyPermitIsKept() throws Exception {
        CompletableFuture<String> done = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        WorkerThread thread = workers.startThread("t", null, me -> {
            try {
                me.unpark();
                me.park("nothing", -1);
                begun.countDown();
                while (!released()) {
                    me.park("release", -1);
                }
                done.complete(Thread.currentThread().getName() + " " + me.isCurrent());
            } catch (InterruptedException e) {
                done.completeExceptionally(e);
            }
        });
        begun.await();
        assertFalse(thread.isCurrent());
        release.countDown();
        thread.unpark();
        assertEquals("t true", done.get());
        assertTrue(thread.join(Long.MAX_VALUE));
        assertEquals(0, thread.stackTrace().length);
    }

    private boolean released() {
        return release.getCount() == 0;
    }

    @Test
    void aTimedParkEndsByItself() throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        workers.startThread("t", null, me -> {
            try {
                me.park("a millisecond", 1_000_000);
                done.complete(true);
            } catch (InterruptedException e) {
                done.completeExceptionally(e);
            }
        });
        assertTrue(done.get());
    }

    @Test
    void anInterruptEndsAParkAndIsNotLeftToTheExecutorsThread() throws Exception {
        CompletableFuture<Boolean> after = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        WorkerThread thread = workers.startThread(
                "t",
                code -> new Thread(() -> {
                            code.run();
                            after.complete(Thread.currentThread().isInterrupted());
                        })
                        .start(),
                me -> {
                    begun.countDown();
                    try {
                        while (true) {
                            me.park("an interrupt", -1);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        begun.await();
        thread.interrupt();
        assertTrue(thread.join(Long.MAX_VALUE));
        assertFalse(after.get());
        thread.interrupt(); // it has ended: whom the thread serves now is none of our business
    }

    @Test
    void whatHasNotBegunWhenInterruptedNeverDoes() {
        List<Runnable> queue = new ArrayList<>();
        AtomicBoolean ran = new AtomicBoolean();
        WorkerThread thread = workers.startThread("t", queue::add, me -> ran.set(true));
        assertFalse(thread.join(0));
        thread.interrupt();
        assertTrue(thread.join(0));
        queue.get(0).run();
        assertFalse(ran.get());
    }
}
