package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {
    private static final Headers SAMPLE =
            Headers.of("Host", "example.com", "Accept", "text/html", "accept", "*/*", "X-Empty", "");

    @Test
    void fieldsKeepTheirOrderAndTheirSpelling() {
        List<String> seen = new ArrayList<>();
        SAMPLE.forEach((name, value) -> seen.add(name + "=" + value));
        assertEquals(List.of("Host=example.com", "Accept=text/html", "accept=*/*", "X-Empty="), seen);
        assertEquals(4, SAMPLE.size());
        assertEquals("accept", SAMPLE.name(2));
        assertEquals("", SAMPLE.value(3));
    }

    @Test
    void namesAreFoundInAnyCase() {
        assertEquals(Optional.of("example.com"), SAMPLE.first("HOST"));
        assertEquals(List.of("text/html", "*/*"), SAMPLE.all("ACCEPT"));
        assertEquals(1, SAMPLE.indexOf("accept"));
        assertEquals(2, SAMPLE.indexOf("Accept", 2));
        assertTrue(SAMPLE.contains("x-empty"));
        assertTrue(SAMPLE.valueIs(0, "EXAMPLE.com"));
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertEquals(Optional.empty(), SAMPLE.first("Cookie"));
        assertEquals(List.of(), SAMPLE.all(""));
        assertEquals(-1, SAMPLE.indexOf("Accept", 3));
        assertFalse(SAMPLE.contains("Hos"));
        assertFalse(SAMPLE.contains("H\u00f6st"));
        assertThrows(IndexOutOfBoundsException.class, () -> SAMPLE.name(4));
        assertThrows(IndexOutOfBoundsException.class, () -> SAMPLE.value(-1));
    }

    @Test
    void everyNameThatIsThereIsFoundAmongAHundred() {
        Headers.Builder builder = Headers.builder();
        for (int i = 0; i < 100; i++) {
            builder.add("X-Field-" + i * 7919, "v" + i);
        }
        Headers headers = builder.build();
        for (int i = 0; i < 100; i++) {
            assertEquals(Optional.of("v" + i), headers.first("x-field-" + i * 7919));
        }
    }

    @Test
    void elementsOfAListAreReadAcrossFieldsAndQuotes() {
        Headers headers =
                Headers.of("Connection", " keep-alive ,, Upgrade", "X", "y", "connection", "a=\"b, close\"; q, d");
        assertEquals(List.of("keep-alive", "Upgrade", "a=\"b, close\"; q", "d"), headers.elements("Connection"));
        assertTrue(headers.containsToken("connection", "upgrade"));
        assertTrue(headers.containsToken("connection", "d"));
        assertFalse(headers.containsToken("connection", "close"));
        assertFalse(headers.containsToken("connection", "keep"));
        assertFalse(headers.containsToken("Upgrade", "upgrade"));
    }

    @Test
    void settingReplacesTheFirstAndRemovesTheOthers() {
        Headers changed = SAMPLE.toBuilder()
                .set("ACCEPT", "image/png")
                .set("New", "1")
                .remove("host")
                .build();
        assertEquals(Headers.of("Accept", "image/png", "X-Empty", "", "New", "1"), changed);
        assertEquals(4, SAMPLE.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a:", "a\r\nb", "\u00e9", "a\u0000", "(x)", "a,b", "n\u0131"})
    void aNameIsAToken(String name) {
        assertThrows(MalformedHeadException.class, () -> Headers.of(name, "x"));
        assertThrows(MalformedHeadException.class, () -> Headers.builder().set(name, "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX: y", "a\nb", "a\rb", "a\u0000b", "a\u007fb", "\u0100", "a\u001fb"})
    void aValueHasNoControlCharacterAndNoneBeyondAByte(String value) {
        assertThrows(MalformedHeadException.class, () -> Headers.of("X", value));
        assertThrows(MalformedHeadException.class, () -> Headers.builder().set("X", value));
    }

    @Test
    void aRefusalNamesTheFieldAndThePlaceAndPrintsNothingHarmful() {
        String message = assertThrows(MalformedHeadException.class, () -> Headers.of("X-A", "b\u0007c"))
                .getMessage();
        assertTrue(message.contains("X-A") && message.contains("U+0007 at 1"), message);
    }

    @Test
    void whiteSpaceAroundAValueGoesAndInsideStays() {
        assertEquals("a \t b", Headers.of("X", " \ta \t b\t ").value(0));
    }

    @Test
    void namesAndValuesComeInPairs() {
        assertThrows(IllegalArgumentException.class, () -> Headers.of("a", "b", "c"));
    }

    @Test
    void charactersAreBytes() {
        Headers headers = Headers.of("X", "\u00ff\u0080");
        ByteBuffer written = ByteBuffer.allocate(headers.encodedLength());
        headers.writeTo(written);
        assertEquals("X: \u00ff\u0080\r\n", new String(written.array(), StandardCharsets.ISO_8859_1));
        assertThrows(BufferOverflowException.class, () -> headers.writeTo(ByteBuffer.allocate(3)));
    }

    @Test
    void equalityIgnoresTheCaseOfNamesOnly() {
        assertEquals(Headers.of("a", "b"), Headers.of("A", "b"));
        assertEquals(Headers.of("a", "b").hashCode(), Headers.of("A", "b").hashCode());
        assertNotEquals(Headers.of("a", "b"), Headers.of("a", "B"));
        assertNotEquals(Headers.of("a", "b", "c", "d"), Headers.of("c", "d", "a", "b"));
        assertEquals(Headers.EMPTY, Headers.of());
    }
}
