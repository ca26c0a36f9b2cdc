package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.EventManager;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a posted task costs, from the post to its end. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MailboxBenchmark {
    private static final int BATCH = 1024;

    private final EventManager own = EventManager.create();
    private final EventManager foreign = EventManager.create().start();
    private long ran;

    /** Closes the managers. */
    @TearDown
    public void tearDown() {
        own.close();
        foreign.close();
    }

    /** On one thread: the bare cost of the queue and of running. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long postAndRun() {
        for (int i = 0; i < BATCH; i++) {
            own.post(this::count);
        }
        own.runOnce(Duration.ZERO);
        return ran;
    }

    /** To a loop on another thread, which is busy as long as the batch lasts. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public Object postFromElsewhere() {
        for (int i = 1; i < BATCH; i++) {
            foreign.post(this::count);
        }
        return foreign.submit(() -> ran).join();
    }

    /** There and back again, with two sleeping threads to wake: one request of a program with a loop of its own. */
    @Benchmark
    public Object submitAndWait() {
        return foreign.submit(() -> ran).join();
    }

    private void count() {
        ran++;
    }
}
