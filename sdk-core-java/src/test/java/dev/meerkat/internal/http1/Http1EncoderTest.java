package dev.meerkat.internal.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpVersion;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Http1EncoderTest {
    private static final Headers CHUNKED = Headers.of("Transfer-Encoding", "chunked");
    private static final RequestHead GET = RequestHead.of("GET", "/", Headers.of("Host", "h"));

    private final Http1Encoder encoder = new Http1Encoder();
    private final ByteBuffer out = ByteBuffer.allocate(1000);

    @Test
    void aRequestWithABodyOfKnownLength() {
        encoder.request(RequestHead.of("PUT", "/x", Headers.of("Host", "h", "Content-Length", "3")), out);
        assertTrue(encoder.isInMessage());
        data("ab");
        assertEquals(1, encoder.remaining());
        data("c");
        encoder.end(out);
        written("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
        assertFalse(encoder.isInMessage());
        assertTrue(encoder.isPersistent());
    }

    @Test
    void aResponseInChunksWithTrailers() {
        encoder.response(ResponseHead.of(200, CHUNKED), GET, out);
        assertTrue(encoder.isChunked());
        data("one");
        data("");
        data("x".repeat(0x1af));
        encoder.end(Headers.of("Digest", "z"), out);
        written("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n1af\r\n" + "x".repeat(0x1af)
                + "\r\n0\r\nDigest: z\r\n\r\n");
    }

    @Test
    void aResponseWithoutLengthEndsWithTheConnection() {
        encoder.response(ResponseHead.of(200, Headers.EMPTY), GET, out);
        data("abc");
        encoder.end(out);
        written("HTTP/1.1 200 OK\r\n\r\nabc");
        assertFalse(encoder.isPersistent());
    }

    @Test
    void informationalResponsesComeBeforeTheAnswer() {
        encoder.response(ResponseHead.of(100, Headers.EMPTY), GET, out);
        encoder.response(ResponseHead.of(103, Headers.of("Link", "x")), GET, out);
        encoder.response(ResponseHead.of(204, Headers.EMPTY), GET, out);
        encoder.end(out);
        written(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
        assertTrue(encoder.isPersistent());
    }

    @ParameterizedTest
    @CsvSource({"HEAD, 200", "GET, 304"})
    void aLengthWithoutABodyIsAnnouncedAndNotSent(String method, int status) {
        encoder.response(ResponseHead.of(status, Headers.of("Content-Length", "9")), method, HttpVersion.HTTP_1_1, out);
        assertThrows(IllegalStateException.class, () -> encoder.beforeData(1, out));
        encoder.end(out);
        assertTrue(encoder.isPersistent());
    }

    @Test
    void aBodyIsNeitherLongerNorShorterThanItsLength() {
        encoder.response(ResponseHead.of(200, Headers.of("Content-Length", "2")), GET, out);
        assertThrows(IllegalStateException.class, () -> encoder.beforeData(3, out));
        data("a");
        assertThrows(IllegalStateException.class, () -> encoder.end(out));
        data("b");
        encoder.end(out);
    }

    @Test
    void partsComeInTheirOrder() {
        assertThrows(IllegalStateException.class, () -> encoder.beforeData(1, out));
        assertThrows(IllegalStateException.class, () -> encoder.end(out));
        encoder.response(ResponseHead.of(200, Headers.of("Content-Length", "2")), GET, out);
        assertThrows(IllegalStateException.class, () -> encoder.response(ResponseHead.of(200, CHUNKED), GET, out));
        assertThrows(IllegalStateException.class, () -> encoder.request(GET, out));
        assertThrows(IllegalArgumentException.class, () -> encoder.beforeData(-1, out));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length=1|Transfer-Encoding=chunked",
                "Content-Length=1|Content-Length=1",
                "Content-Length=+1",
                "Content-Length=1, 1",
                "Content-Length=",
                "Transfer-Encoding=gzip, chunked",
                "Transfer-Encoding=identity",
                "Transfer-Encoding=chunked, chunked",
                "Transfer-Encoding=chunked|Transfer-Encoding=chunked",
                "Transfer-Encoding=,chunked",
                "Content-Length=-1",
                "Content-Length=1000000000000000000"
            })
    void noHeadSaysTwoThingsOfItsBody(String fields) {
        Headers.Builder builder = Headers.builder();
        for (String field : fields.split("\\|", -1)) {
            builder.add(field.split("=", 2)[0], field.split("=", 2)[1]);
        }
        Headers headers = builder.build();
        assertThrows(IllegalArgumentException.class, () -> encoder.response(ResponseHead.of(200, headers), GET, out));
        RequestHead request =
                RequestHead.of("PUT", "/", headers.toBuilder().add("Host", "h").build());
        assertThrows(IllegalArgumentException.class, () -> encoder.request(request, out));
        assertEquals(0, out.position());
        encoder.request(GET, out); // nothing has happened
    }

    @Test
    void aRequestHasOneHost() {
        assertThrows(
                IllegalArgumentException.class, () -> encoder.request(RequestHead.of("GET", "/", Headers.EMPTY), out));
        Headers two = Headers.of("Host", "a", "host", "a");
        assertThrows(IllegalArgumentException.class, () -> encoder.request(RequestHead.of("GET", "/", two), out));
        encoder.request(RequestHead.of(HttpVersion.HTTP_1_0, "GET", "/", Headers.EMPTY), out);
        assertFalse(encoder.isPersistent());
    }

    @ParameterizedTest
    @CsvSource({"100, GET", "101, GET", "204, GET", "200, CONNECT", "299, CONNECT"})
    void whatHasNoBodyNamesNoLengthAndNoCoding(int status, String method) {
        for (Headers headers : new Headers[] {CHUNKED, Headers.of("Content-Length", "0")}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> encoder.response(ResponseHead.of(status, headers), method, HttpVersion.HTTP_1_1, out));
        }
    }

    @Test
    void whoSpeaksHttp10GetsNoChunksAndNoInformation() {
        assertThrows(
                IllegalArgumentException.class,
                () -> encoder.response(ResponseHead.of(200, CHUNKED), "GET", HttpVersion.HTTP_1_0, out));
        assertThrows(
                IllegalArgumentException.class,
                () -> encoder.response(ResponseHead.of(100, Headers.EMPTY), "GET", HttpVersion.HTTP_1_0, out));
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP_1_1, '', true",
        "HTTP_1_1, close, false",
        "HTTP_1_1, 'x, CLOSE', false",
        "HTTP_1_0, '', false",
        "HTTP_1_0, keep-alive, true",
        "HTTP_1_0, 'keep-alive, close', false"
    })
    void whetherTheConnectionGoesOnDependsOnVersionAndField(HttpVersion version, String connection, boolean goesOn) {
        Headers headers = Headers.of("Connection", connection, "Content-Length", "0");
        encoder.response(ResponseHead.of(200, headers), "GET", version, out);
        assertEquals(goesOn, encoder.isPersistent());
    }

    @Test
    void trailersComeBehindChunksOnlyAndSayNothingThatAHeadMustSay() {
        encoder.response(ResponseHead.of(200, Headers.of("Content-Length", "0")), GET, out);
        assertThrows(IllegalArgumentException.class, () -> encoder.end(Headers.of("A", "b"), out));
        encoder.end(out);
        encoder.response(ResponseHead.of(200, CHUNKED), GET, out);
        assertThrows(IllegalArgumentException.class, () -> encoder.end(Headers.of("Content-Length", "1"), out));
        encoder.end(Headers.of("A", "b"), out);
    }

    @Test
    void withoutRoomNothingIsWritten() {
        int length = GET.encodedLength();
        ByteBuffer small = ByteBuffer.allocate(length - 1);
        assertThrows(BufferOverflowException.class, () -> encoder.request(GET, small));
        assertEquals(0, small.position());
        encoder.request(GET, ByteBuffer.allocate(length));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 15, 16, 255, 256, 4096, 65535, 1L << 40, Long.MAX_VALUE})
    void theSizeOfAChunkIsHexadecimal(long size) {
        encoder.response(ResponseHead.of(200, CHUNKED), GET, ByteBuffer.allocate(100));
        encoder.beforeData(size, out);
        int before = out.position();
        encoder.afterData(size, out);
        assertTrue(out.position() <= Http1Encoder.CHUNK_OVERHEAD);
        assertEquals(Long.toHexString(size) + "\r\n\r\n", text());
        assertEquals(before + 2, out.position());
    }

    @Test
    void aPreparedHeadSaysOnceHowItsBodyIsFramed() {
        Headers fields = Headers.of("X", "y");
        assertEquals("HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 7\r\n", text(Http1Encoder.prepared(200, fields, 7)));
        String chunked = text(Http1Encoder.prepared(200, fields, Framing.CHUNKED));
        assertEquals("HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n", chunked);
        assertEquals(
                "HTTP/1.1 200 OK\r\nX: y\r\n",
                chunked.substring(0, chunked.length() - Http1Encoder.chunkedFieldLength()));
        assertEquals("HTTP/1.1 200 OK\r\nX: y\r\n", text(Http1Encoder.prepared(200, fields, Framing.UNTIL_CLOSE)));
        for (int status : new int[] {101, 204, 304}) {
            assertFalse(text(Http1Encoder.prepared(status, fields, 7)).contains("Content-Length"));
        }
        for (String name : new String[] {"content-length", "Transfer-Encoding"}) {
            Headers two = Headers.of(name, "1");
            assertThrows(IllegalArgumentException.class, () -> Http1Encoder.prepared(200, two, 1));
            assertThrows(IllegalArgumentException.class, () -> Http1Encoder.informational(103, two));
        }
        assertEquals("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n", text(Http1Encoder.informational(103, fields)));
    }

    @Test
    void behindAPreparedHeadABodyIsCountedAndFramedAsBehindAnyOther() {
        Http1Encoder fixed = Http1Encoder.behindHead(2);
        fixed.beforeData(2, out);
        assertThrows(IllegalStateException.class, () -> fixed.beforeData(1, out));
        fixed.end(out);
        Http1Encoder untilClose = Http1Encoder.behindHead(Framing.UNTIL_CLOSE);
        untilClose.beforeData(5, out);
        untilClose.end(out);
        written("");
        Http1Encoder chunked = Http1Encoder.behindHead(Framing.CHUNKED);
        chunked.beforeData(10, out);
        chunked.afterData(10, out);
        chunked.end(out);
        written("a\r\n\r\n0\r\n\r\n");
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private void data(String data) {
        encoder.beforeData(data.length(), out);
        out.put(Wire.bytes(data));
        encoder.afterData(data.length(), out);
    }

    private void written(String expected) {
        assertEquals(expected, text());
    }

    private String text() {
        return new String(out.array(), 0, out.position(), StandardCharsets.ISO_8859_1);
    }
}
