package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.buffer.SegmentPool;
import dev.meerkat.internal.buffer.SendQueue;
import java.io.IOException;
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

/** What passing through the buffers costs, without sockets. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BufferBenchmark {
    /** How many bytes. */
    @Param({"64", "65536"})
    public int size;

    private final NullTransport.NullStream stream = new NullTransport.NullStream(0);
    private final SendQueue queue = new SendQueue(new SegmentPool(ByteBuffer::allocateDirect, 4 << 20));
    private final ReceiveQueue lent = new ReceiveQueue();
    private ByteBuffer direct = ByteBuffer.allocate(0);
    private byte[] array = {};
    private Bytes shared = Bytes.EMPTY;

    /** Makes the payloads: letters, with a line feed at the very end. */
    @Setup
    public void setUp() {
        array = new byte[size];
        for (int i = 0; i < size; i++) {
            array[i] = (byte) ('a' + i % 26);
        }
        array[size - 1] = '\n';
        shared = Bytes.copyOf(array);
        direct = ByteBuffer.allocateDirect(size).put(array).flip();
    }

    /** Sends an array: copied into segments, written, segments given back. */
    @Benchmark
    public long appendArrayAndWrite() throws IOException {
        queue.append(array, 0, size);
        return drain();
    }

    /** Sends what was received, as an echo does below the size that is written directly. */
    @Benchmark
    public long appendBufferAndWrite() throws IOException {
        queue.append(direct.rewind());
        return drain();
    }

    /** Sends shared bytes, as a broadcast does; from 1 KiB on without a copy. */
    @Benchmark
    public long appendSharedAndWrite() throws IOException {
        queue.append(shared);
        return drain();
    }

    private long drain() throws IOException {
        long taken = 0;
        while (!queue.isEmpty()) {
            taken += queue.writeTo(stream);
        }
        return taken;
    }

    /** A handler that takes everything. */
    @Benchmark
    public int lendAndConsume() {
        lent.lend(direct.rewind());
        int count = lent.size();
        lent.discard(count);
        lent.reclaim(false);
        return count;
    }

    /** A handler that looks for a line end, and takes the line. */
    @Benchmark
    public Bytes lendAndTakeLine() {
        lent.lend(direct.rewind());
        Bytes line = lent.take(lent.indexOf((byte) '\n') + 1);
        lent.reclaim(false);
        return line;
    }

    /** A line that comes in two halves: the first is kept, the second appended, the search goes on where it stopped. */
    @Benchmark
    public Bytes keepAppendAndTakeLine() {
        lent.lend(direct.rewind().limit(size / 2));
        lent.indexOf((byte) '\n');
        ReceiveQueue kept = lent.keep(1 << 20);
        lent.reclaim(false);
        kept.append(direct.limit(size).position(size / 2));
        return kept.take(kept.indexOf((byte) '\n') + 1);
    }
}
