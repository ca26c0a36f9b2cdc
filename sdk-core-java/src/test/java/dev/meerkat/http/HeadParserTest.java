package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HeadParserTest {
    private final HeadParser parser = new HeadParser(HttpLimits.DEFAULT);

    @Test
    void everyByteIsLookedAtOnceHoweverFewCome() throws HttpException {
        StringBuilder text = new StringBuilder("GET / HTTP/1.1\r\nHost: h\r\n");
        for (int i = 0; i < 90; i++) {
            text.append("X-").append(i).append(": ").append("v".repeat(300)).append("\r\n");
        }
        ByteBuffer in = buffer(text + "\r\n");
        int length = in.limit();
        for (int come = 1; come < length; come++) {
            assertNull(parser.parseRequest(in.limit(come)));
        }
        assertNotNull(parser.parseRequest(in.limit(length)));
        // Once, and again the byte at which the search stops: one a call, whose number is that of the bytes here.
        assertTrue(parser.examined() <= 2L * length + 2, parser.examined() + " for " + length);
        assertEquals(length, in.position());
    }

    @Test
    void aHeadDoesNotDependOnTheBufferItCameIn() throws HttpException {
        ByteBuffer in = buffer("GET /a HTTP/1.1\r\nHost: h\r\n\r\nrest");
        RequestHead head = parser.parseRequest(in);
        for (int i = 0; i < in.limit(); i++) {
            in.put(i, (byte) 0);
        }
        assertEquals(RequestHead.of("GET", "/a", Headers.of("host", "h")), head);
        assertEquals(4, in.remaining());
    }

    @Test
    void theByteOrderOfABufferDoesNotMatter() throws HttpException {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            ByteBuffer in = buffer("GET /~~~\u007e~ HTTP/1.1\r\nHost: h\r\nX: \u0080\u00ff\u00a0~~\t~\r\n\r\n")
                    .order(order);
            RequestHead head = parser.parseRequest(in);
            assertNotNull(head);
            assertEquals("\u0080\u00ff\u00a0~~\t~", head.headers().value(1));
        }
    }

    @Test
    void everyControlByteIsFoundWhereverItStands() {
        for (int octet = 0; octet < 256; octet++) {
            boolean control = octet < ' ' || octet == 0x7f;
            for (int at = 0; at < 20; at++) {
                ByteBuffer in = ByteBuffer.allocate(21);
                for (int i = 0; i < 21; i++) {
                    in.put(i, (byte) (i % 2 == 0 ? 0xff : 0x80));
                }
                in.put(at, (byte) octet);
                assertEquals(control ? at : 20, HeadScanner.nextControl(in, 0, 20));
                assertEquals(control ? at : 20, HeadScanner.nextControl(in.order(ByteOrder.LITTLE_ENDIAN), 0, 20));
            }
        }
    }

    @Test
    void oneParserReadsHeadsFieldsAndTrailersInTurn() throws HttpException {
        ByteBuffer in = buffer("GET / HTTP/1.1\r\nHost: h\r\n\r\nA: b\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
        assertNotNull(parser.parseRequest(in));
        assertEquals(Headers.of("A", "b"), parser.parseTrailers(in));
        assertEquals(Headers.EMPTY, parser.parseFields(in));
        assertEquals(ResponseHead.of(200, Headers.EMPTY), parser.parseResponse(in));
        assertFalse(in.hasRemaining());
        assertFalse(parser.hasBegun());
    }

    @Test
    void whatArrivedCanBeSentOnAndChanged() throws HttpException {
        String wire = "GET /a?b HTTP/1.0\r\nX:y\r\nZ:  1  \r\n\r\n";
        RequestHead head = parser.parseRequest(buffer(wire));
        assertNotNull(head);
        ByteBuffer out = ByteBuffer.allocate(head.encodedLength());
        head.writeTo(out);
        assertEquals(wire, new String(out.array(), StandardCharsets.ISO_8859_1));
        Headers changed = head.headers().toBuilder().set("Z", "2").build();
        assertEquals(Headers.of("X", "y", "Z", "2"), head.withHeaders(changed).headers());
    }

    @Test
    void aRefusalShowsWhatWasFoundInPrintableLetters() {
        HttpException refused = assertThrows(
                HttpException.class,
                () -> parser.parseRequest(buffer("G\u00e4T /" + "x".repeat(200) + " HTTP/1.1\r\nHost: h\r\n\r\n")));
        assertEquals(HttpRule.MALFORMED_METHOD, refused.error().rule());
        assertTrue(
                refused.error().message().contains("G\\xe4T"), refused.error().message());
        assertTrue(refused.getMessage().contains("RFC 9110 9.1"), refused.getMessage());
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
