package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.websocket.DeflatePool;
import dev.meerkat.internal.websocket.DeflateTerms;
import dev.meerkat.internal.websocket.MessageDeflater;
import dev.meerkat.internal.websocket.MessageInflater;
import dev.meerkat.websocket.CompressionOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to compress and decompress a message of WebSocket, with a context that is lent or kept, beside what
 * {@code java.util.zip} alone costs for it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MessageDeflateBenchmark {
    /** How long a message is. */
    @Param({"1024", "16384"})
    public int length = 1_024;

    /** Whether the context is kept from message to message. */
    @Param({"false", "true"})
    public boolean kept;

    /** How far back may be referred. */
    @Param({"15", "9"})
    public int windowBits = 15;

    private final DeflatePool pool =
            new DeflatePool(CompressionOptions.builder().threshold(0).build());
    private final Deflater bare = new Deflater(6, true);
    private final byte[] room = new byte[1 << 16];
    private MessageDeflater deflater = new MessageDeflater(pool, new DeflateTerms(false, 15, false));
    private MessageInflater inflater =
            new MessageInflater(pool, new DeflateTerms(false, 15, false), Long.MAX_VALUE, 1 << 16);
    private ByteBuffer message = ByteBuffer.allocate(0);
    private ByteBuffer payload = ByteBuffer.allocate(0);
    private long seen;

    /** Makes a message, of quotes in JSON. */
    @Setup
    public void setUp() {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append("{\"id\":")
                    .append(random.nextInt(100_000))
                    .append(",\"bid\":")
                    .append(random.nextInt(10_000) / 100.0)
                    .append("},");
        }
        byte[] bytes = text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
        message = ByteBuffer.allocateDirect(length).put(bytes).flip();
        deflater = new MessageDeflater(pool, new DeflateTerms(kept, windowBits, false));
        Bytes shared = pool.compressShared(message.duplicate(), windowBits);
        if (shared == null) {
            throw new IllegalStateException("did not become shorter");
        }
        payload = shared.asByteBuffer();
    }

    /** Gives native memory back. */
    @TearDown
    public void tearDown() {
        deflater.close();
        inflater.close();
        pool.close();
        bare.end();
    }

    /** Compresses the message. */
    @Benchmark
    public long compress() {
        if (!deflater.begin(length)) {
            throw new IllegalStateException("not compressed");
        }
        deflater.deflate(message.duplicate(), true, (slice, last) -> seen += slice.remaining());
        return seen;
    }

    /** Decompresses what was compressed with an empty window. */
    @Benchmark
    public long decompress() throws Exception {
        inflater.inflate(payload.duplicate(), true, true, (slice, last) -> {
            seen += slice.remaining();
            return true;
        });
        return seen;
    }

    /** What the JDK alone needs to compress it. */
    @Benchmark
    public long bare() {
        if (!kept) {
            bare.reset();
        }
        bare.setInput(message.duplicate());
        return bare.deflate(room, 0, room.length, Deflater.SYNC_FLUSH);
    }
}
