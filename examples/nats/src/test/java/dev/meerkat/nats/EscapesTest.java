package dev.meerkat.nats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EscapesTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "room", "a.b", "a b", "*", ">", "~", "~7e", "grüße", "\r\nX: y", "\u0000", "😀"})
    void anyTextIsOneTokenAndComesBack(String text) {
        String escaped = Escapes.escape(text);
        assertTrue(escaped.matches("[A-Za-z0-9_~-]*"), escaped);
        assertEquals(text, Escapes.text(escaped));
    }

    @Test
    void theSimpleStaysReadable() {
        assertEquals("room_7-b", Escapes.escape("room_7-b"));
        assertEquals("a~2eb", Escapes.escape("a.b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"~", "~2", "a~2", "~xy"})
    void whatWasNotWrittenHereIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Escapes.text(text));
    }
}
