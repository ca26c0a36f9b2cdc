package dev.meerkat.internal.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpRule;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Exactly a limit is allowed, and a byte or a field more is not; however it comes. */
class CodecLimitsTest {
    private static final String HEAD = "POST / HTTP/1.1\r\nHost: h\r\n";
    private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";

    @Test
    void theStartLine() {
        HttpLimits limits = HttpLimits.builder().startLineBytes(20).build();
        accepted(limits, "GET /123456 HTTP/1.1\r\nHost: h\r\n\r\n");
        refused(limits, HttpRule.START_LINE_TOO_LONG, "GET /1234567 HTTP/1.1\r\nHost: h\r\n\r\n");
        refused(limits, HttpRule.START_LINE_TOO_LONG, "GET /1234567 HTTP/1.1"); // before the line ends
    }

    @Test
    void theNumberOfFields() {
        HttpLimits limits = HttpLimits.builder().headerCount(3).build();
        accepted(limits, HEAD + "A: b\r\nA: b\r\n\r\n");
        refused(limits, HttpRule.TOO_MANY_FIELDS, HEAD + "A: b\r\nA: b\r\nA: b\r\n\r\n");
        refused(limits, HttpRule.TOO_MANY_FIELDS, HEAD + "A: b\r\nA: b\r\nA");
    }

    @Test
    void theLengthOfAllFields() {
        HttpLimits limits = HttpLimits.builder().headerBytes(20).build();
        accepted(limits, HEAD + "A: 345678\r\n\r\n"); // 9 + 11
        refused(limits, HttpRule.FIELDS_TOO_LONG, HEAD + "A: 3456789\r\n\r\n");
        refused(limits, HttpRule.FIELDS_TOO_LONG, HEAD + "A: 3456789");
    }

    @Test
    void theBody() {
        HttpLimits limits = HttpLimits.builder().bodyBytes(3).build();
        accepted(limits, HEAD + "Content-Length: 3\r\n\r\nabc");
        refused(limits, HttpRule.BODY_TOO_LARGE, HEAD + "Content-Length: 4\r\n\r\n");
        accepted(limits, CHUNKED + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
        refused(limits, HttpRule.BODY_TOO_LARGE, CHUNKED + "2\r\nab\r\n2\r\n");
    }

    @Test
    void theBodyOfAResponseThatEndsWithTheConnection() {
        HttpLimits limits = HttpLimits.builder().bodyBytes(3).build();
        String[] get = {"GET"};
        String head = "HTTP/1.1 200 OK\r\n\r\n";
        for (int[] cuts : new int[][] {{}, {20}, {21, 22}}) {
            assertEquals(
                    List.of("HTTP/1.1 200 OK [] last", "body abc", "end", "closed"),
                    Wire.responses(limits, Wire.bytes(head + "abc"), get, cuts));
            assertEquals(
                    List.of("HTTP/1.1 200 OK [] last", "body abc", "failed BODY_TOO_LARGE"),
                    Wire.responses(limits, Wire.bytes(head + "abcd"), get, cuts));
        }
    }

    @Test
    void theLineInFrontOfAChunk() {
        HttpLimits limits = HttpLimits.builder().chunkLineBytes(16).build();
        accepted(limits, CHUNKED + "0".repeat(16) + "\r\n\r\n");
        refused(limits, HttpRule.CHUNK_LINE_TOO_LONG, CHUNKED + "0".repeat(17));
    }

    @Test
    void allChunkExtensionsOfABody() {
        HttpLimits limits = HttpLimits.builder().chunkExtensionBytes(4).build();
        accepted(limits, CHUNKED + "1;a\r\nx\r\n0;b\r\n\r\n");
        refused(limits, HttpRule.CHUNK_EXTENSIONS_TOO_LONG, CHUNKED + "1;a\r\nx\r\n0;bc");
        HttpLimits none = HttpLimits.builder().chunkExtensionBytes(0).build();
        accepted(none, CHUNKED + "0\r\n\r\n");
        refused(none, HttpRule.CHUNK_EXTENSIONS_TOO_LONG, CHUNKED + "0;");
    }

    @Test
    void extensionsOfOneBodyDoNotCountForTheNext() {
        HttpLimits limits = HttpLimits.builder().chunkExtensionBytes(4).build();
        accepted(limits, (CHUNKED + "0;abc\r\n\r\n").repeat(3));
    }

    @Test
    void trailers() {
        HttpLimits limits =
                HttpLimits.builder().trailerCount(2).trailerBytes(13).build();
        accepted(limits, CHUNKED + "0\r\nA: b\r\nA: bc\r\n\r\n");
        refused(limits, HttpRule.TRAILERS_TOO_LONG, CHUNKED + "0\r\nA: b\r\nA: bcd");
        refused(limits, HttpRule.TOO_MANY_TRAILERS, CHUNKED + "0\r\nA:\r\nA:\r\nA");
    }

    private static void accepted(HttpLimits limits, String stream) {
        for (int[] cuts : new int[][] {{}, Wire.everyByte(stream.length())}) {
            List<String> log = Wire.requests(limits, Wire.bytes(stream), cuts);
            assertEquals("closed", log.get(log.size() - 1), stream);
        }
    }

    private static void refused(HttpLimits limits, HttpRule rule, String stream) {
        assertEquals(rule, Wire.brokenBy(limits, stream), stream);
        assertEquals(rule, Wire.brokenBy(limits, stream, Wire.everyByte(stream.length())), stream);
    }
}
