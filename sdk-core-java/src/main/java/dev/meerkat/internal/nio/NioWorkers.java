package dev.meerkat.internal.nio;

import dev.meerkat.runtime.WorkerThread;
import dev.meerkat.runtime.Workers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A bounded pool of platform threads. Every method may be called from any thread.
 *
 * <p>Threads are made when they are needed, and end when they were idle for {@link #IDLE}: a program that looked up one
 * name keeps none. They are daemons, because nobody waits for a blocked look-up to leave the JVM.
 */
public final class NioWorkers implements Workers {
    /**
     * How many threads at most. What runs here waits (for a name server, a disk) rather than computes, so that there
     * may be more than processors; eight lets a few dead name servers, 5 s and more each, not stop everything else.
     */
    static final int MAX_THREADS = Math.max(8, 2 * Runtime.getRuntime().availableProcessors());

    /** How many tasks may wait. At 10 ms each on eight threads that is more than a second of work: enough. */
    static final int MAX_QUEUED = 1_024;

    /**
     * How long a thread without work stays: longer than the pauses within one burst of connects, shorter than a coffee.
     */
    static final Duration IDLE = Duration.ofSeconds(10);

    private final ThreadPoolExecutor pool;
    private final int processors = Runtime.getRuntime().availableProcessors();

    /**
     * Makes a pool without threads.
     *
     * @param name the threads are called {@code name-worker-1} and so on
     */
    public NioWorkers(String name) {
        this(name, MAX_THREADS, MAX_QUEUED);
    }

    NioWorkers(String name, int maxThreads, int maxQueued) {
        AtomicInteger number = new AtomicInteger();
        pool = new ThreadPoolExecutor(
                maxThreads,
                maxThreads,
                IDLE.toMillis(),
                TimeUnit.MILLISECONDS,
                new ArrayBlockingQueue<>(maxQueued),
                new ThreadFactory() { // no lambda at a start, decision 0067
                    @Override
                    public Thread newThread(Runnable runnable) {
                        return worker(name + "-worker-" + number.incrementAndGet(), runnable);
                    }
                });
        // Core threads may end, which makes of "core" what the pool calls its maximum: it grows before it queues.
        pool.allowCoreThreadTimeOut(true);
    }

    /** Thread-locals of whoever happened to submit the first task are not inherited. */
    private static Thread worker(String name, Runnable runnable) {
        Thread thread = new Thread(null, runnable, name, 0, false);
        thread.setDaemon(true);
        return thread;
    }

    /** {@inheritDoc} Not if this process has one processor, or a share of no more than one. */
    @Override
    public boolean computeBesideLoop() {
        return processors > 1;
    }

    @Override
    public <T> CompletableFuture<T> submit(Callable<T> task) {
        Submitted<T> submitted = new Submitted<>(task, new CompletableFuture<>());
        try {
            pool.execute(submitted);
        } catch (RejectedExecutionException refused) {
            submitted.reject(
                    pool.isShutdown() ? "the workers are closed" : "every worker is busy and the queue is full");
        }
        return submitted.result;
    }

    /** One task and the future that tells how it went. A task whose future is done, hence cancelled, is not begun. */
    private record Submitted<T>(Callable<T> task, CompletableFuture<T> result) implements Runnable {
        @Override
        public void run() {
            if (result.isDone()) {
                return;
            }
            try {
                result.complete(task.call());
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        }

        void reject(String why) {
            result.completeExceptionally(new RejectedExecutionException(why));
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Not a daemon: a server whose {@code main} returned after {@code start()} is meant to go on, until its manager
     * is closed.
     */
    @Override
    public Thread startLoop(String name, Runnable loop) {
        Thread thread = new Thread(loop, name);
        thread.setDaemon(false);
        thread.start();
        return thread;
    }

    @Override
    public WorkerThread startThread(String name, @Nullable Executor executor, Consumer<WorkerThread> body) {
        NioThread started = new NioThread(body);
        if (executor != null) {
            executor.execute(started);
            return started;
        }
        try {
            Thread unused = BlockingThreads.start(name, started);
        } catch (OutOfMemoryError noThreadLeft) {
            throw new RejectedExecutionException("the system has no thread left for " + name, noThreadLeft);
        }
        return started;
    }

    /** {@inheritDoc} What waited in the queue fails as if it had come too late. */
    @Override
    public void close() {
        pool.shutdown();
        List<Runnable> waiting = new ArrayList<>();
        pool.getQueue().drainTo(waiting);
        for (Runnable each : waiting) {
            ((Submitted<?>) each).reject("the workers are closed");
        }
    }

    /** The same threads for somebody who must not end them: {@link #close} does nothing. */
    record Shared(Workers owner) implements Workers {
        @Override
        public <T> CompletableFuture<T> submit(Callable<T> task) {
            return owner.submit(task);
        }

        @Override
        public boolean computeBesideLoop() {
            return owner.computeBesideLoop();
        }

        @Override
        public Thread startLoop(String name, Runnable loop) {
            return owner.startLoop(name, loop);
        }

        @Override
        public WorkerThread startThread(String name, @Nullable Executor executor, Consumer<WorkerThread> body) {
            return owner.startThread(name, executor, body);
        }

        @Override
        public void close() {
            // The owner does that, when all who share are done.
        }
    }
}
