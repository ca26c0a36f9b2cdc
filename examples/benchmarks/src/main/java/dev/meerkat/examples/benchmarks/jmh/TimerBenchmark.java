package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.EventManager;
import dev.meerkat.Timer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a timer costs while others are armed. Driven on the benchmark's own thread, which owns the manager; between the
 * batches the loop turns once, as it would.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TimerBenchmark {
    private static final int BATCH = 1024;

    /** How many timers are armed besides. */
    @Param({"0", "100000"})
    public int armed;

    private final EventManager manager = EventManager.create();
    private final Duration[] delays = new Duration[BATCH];
    private final Timer[] timers = new Timer[BATCH];

    /** Arms the others. */
    @Setup
    public void setUp() {
        Random random = new Random(1);
        for (int i = 0; i < armed; i++) {
            manager.schedule(Duration.ofMillis(60_000 + random.nextInt(600_000)), TimerBenchmark::nothing);
        }
        for (int i = 0; i < BATCH; i++) {
            delays[i] = Duration.ofMillis(60_000 + random.nextInt(600_000));
        }
    }

    /** Closes the manager. */
    @TearDown
    public void tearDown() {
        manager.close();
    }

    /** Schedules a batch, then cancels it: the fate of a time-out. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void scheduleAndCancel() {
        for (int i = 0; i < BATCH; i++) {
            timers[i] = manager.schedule(delays[i], TimerBenchmark::nothing);
        }
        for (int i = 0; i < BATCH; i++) {
            timers[i].cancel();
        }
        manager.runOnce(Duration.ZERO);
    }

    /** Schedules a batch that is due at once and lets it fire. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void scheduleAndFire() {
        for (int i = 0; i < BATCH; i++) {
            manager.schedule(Duration.ZERO, TimerBenchmark::nothing);
        }
        manager.runOnce(Duration.ZERO);
    }

    private static void nothing() {}
}
