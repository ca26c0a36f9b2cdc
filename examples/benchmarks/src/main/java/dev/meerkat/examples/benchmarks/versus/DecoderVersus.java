package dev.meerkat.examples.benchmarks.versus;

import com.sun.management.ThreadMXBean;
import dev.meerkat.examples.benchmarks.jmh.HttpDecoderBenchmark;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.internal.http1.Http1Decoder;
import dev.meerkat.internal.http1.Signal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.ReferenceCountUtil;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Decoders of HTTP/1.1 in one run, in turns: heads of 489 bytes, 64 of them one behind the other in a direct buffer.
 * Processor time of the thread, which other programs do not stretch. The floor is the least that keeping a head costs:
 * an array and a copy.
 *
 * <p>Arguments: {@code [--heads N a round] [--rounds N]}.
 */
public final class DecoderVersus {
    private static final String USAGE = "usage: DecoderVersus [--heads N] [--rounds N]";
    private static final int WARM_UP_ROUNDS = 6;
    private static final int TOGETHER = 64;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final byte[] head = HttpDecoderBenchmark.HEAD.getBytes(StandardCharsets.ISO_8859_1);
    private final ByteBuffer heads = ByteBuffer.allocateDirect(TOGETHER * head.length);
    private final Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
    private final EmbeddedChannel netty = new EmbeddedChannel(new HttpRequestDecoder());
    private final ByteBuf nettyHeads;
    private Object last = "";

    private DecoderVersus() {
        for (int i = 0; i < TOGETHER; i++) {
            heads.put(head);
        }
        nettyHeads = Unpooled.wrappedBuffer(heads.flip().duplicate());
    }

    /** Reads all heads once; answers how many there were. */
    @FunctionalInterface
    private interface Reader {
        int read();
    }

    private record Contestant(String title, Reader reader, Samples nanos, Samples bytes) {}

    /**
     * Measures and prints a table.
     *
     * @param args see above
     */
    public static void main(String[] args) {
        Arguments arguments = new Arguments(args, USAGE, Map.of("heads", 200_000.0, "rounds", 11.0));
        System.out.println(Machine.describe());
        new DecoderVersus().measure(arguments.count("heads"), arguments.count("rounds"));
    }

    private void measure(int count, int rounds) {
        List<Contestant> all = List.of(
                new Contestant("copy", this::copy, new Samples(), new Samples()),
                new Contestant("Meerkat", this::meerkat, new Samples(), new Samples()),
                new Contestant("Meerkat, in halves", this::meerkatInHalves, new Samples(), new Samples()),
                new Contestant("Netty", this::netty, new Samples(), new Samples()));
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            for (Contestant each : all) {
                long bytes = THREADS.getCurrentThreadAllocatedBytes();
                long begin = THREADS.getCurrentThreadCpuTime();
                int read = 0;
                while (read < count) {
                    read += each.reader.read();
                }
                long nanos = THREADS.getCurrentThreadCpuTime() - begin;
                if (round >= 0) {
                    each.nanos.add(nanos / (double) read);
                    each.bytes.add((THREADS.getCurrentThreadAllocatedBytes() - bytes) / (double) read);
                }
            }
        }
        print(all, count, rounds);
    }

    private void print(List<Contestant> all, int count, int rounds) {
        System.out.printf("%nHeads of %d bytes, %,d a round; median of %d rounds%n", head.length, count, rounds);
        Table.head("decoder", "CPU ns a head", "min..max", "GB/s", "to Netty", "bytes allocated a head");
        Samples netty = all.get(all.size() - 1).nanos;
        for (Contestant each : all) {
            double[] ratios = new double[rounds];
            for (int i = 0; i < rounds; i++) {
                ratios[i] = netty.get(i) / each.nanos.get(i);
            }
            Table.row(
                    each.title,
                    Table.number(each.nanos.median(), 0),
                    Table.number(each.nanos.min(), 0) + ".." + Table.number(each.nanos.max(), 0),
                    Table.number(head.length / each.nanos.median(), 2),
                    Table.number(Samples.of(ratios).median(), 1),
                    Table.number(each.bytes.median(), 0));
        }
        if (last == null) {
            throw new AssertionError("nothing was read");
        }
    }

    private int copy() {
        heads.rewind();
        while (heads.hasRemaining()) {
            byte[] kept = new byte[head.length];
            heads.get(kept);
            last = kept;
        }
        return TOGETHER;
    }

    private int meerkat() {
        heads.rewind();
        while (heads.hasRemaining()) {
            readOne();
        }
        return TOGETHER;
    }

    private int meerkatInHalves() {
        heads.rewind();
        for (int i = 0; i < TOGETHER; i++) {
            require(Signal.NEED_DATA, decoder.decode(heads.limit(i * head.length + head.length / 2)));
            heads.limit((i + 1) * head.length);
            readOne();
        }
        return TOGETHER;
    }

    private void readOne() {
        require(Signal.HEAD, decoder.decode(heads));
        last = decoder.requestHead();
        require(Signal.END, decoder.decode(heads));
        decoder.next();
    }

    private static void require(Signal expected, Signal found) {
        if (expected != found) {
            throw new AssertionError(found);
        }
    }

    private int netty() {
        netty.writeInbound(nettyHeads.retainedDuplicate());
        for (Object message = netty.readInbound(); message != null; message = netty.readInbound()) {
            last = message;
            ReferenceCountUtil.release(message);
        }
        return TOGETHER;
    }
}
