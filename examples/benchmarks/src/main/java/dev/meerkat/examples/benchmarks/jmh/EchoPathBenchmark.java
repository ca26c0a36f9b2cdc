package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
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
 * All that the event manager does for an echoed message, from readiness to the write at the end of the turn, without
 * the system calls: what is ours of the cost that a real socket shows.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EchoPathBenchmark implements Handler {
    private static final int PEERS = 64;

    /** How many bytes a message has. */
    @Param({"64", "65536"})
    public int size;

    private @Nullable NullWorld world;

    /** Has the peers connect. */
    @Setup
    public void setUp() {
        world = new NullWorld(PEERS, size, manager -> manager.listen("tcp://127.0.0.1:0", this));
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

    @Override
    public void onEvent(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            connection.send(received.buffer());
            if (!connection.isWritable()) {
                connection.pauseReading();
            }
        } else if (event instanceof TcpEvent.Drained) {
            connection.resumeReading();
        }
    }
}
