package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.WorkerThread;
import dev.meerkat.runtime.Workers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Workers without threads: a task runs on the test's thread at the virtual instant at which a worker is free, and is
 * done some virtual time later, so that completions come in other orders than they were asked for. Code that blocks has
 * real threads, which take turns with the test's: see {@link SimThread}.
 */
public final class SimWorkers implements Workers {
    private static final int WORKERS = 8;
    private static final int QUEUE_LIMIT = 1024;
    private static final long MILLISECOND = 1_000_000;

    /** Exploring, how long a task takes, in milliseconds; 0 is the ordinary way. */
    private static final int EXPLORED_DURATIONS = 20;

    /** How long code may keep the baton, in real time: it computes in the world's time of zero. */
    private static final long PATIENCE_MILLIS = 20_000;

    private final Simulation simulation;
    private final String owner;
    private final Oracle.Stream choices;
    private final ArrayDeque<Job<?>> waiting = new ArrayDeque<>();
    private final List<SimThread> threads = new ArrayList<>();
    private final Host host;
    private long patienceMillis = PATIENCE_MILLIS;
    private long durationNanos;
    private int busy;
    private boolean closed;

    SimWorkers(Simulation simulation, Host host, String owner) {
        this.simulation = simulation;
        this.host = host;
        this.owner = owner;
        this.choices = simulation.oracle().stream("worker", owner);
    }

    /**
     * Sets how long every further task takes at least.
     *
     * @param nanos the duration
     */
    public void duration(long nanos) {
        durationNanos = nanos;
    }

    int underWay() {
        return busy + waiting.size();
    }

    @Override
    public <T> CompletableFuture<T> submit(Callable<T> task) {
        Job<T> job = new Job<>(task);
        if (closed || waiting.size() >= QUEUE_LIMIT) {
            job.result.completeExceptionally(new RejectedExecutionException(
                    closed ? "the workers of " + owner + " are closed" : "every worker of " + owner + " is busy"));
        } else if (busy < WORKERS) {
            start(job);
        } else {
            waiting.add(job);
        }
        return job.result;
    }

    private void start(Job<?> job) {
        busy++;
        simulation.scheduler().at(job, simulation.scheduler().now());
    }

    private void done() {
        busy--;
        Job<?> next = waiting.poll();
        if (next != null) {
            start(next);
        }
    }

    @Override
    public Thread startLoop(String name, Runnable loop) {
        throw new UnsupportedOperationException("a virtual world drives " + name + "; there are no threads in it");
    }

    // ---------------------------------------------------------------- threads for code that blocks

    /** {@inheritDoc} The executor is not asked: its threads would run when they like. */
    @Override
    public WorkerThread startThread(String name, @Nullable Executor executor, Consumer<WorkerThread> body) {
        SimThread thread = new SimThread(simulation, this, name, body);
        threads.add(thread);
        thread.wakeUp();
        return thread;
    }

    long patienceMillis() {
        return patienceMillis;
    }

    /** Sets how long a thread may keep the world waiting. */
    void patience(long millis) {
        patienceMillis = millis;
    }

    boolean isDown() {
        return host.isDown();
    }

    void ended(SimThread thread) {
        threads.remove(thread);
    }

    /** Lets every thread run as far as it can without time passing. */
    void runThreads() {
        boolean any;
        do {
            any = false;
            for (SimThread thread : List.copyOf(threads)) {
                any |= thread.runNow();
            }
        } while (any);
    }

    /**
     * What the threads that have not ended are doing.
     *
     * @return one line for each, in the order in which they were started
     */
    List<String> describeThreads() {
        return threads.stream().map(SimThread::describe).toList();
    }

    /** Ends every thread, wherever it is: the world is over. */
    void killThreads() {
        List.copyOf(threads).forEach(SimThread::kill);
        threads.clear();
    }

    @Override
    public void close() {
        closed = true;
    }

    /** One task: first its run, then its end. */
    private final class Job<T> extends SimTask {
        private final Callable<T> task;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private Runnable completion = () -> {};
        private boolean ran;

        Job(Callable<T> task) {
            this.task = task;
        }

        @Override
        protected void run() {
            if (ran) {
                done();
                completion.run();
                return;
            }
            ran = true;
            try {
                T value = task.call();
                completion = () -> result.complete(value);
            } catch (Exception | Error e) {
                completion = () -> result.completeExceptionally(e);
            }
            long duration = durationNanos + choices.choose(EXPLORED_DURATIONS) * MILLISECOND;
            simulation.scheduler().at(this, Times.plus(simulation.scheduler().now(), duration));
        }

        @Override
        public String describe() {
            return owner + ": worker job" + (ran ? ", done soon" : "");
        }
    }
}
