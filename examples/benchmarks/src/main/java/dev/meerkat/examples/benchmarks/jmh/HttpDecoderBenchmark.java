package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import dev.meerkat.internal.http1.Http1Decoder;
import dev.meerkat.internal.http1.Http1Encoder;
import dev.meerkat.internal.http1.Signal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Heads of 500 bytes, as a browser sends them, out of a direct buffer; per head. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HttpDecoderBenchmark {
    private static final int HEADS = 16;

    /** What a browser sends: 489 bytes, ten fields. */
    public static final String HEAD = """
            GET /articles/2024/meerkats-standing-guard?page=2&sort=newest HTTP/1.1\r
            Host: www.example.com\r
            User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r
            Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
            Accept-Language: en-US,en;q=0.5\r
            Accept-Encoding: gzip, deflate, br\r
            Referer: https://www.example.com/articles/\r
            Cookie: session=4f2c9a1e77d04be3; theme=dark\r
            Connection: keep-alive\r
            Cache-Control: max-age=0\r
            Sec-Fetch-Mode: navigate\r
            \r
            """;

    private final byte[] head = HEAD.getBytes(StandardCharsets.ISO_8859_1);
    private final ByteBuffer heads = ByteBuffer.allocateDirect(HEADS * head.length);
    private final Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
    private final EmbeddedChannel netty = new EmbeddedChannel(new HttpRequestDecoder());
    private final Http1Encoder encoder = new Http1Encoder();
    private final ByteBuffer out = ByteBuffer.allocateDirect(4096);
    private final RequestHead request = RequestHead.of("GET", "/", Headers.of("Host", "example.com"));
    private final ResponseHead response = ResponseHead.of(
            200,
            Headers.of("Date", "Sat, 21 Nov 2026 12:00:00 GMT", "Content-Type", "text/plain", "Content-Length", "13"));
    private ByteBuf nettyHeads = Unpooled.EMPTY_BUFFER;

    /** Puts the heads one behind the other. */
    @Setup
    public void setUp() {
        for (int i = 0; i < HEADS; i++) {
            heads.put(head);
        }
        nettyHeads = Unpooled.wrappedBuffer(heads.flip().duplicate());
    }

    /** The decoder: head and end of each request. */
    @Benchmark
    @OperationsPerInvocation(HEADS)
    public void meerkat(Blackhole hole) {
        ByteBuffer in = heads.rewind();
        while (in.hasRemaining()) {
            if (decoder.decode(in) != Signal.HEAD) {
                throw new IllegalStateException();
            }
            hole.consume(decoder.requestHead());
            if (decoder.decode(in) != Signal.END) {
                throw new IllegalStateException();
            }
            decoder.next();
        }
    }

    /** The same, and the bytes come in two halves, as a slow client's do. */
    @Benchmark
    @OperationsPerInvocation(HEADS)
    public void meerkatInHalves(Blackhole hole) {
        ByteBuffer in = heads.rewind();
        for (int i = 0; i < HEADS; i++) {
            if (decoder.decode(in.limit(i * head.length + head.length / 2)) != Signal.NEED_DATA) {
                throw new IllegalStateException();
            }
            if (decoder.decode(in.limit((i + 1) * head.length)) != Signal.HEAD) {
                throw new IllegalStateException();
            }
            hole.consume(decoder.requestHead());
            hole.consume(decoder.decode(in));
            decoder.next();
        }
    }

    /** Netty's decoder in a channel without a socket; its defaults. */
    @Benchmark
    @OperationsPerInvocation(HEADS)
    public void netty(Blackhole hole) {
        netty.writeInbound(nettyHeads.retainedDuplicate());
        Object message = netty.readInbound();
        while (message != null) {
            hole.consume(message);
            ReferenceCountUtil.release(message);
            message = netty.readInbound();
        }
    }

    /** The least that keeping a head costs: one array, one copy. */
    @Benchmark
    @OperationsPerInvocation(HEADS)
    public void copy(Blackhole hole) {
        ByteBuffer in = heads.rewind();
        while (in.hasRemaining()) {
            byte[] kept = new byte[head.length];
            in.get(kept);
            hole.consume(kept);
        }
    }

    /** The least that looking at each byte of it costs. */
    @Benchmark
    @OperationsPerInvocation(HEADS)
    public int scan() {
        int lines = 0;
        for (int i = 0; i < heads.capacity(); i++) {
            if (heads.get(i) == '\n') {
                lines++;
            }
        }
        return lines;
    }

    /** A response whose head was made before: checked, written, counted and ended. */
    @Benchmark
    public ByteBuffer encode() {
        out.clear();
        encoder.response(response, request, out);
        encoder.beforeData(13, out);
        encoder.afterData(13, out);
        encoder.end(out);
        return out;
    }
}
