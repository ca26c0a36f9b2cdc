package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.event.TcpEvent;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
 * What it costs to suspend in {@code receive} and to be resumed on the loop, in place: a coroutine for each connection
 * against a handler that makes the same two copies. Without system calls, so that the difference shows.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SuspensionBenchmark {
    private static final int PEERS = 64;
    private static final int MESSAGE_BYTES = 64;

    /** Who echoes. */
    @Param({"callback", "coroutine"})
    public String handler = "callback";

    private @Nullable NullWorld world;

    /** Has the peers connect. */
    @Setup
    public void setUp() {
        world = new NullWorld(PEERS, MESSAGE_BYTES, manager -> {
            if (handler.equals("coroutine")) {
                SuspendingEcho.listen(manager);
            } else {
                manager.listen("tcp://127.0.0.1:0", (connection, event) -> {
                    if (event instanceof TcpEvent.Received received) {
                        connection.send(
                                received.buffer().takeArray(received.buffer().size()));
                    }
                });
            }
        });
    }

    /** Closes the manager. */
    @TearDown
    public void tearDown() {
        Objects.requireNonNull(world).close();
    }

    /** One turn, in which every peer has a message. */
    @Benchmark
    @OperationsPerInvocation(PEERS)
    public int echo() {
        return Objects.requireNonNull(world).turn();
    }
}
