package dev.meerkat.examples.benchmarks.jmh;

import dev.meerkat.http.Headers;
import dev.meerkat.http.RequestHead;
import dev.meerkat.internal.multipart.MultipartParser;
import dev.meerkat.multipart.MultipartLimits;
import dev.meerkat.multipart.PartEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
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
 * What it costs to find the parts of an upload of one mebibyte, read in pieces of 64 KiB as a loop reads them, beside
 * looking at each byte once. 1,000,000 divided by the result is MB/ms, which is GB/s.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MultipartBenchmark {
    private static final int PIECE_BYTES = 65_536;
    private static final int FILE_BYTES = 1 << 20;

    /** What is uploaded: bytes at random, lines of text, or what makes the search slowest. */
    @Param({"random", "text", "bait"})
    public String content = "random";

    /** The boundary: as curl makes it, or the shortest there is. */
    @Param({"------------------------d74496d66958873e", "b"})
    public String boundary = "b";

    private static final RequestHead HEAD = RequestHead.of("POST", "/", Headers.of("Host", "localhost"));

    private final MultipartLimits limits = MultipartLimits.defaults();
    private ByteBuffer body = ByteBuffer.allocate(0);
    private long seen;

    /** Makes the body, in memory outside the heap and read-only, as handlers get it. */
    @Setup
    public void setUp() {
        byte[] file = new byte[FILE_BYTES];
        Random random = new Random(1);
        switch (content) {
            case "random" -> random.nextBytes(file);
            case "text" -> fill(file, "The quick brown fox - it jumps over 13 lazy dogs -- every day.\r\n");
            case "bait" -> fill(file, ("\r\n--" + boundary).substring(1).repeat(8) + "\r\r\n-");
            default -> throw new IllegalArgumentException(content);
        }
        byte[] head = ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.bin\"\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] end = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
        body = ByteBuffer.allocateDirect(head.length + file.length + end.length)
                .put(head)
                .put(file)
                .put(end)
                .flip()
                .asReadOnlyBuffer();
    }

    private static void fill(byte[] file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < file.length; i++) {
            file[i] = bytes[i % bytes.length];
        }
    }

    /** Reads the body as parts, and adds up the lengths of the data. */
    @Benchmark
    public long parse() throws Exception {
        seen = 0;
        MultipartParser parser = new MultipartParser(boundary, limits, event -> {
            if (event instanceof PartEvent.PartData data) {
                seen += data.bytes().remaining();
            }
        });
        parser.start(HEAD);
        ByteBuffer input = body.duplicate();
        int end = input.limit();
        while (input.position() < end) {
            input.limit(Math.min(end, input.position() + PIECE_BYTES));
            parser.take(input);
        }
        parser.finish();
        if (seen < FILE_BYTES) {
            throw new IllegalStateException("lost " + (FILE_BYTES - seen));
        }
        return seen;
    }

    /** Looks at each byte once: what a search for a single character costs at least. */
    @Benchmark
    public long plainScan() {
        ByteBuffer input = body;
        int found = 0;
        for (int i = input.position(), end = input.limit(); i < end; i++) {
            if (input.get(i) == '\r') {
                found++;
            }
        }
        return found;
    }
}
