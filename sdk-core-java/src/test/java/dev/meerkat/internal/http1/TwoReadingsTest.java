package dev.meerkat.internal.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpVersion;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One stream of bytes has one reading, and what is written is what is read; by seeds. */
class TwoReadingsTest {
    private static final HttpLimits LIMITS = HttpLimits.builder()
            .startLineBytes(60)
            .headerCount(6)
            .headerBytes(150)
            .bodyBytes(40)
            .trailerCount(2)
            .trailerBytes(30)
            .chunkLineBytes(20)
            .chunkExtensionBytes(20)
            .build();

    private static final List<String> SEEDS = List.of(
            "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
            "POST /p?q HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\none\r\n0\r\nA: b\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
            "GET http://h/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "\r\nOPTIONS * HTTP/1.1\r\nHost: h\r\nX: a, b\r\n\r\n");

    private static final List<String> RESPONSES = List.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.1 100 \r\n\r\nHTTP/1.1 204 x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\nX: y\r\n\r\nrest");

    /** What is put somewhere. */
    private static final List<String> PIECES = List.of(
            "\r",
            "\n",
            "\r\n",
            "\r\n\r\n",
            "\0",
            "\t",
            " ",
            ":",
            ",",
            ";",
            "=",
            "\"",
            "\\",
            "0",
            "1",
            "f",
            "+",
            "-",
            "\u0080",
            "\u007f",
            "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Host: x\r\n",
            "chunked",
            "GET / HTTP/1.1",
            "HTTP/1.1 200 OK\r\n",
            "0\r\n\r\n",
            "Connection: close\r\n");

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theSameBytesInOtherPiecesAreTheSameMessages(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 400; round++) {
            boolean server = random.nextInt(4) > 0;
            byte[] stream = Wire.bytes(mutated(random, server ? SEEDS : RESPONSES));
            List<String> whole = read(server, stream);
            String what = "seed " + seed + " round " + round + ": " + new String(stream, StandardCharsets.ISO_8859_1);
            assertEquals(whole, read(server, stream, Wire.everyByte(stream.length)), what);
            for (int i = 0; i < 3 && stream.length > 1; i++) {
                int[] cuts = random.ints(random.nextInt(1, 6), 0, stream.length)
                        .sorted()
                        .toArray();
                assertEquals(whole, read(server, stream, cuts), () -> what + Arrays.toString(cuts));
            }
        }
    }

    private static List<String> read(boolean server, byte[] stream, int... cuts) {
        return server
                ? Wire.requests(LIMITS, stream, cuts)
                : Wire.responses(LIMITS, stream, new String[] {"GET", "HEAD", "^GET"}, cuts);
    }

    private static String mutated(SplittableRandom random, List<String> samples) {
        StringBuilder stream = new StringBuilder();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            stream.append(samples.get(random.nextInt(samples.size())));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(stream.length());
            switch (random.nextInt(4)) {
                case 0 -> stream.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 1 -> stream.deleteCharAt(at);
                case 2 -> stream.setCharAt(at, (char) random.nextInt(256));
                default -> stream.insert(at, stream.substring(at, Math.min(stream.length(), at + random.nextInt(12))));
            }
            if (stream.length() == 0) {
                stream.append('x');
            }
        }
        return stream.toString();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whatIsWrittenIsWhatIsRead(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            ByteBuffer out = ByteBuffer.allocate(100_000);
            List<String> written = new ArrayList<>();
            Http1Encoder encoder = new Http1Encoder();
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                request(random, encoder, out, written);
            }
            written.add("closed");
            byte[] stream = Arrays.copyOf(out.array(), out.position());
            int[] cuts = random.ints(3, 0, stream.length).sorted().toArray();
            assertEquals(written, Wire.requests(HttpLimits.DEFAULT, stream, cuts), "seed " + seed + " round " + round);
        }
    }

    private static void request(SplittableRandom random, Http1Encoder encoder, ByteBuffer out, List<String> written) {
        Headers.Builder headers = Headers.builder().add("Host", "h").add("X-" + random.nextInt(), value(random));
        String body = random.nextBoolean() ? "" : value(random).trim().repeat(random.nextInt(1, 40));
        boolean chunked = random.nextBoolean();
        if (chunked) {
            headers.add("Transfer-Encoding", "chunked");
        } else if (!body.isEmpty()) {
            headers.add("Content-Length", Integer.toString(body.length()));
        }
        RequestHead head = RequestHead.of("POST", "/" + random.nextInt(), headers.build());
        encoder.request(head, out);
        written.add("POST " + head.target() + " HTTP/1.1 " + head.headers());
        for (int at = 0; at < body.length(); ) {
            int count = random.nextInt(1, body.length() - at + 1);
            encoder.beforeData(count, out);
            out.put(Wire.bytes(body.substring(at, at + count)));
            encoder.afterData(count, out);
            at += count;
        }
        if (!body.isEmpty()) {
            written.add("body " + body);
        }
        Headers trailers = chunked && random.nextBoolean() ? Headers.of("T", value(random)) : Headers.EMPTY;
        encoder.end(trailers, out);
        written.add("end" + (trailers.isEmpty() ? "" : " " + trailers));
    }

    private static String value(SplittableRandom random) {
        StringBuilder text = new StringBuilder("v");
        for (int i = random.nextInt(20); i > 0; i--) {
            int letter = random.nextInt(256);
            text.append(letter < ' ' || letter == 0x7f ? '\t' : (char) letter);
        }
        return text.append('v').toString();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void aResponseThatIsWrittenIsWhatIsRead(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            int status = random.nextInt(200, 600);
            String method = random.nextBoolean() ? "GET" : "HEAD";
            boolean none = Framing.hasNoBody(status, method);
            Headers headers = status == 204
                    ? Headers.EMPTY
                    : random.nextBoolean()
                            ? Headers.of("Content-Length", "3")
                            : Headers.of("Transfer-Encoding", "chunked");
            ResponseHead head = ResponseHead.of(HttpVersion.HTTP_1_1, status, value(random), headers);
            ByteBuffer out = ByteBuffer.allocate(1000);
            Http1Encoder encoder = new Http1Encoder();
            encoder.response(head, method, HttpVersion.HTTP_1_1, out);
            if (!none) {
                encoder.beforeData(3, out);
                out.put(Wire.bytes("abc"));
                encoder.afterData(3, out);
            }
            encoder.end(out);
            byte[] stream = Arrays.copyOf(out.array(), out.position());
            List<String> expected = new ArrayList<>(List.of(head.toString()));
            if (!none) {
                expected.add("body abc");
            }
            expected.addAll(List.of("end", "closed"));
            assertEquals(expected, Wire.responses(HttpLimits.DEFAULT, stream, new String[] {method}));
        }
    }
}
