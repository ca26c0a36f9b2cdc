package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.internal.websocket.FrameDecoder;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Masking;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.internal.websocket.Signal;
import dev.meerkat.internal.websocket.Utf8Check;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * 32 texts as a client sends them at once, one behind the other in a direct buffer; per message. They are masked with
 * zeros, so that they are the same each time they are unmasked in place.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class WebSocketCodecBenchmark {
    private static final int MESSAGES = 32;
    private static final int HEAD = FrameEncoder.head(Opcode.TEXT, true, false);

    /** What the texts are made of: ASCII, German, Cyrillic, Japanese. */
    @Param({"a", "ein schöner Text ", "да ", "日本語"})
    public String alphabet = "a";

    /** The length of each in bytes, at most. */
    @Param("125")
    public int length;

    private final FrameDecoder decoder = new FrameDecoder(FrameDecoder.Role.SERVER, 1 << 20, false);
    private ByteBuffer in = ByteBuffer.allocate(0);
    private ByteBuffer out = ByteBuffer.allocate(0);
    private byte[] text = {};

    /** Puts the frames one behind the other. */
    @Setup
    public void setUp() {
        byte[] repeated = alphabet.repeat(length + 1).getBytes(StandardCharsets.UTF_8);
        int end = length;
        while ((repeated[end] & 0xc0) == 0x80) {
            end--;
        }
        text = Arrays.copyOf(repeated, end);
        in = ByteBuffer.allocateDirect(MESSAGES * (text.length + FrameEncoder.MAX_HEADER_BYTES));
        out = ByteBuffer.allocateDirect(in.capacity());
        for (int i = 0; i < MESSAGES; i++) {
            FrameEncoder.maskedFrame(HEAD, ByteBuffer.wrap(text), 0, in);
        }
        in.flip();
    }

    /** Decoded, unmasked, checked. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public void decode(Blackhole hole) {
        in.rewind();
        while (decoder.decode(in) == Signal.MESSAGE) {
            hole.consume(decoder.payloadStart());
        }
    }

    /** And written again, as an echo does. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public ByteBuffer echo() {
        in.rewind();
        out.clear();
        while (decoder.decode(in) == Signal.MESSAGE) {
            int size = decoder.payloadLength();
            FrameEncoder.header(HEAD, size, out);
            out.put(out.position(), in, decoder.payloadStart(), size);
            out.position(out.position() + size);
        }
        return out;
    }

    /** The least that moving them costs. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public ByteBuffer copy() {
        out.clear();
        for (int i = 0; i < MESSAGES; i++) {
            out.put(i * text.length, in, i * text.length, text.length);
        }
        return out;
    }

    /** Unmasked alone. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public void unmask(Blackhole hole) {
        for (int i = 0; i < MESSAGES; i++) {
            hole.consume(Masking.apply(in, 6 + i * (text.length + 6), text.length, 0));
        }
    }

    /** Checked alone. */
    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public void check(Blackhole hole) {
        for (int i = 0; i < MESSAGES; i++) {
            int start = 6 + i * (text.length + 6);
            hole.consume(Utf8Check.advance(Utf8Check.COMPLETE, in, start, start + text.length));
        }
    }
}
