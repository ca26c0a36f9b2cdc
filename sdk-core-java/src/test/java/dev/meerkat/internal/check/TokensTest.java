package dev.meerkat.internal.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TokensTest {
    private static final String ALL = "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";

    @Test
    void theseCharactersAndNoOthersMayStandInOne() {
        StringBuilder found = new StringBuilder();
        for (int c = 0; c <= Character.MAX_VALUE; c++) {
            if (Tokens.has((char) c)) {
                found.append((char) c);
            }
        }
        assertEquals(ALL, found.toString());
        StringBuilder bytes = new StringBuilder();
        for (int octet = 0; octet < 256; octet++) {
            if (Tokens.has((byte) octet)) {
                bytes.append((char) octet);
            }
        }
        assertEquals(ALL, bytes.toString());
    }

    @Test
    void oneEndsWhereAnotherCharacterStands() {
        assertEquals(5, Tokens.end("a b-c;d", 2));
        assertEquals(1, Tokens.end("a b", 1));
        byte[] bytes = "a b-c;d".getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(5, Tokens.end(bytes, 2, 7));
        assertEquals(4, Tokens.end(bytes, 2, 4));
        assertTrue(Tokens.isToken(ALL));
        assertFalse(Tokens.isToken(""));
        assertFalse(Tokens.isToken("a "));
        assertFalse(Tokens.isToken("\u0141"), "its last eight bits are an A");
    }
}
