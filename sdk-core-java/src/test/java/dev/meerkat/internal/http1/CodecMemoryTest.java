package dev.meerkat.internal.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import dev.meerkat.internal.buffer.Allocations;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What is made while messages pass: heads, and nothing else. */
class CodecMemoryTest {
    private static final int ROUNDS = 2000;

    @Test
    void aHeadCostsItsBytesAndAFewNumbers() throws ReflectiveOperationException {
        String head =
                "GET /path?query HTTP/1.1\r\nHost: example.com\r\nAccept: text/html, */*\r\nConnection: keep-alive\r\n"
                        + "Cookie: " + "c".repeat(300) + "\r\n\r\n";
        Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
        ByteBuffer in = ByteBuffer.allocateDirect(head.length()).put(Wire.bytes(head));
        long spent = perRound(() -> {
            in.rewind();
            assertSignal(Signal.HEAD, decoder.decode(in));
            assertSignal(Signal.END, decoder.decode(in));
            decoder.next();
        });
        long numbers = 16 + 16 * 4; // bounds of 4 fields, an array
        long objects = 24 + 48 + 40; // the array's header, the head, its fields
        assertTrue(spent <= head.length() + numbers + objects, spent + " for " + head.length());
    }

    @Test
    void aBodyCostsNothing() throws ReflectiveOperationException {
        Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
        ByteBuffer head =
                ByteBuffer.wrap(Wire.bytes("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
        assertSignal(Signal.HEAD, decoder.decode(head));
        ByteBuffer in = ByteBuffer.allocateDirect(100)
                .put(Wire.bytes("10\r\n0123456789abcdef\r\n"))
                .flip();
        long spent = perRound(() -> {
            in.rewind();
            assertSignal(Signal.BODY, decoder.decode(in));
            assertEquals(16, decoder.bodyLength());
            assertSignal(Signal.NEED_DATA, decoder.decode(in));
        });
        assertEquals(0, spent);
    }

    @Test
    void whatIsWrittenCostsNothing() throws ReflectiveOperationException {
        RequestHead request = RequestHead.of("GET", "/", Headers.of("Host", "h"));
        ResponseHead response = ResponseHead.of(200, Headers.of("Content-Length", "13", "Connection", "keep-alive"));
        Http1Encoder encoder = new Http1Encoder();
        ByteBuffer out = ByteBuffer.allocateDirect(200);
        long spent = perRound(() -> {
            encoder.response(response, request, out.clear());
            encoder.beforeData(13, out);
            encoder.afterData(13, out);
            encoder.end(out);
        });
        assertEquals(0, spent);
    }

    private static void assertSignal(Signal expected, Signal found) {
        if (expected != found) {
            throw new AssertionError(found);
        }
    }

    /** The least of several runs, since whatever else the thread does comes on top. */
    private static long perRound(Runnable round) throws ReflectiveOperationException {
        long least = Long.MAX_VALUE;
        for (int run = 0; run < 5; run++) {
            long before = Allocations.ofThisThread();
            for (int i = 0; i < ROUNDS; i++) {
                round.run();
            }
            least = Math.min(least, (Allocations.ofThisThread() - before) / ROUNDS);
        }
        return least;
    }
}
