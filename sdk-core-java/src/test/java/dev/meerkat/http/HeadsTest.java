package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeadsTest {
    private static final Headers HOST = Headers.of("Host", "example.com");

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "GET, /a/b?c=d&e?, ORIGIN, /a/b, c=d&e?, example.com",
                "GET, /, ORIGIN, /, -, example.com",
                "GET, /?, ORIGIN, /, '', example.com",
                "GET, //x@y:1, ORIGIN, //x@y:1, -, example.com",
                "GET, http://h:81/p?q, ABSOLUTE, /p, q, h:81",
                "GET, http://h, ABSOLUTE, /, -, h",
                "GET, https://[::1]?q, ABSOLUTE, /, q, [::1]",
                "CONNECT, h:443, AUTHORITY, '', -, h:443",
                "OPTIONS, *, ASTERISK, *, -, example.com"
            })
    void aTargetHasOneOfFourForms(
            String method, String target, TargetForm form, String path, String query, String authority) {
        RequestHead head = RequestHead.of(method, target, HOST);
        assertEquals(form, head.targetForm());
        assertEquals(target, head.target());
        assertEquals(path, head.path());
        assertEquals(Optional.ofNullable(query), head.query());
        assertEquals(Optional.of(authority), head.authority());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "/a b",
                "/a#b",
                "/\u00e9",
                "/\u0000",
                "*",
                "**",
                "http:/x",
                "http://",
                "http:///x",
                "http://u@h/",
                "http://h:x/",
                "http://h:65536/",
                "://h/",
                "1http://h/",
                "h:443",
                "/a\r\nX: y",
                "http://[/",
                "http://[]/",
                "/\u0100",
                "http://h:000080/"
            })
    void anotherTargetIsRefused(String target) {
        assertThrows(MalformedHeadException.class, () -> RequestHead.of("GET", target, HOST));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "*", "h", "h:", "http://h/", ":1", "h:1/", "u@h:1", "[::1]"})
    void connectHasHostAndPort(String target) {
        assertThrows(MalformedHeadException.class, () -> RequestHead.of("CONNECT", target, HOST));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "G T", "GET\r", "G:T", "\u00c4", "\u0100"})
    void aMethodIsAToken(String method) {
        assertThrows(MalformedHeadException.class, () -> RequestHead.of(method, "/", HOST));
    }

    @Test
    void theCaseOfAMethodMatters() {
        assertTrue(RequestHead.of("get", "/", HOST).isMethod("get"));
        assertFalse(RequestHead.of("get", "/", HOST).isMethod("GET"));
        assertThrows(MalformedHeadException.class, () -> RequestHead.of("connect", "h:1", HOST));
    }

    @Test
    void theUsualMethodsAreAlwaysTheSameString() {
        assertSame("GET", RequestHead.of(new String("GET"), "/", HOST).method());
        assertEquals("PROPFIND", RequestHead.of("PROPFIND", "/", HOST).method());
    }

    @Test
    void aRequestIsWrittenAsItStandsOnTheWire() {
        RequestHead head = RequestHead.of("GET", "/x", HOST);
        ByteBuffer written = ByteBuffer.allocate(head.encodedLength());
        head.writeTo(written);
        assertEquals("GET /x HTTP/1.1\r\nHost: example.com\r\n\r\n", text(written));
        assertEquals(head, head.withHeaders(HOST));
    }

    @Test
    void aResponseIsWrittenAsItStandsOnTheWire() {
        ResponseHead head = ResponseHead.of(404, Headers.of("Content-Length", "0"));
        ByteBuffer written = ByteBuffer.allocate(head.encodedLength());
        head.writeTo(written);
        assertEquals("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", text(written));
        ResponseHead other = ResponseHead.of(HttpVersion.HTTP_1_0, 299, "", Headers.EMPTY);
        ByteBuffer second = ByteBuffer.allocate(other.encodedLength());
        other.writeTo(second);
        assertEquals("HTTP/1.0 299 \r\n\r\n", text(second));
    }

    @Test
    void aStatusIsAHundredToFiveHundredNinetyNine() {
        assertThrows(MalformedHeadException.class, () -> ResponseHead.of(99, Headers.EMPTY));
        assertThrows(MalformedHeadException.class, () -> ResponseHead.of(600, Headers.EMPTY));
        assertEquals(599, ResponseHead.of(599, Headers.EMPTY).status());
        assertThrows(
                MalformedHeadException.class,
                () -> ResponseHead.of(HttpVersion.HTTP_1_1, 200, "O\r\nK", Headers.EMPTY));
    }

    @Test
    void onlySomeResponsesAreFollowedByAnother() {
        assertTrue(ResponseHead.of(100, Headers.EMPTY).isInformational());
        assertFalse(ResponseHead.of(101, Headers.EMPTY).isInformational());
        assertTrue(ResponseHead.of(103, Headers.EMPTY).isInformational());
        assertFalse(ResponseHead.of(200, Headers.EMPTY).isInformational());
    }

    private static String text(ByteBuffer written) {
        assertFalse(written.hasRemaining());
        return new String(written.array(), StandardCharsets.ISO_8859_1);
    }
}
