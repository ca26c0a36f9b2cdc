package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.ManagerObserver;
import dev.meerkat.ManagerOptions;
import dev.meerkat.ObserveOptions;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.observe.HexDump;
import dev.meerkat.observe.PcapWriter;
import java.io.OutputStream;
import java.io.Writer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import jdk.jfr.Recording;
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
 * What it costs to be looked at, beside {@link EchoPathBenchmark}: all that the manager does for an echoed message of
 * 64 bytes, without the system calls.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ObservedEchoBenchmark implements Handler {
    private static final int PEERS = 64;

    /**
     * Who looks: nobody, and nobody could ({@code absent}); nobody, by default ({@code off}); an observer without and
     * with slow handlers; a flight recording; a hex dump and a packet capture that go nowhere.
     */
    @Param({"absent", "off", "observer", "timed", "recording", "hexdump", "pcap"})
    public String who = "off";

    private @Nullable NullWorld world;
    private @Nullable Recording recording;

    /** Has the peers connect. */
    @Setup
    public void setUp() {
        if (who.equals("recording")) {
            recording = new Recording();
            recording.enable("dev.meerkat.SlowHandler").withThreshold(Duration.ofMillis(20));
            recording.start();
        }
        ManagerOptions options = ManagerOptions.builder().observe(observe()).build();
        world = new NullWorld(PEERS, 64, options, manager -> manager.listen("tcp://127.0.0.1:0", this));
    }

    private ObserveOptions observe() {
        ObserveOptions.Builder builder = ObserveOptions.builder();
        return switch (who) {
            case "absent" -> builder.flightRecorder(false).build();
            case "observer" ->
                builder.observer(new Counts()).slowHandler(Duration.ZERO).build();
            case "timed" -> builder.observer(new Counts()).build();
            case "hexdump" ->
                builder.tap(HexDump.to(Writer.nullWriter(), new HexDump.Limits(64 << 10, Long.MAX_VALUE)))
                        .build();
            case "pcap" ->
                builder.tap(PcapWriter.to(OutputStream.nullOutputStream())).build();
            default -> builder.build();
        };
    }

    /** Closes the manager. */
    @TearDown
    public void tearDown() {
        Objects.requireNonNull(world).close();
        if (recording != null) {
            recording.close();
        }
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
        }
    }

    /** As a metrics library would have it. */
    private static final class Counts implements ManagerObserver {
        final LongAdder in = new LongAdder();
        final LongAdder out = new LongAdder();
        long worst;

        @Override
        public void received(Connection connection, int count) {
            in.add(count);
        }

        @Override
        public void sent(Connection connection, long count) {
            out.add(count);
        }

        @Override
        public void turn(long nanos, int work) {
            worst = Math.max(worst, nanos);
        }

        @Override
        public String toString() {
            return in + " in, " + out + " out, worst turn " + worst + " ns";
        }
    }
}
