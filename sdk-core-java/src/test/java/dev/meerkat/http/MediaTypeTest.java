package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                // The four that RFC 9110 8.3.1 calls equivalent.
                "text/html;charset=utf-8           | text/html; charset=utf-8",
                "Text/HTML;Charset=\"utf-8\"       | text/html; charset=utf-8",
                "text/html; charset=\"utf-8\"      | text/html; charset=utf-8",
                "text/html;charset=UTF-8           | text/html; charset=UTF-8",
                "application/vnd.api+json          | application/vnd.api+json",
                "text/plain ; a=1 ; b=2            | text/plain; a=1; b=2",
                "text/plain;a=1;;b=2;              | text/plain; a=1; b=2",
                "text/plain; a=1; A=2              | text/plain; a=1",
                "multipart/form-data; boundary=\"a b\" | multipart/form-data; boundary=\"a b\"",
                "a/b; c=\"\\\"\\\\;,\"             | a/b; c=\"\\\"\\\\;,\"",
                "a/b; c=\"\"                       | a/b; c=\"\"",
                "*/*                               | */*",
                "text/*                            | text/*",
            })
    void aTypeIsReadAndWritten(String text, String written) {
        MediaType type = MediaType.parse(text);
        assertEquals(written, type.toString());
        assertEquals(type, MediaType.parse(written));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text",
                "text/",
                "/html",
                "text /html",
                "text/ html",
                "text/html charset=utf-8",
                "text/html, text/plain",
                "text/html;charset",
                "text/html;charset =utf-8",
                "text/html;charset= utf-8",
                "text/html;charset=",
                "text/html;=utf-8",
                "text/html;a=\"b",
                "text/html;a=\"b\\",
                "text/html;a=\"b\"c",
                "text/html;a=b c",
                "text/html;a=\"\u0001\"",
                "text/html;a=\"\\\u0000\"",
                "*/html",
                "téxt/html",
            })
    void whatIsNoTypeIsRefused(String text) {
        assertThrows(MalformedTextException.class, () -> MediaType.parse(text));
    }

    @Test
    void theCharsetIsKnownOrNot() {
        assertEquals(
                Optional.of(StandardCharsets.ISO_8859_1),
                MediaType.parse("a/b;charset=latin1").charset());
        assertEquals(Optional.empty(), MediaType.parse("a/b").charset());
        assertThrows(
                UnsupportedCharsetException.class,
                () -> MediaType.parse("a/b;charset=klingon").charset());
        assertEquals(Optional.of("x"), MediaType.parse("a/b;Boundary=x").parameter("BOUNDARY"));
    }

    @Test
    void aTypeThatCouldNotBeWrittenIsNotMade() {
        var parameters = new LinkedHashMap<String, String>();
        parameters.put("a", "x\r\ny");
        assertThrows(MalformedTextException.class, () -> new MediaType("text", "plain", parameters));
        assertThrows(MalformedTextException.class, () -> new MediaType("te xt", "plain", new LinkedHashMap<>()));
    }

    @Test
    void rangesIncludeTypes() {
        MediaType type = MediaType.parse("text/plain;format=Flowed");
        assertTrue(type.is("text/plain"));
        assertFalse(type.is("text/plai"));
        assertFalse(type.is("text/plain2"));
        for (String range : new String[] {"*/*", "text/*", "text/plain", "text/plain;format=flowed"}) {
            assertTrue(type.isIn(MediaType.parse(range)), range);
        }
        for (String range : new String[] {"image/*", "text/html", "text/plain;format=fixed", "text/*;a=b"}) {
            assertFalse(type.isIn(MediaType.parse(range)), range);
        }
    }
}
