package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.internal.websocket.Masking;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Payloads of WebSocket frames, masked; beside a copy of the same bytes and a loop over them. 64 MiB are more than the
 * caches hold.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MaskingBenchmark {
    private static final int KEY = 0x37fa213d;

    /** The length of the payload. */
    @Param({"125", "4096", "65536", "67108864"})
    public int length;

    /** Whether the memory is outside the heap. */
    @Param({"true", "false"})
    public boolean direct;

    private ByteBuffer source = ByteBuffer.allocate(0);
    private ByteBuffer target = ByteBuffer.allocate(0);

    /** Makes both buffers. */
    @Setup
    public void setUp() {
        source = direct ? ByteBuffer.allocateDirect(length + 16) : ByteBuffer.allocate(length + 16);
        target = direct ? ByteBuffer.allocateDirect(length + 16) : ByteBuffer.allocate(length + 16);
    }

    /** As a server unmasks, behind a header of 6 bytes. */
    @Benchmark
    public boolean inPlace() {
        return Masking.apply(source, 6, length, KEY);
    }

    /** As a client masks. */
    @Benchmark
    public void copying() {
        Masking.copy(source, 0, length, KEY, target, 8);
    }

    /** What moving the bytes alone costs. */
    @Benchmark
    public void copy() {
        target.put(8, source, 0, length);
    }

    /** As one would write it. */
    @Benchmark
    public void loop() {
        for (int i = 0; i < length; i++) {
            source.put(6 + i, (byte) (source.get(6 + i) ^ (KEY >> (8 * (3 - (i & 3))))));
        }
    }
}
