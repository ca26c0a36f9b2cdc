package dev.meerkat.internal.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Bytes;
import dev.meerkat.internal.websocket.DeflatePool;
import dev.meerkat.websocket.CompressionOptions;
import org.junit.jupiter.api.Test;

class SharedMessageTest {
    private static final CompressionOptions ALL =
            CompressionOptions.builder().threshold(0).build();

    private final SharedMessage message = new SharedMessage(true, Bytes.utf8("shared by all ".repeat(100)));

    @Test
    void itIsEncodedOnceForAllReceivers() {
        assertSame(message.frame(), message.frame());
        assertEquals(4 + 1_400, message.frame().length());
    }

    @Test
    void nothingIsKeptForASingleReceiver() {
        assertTrue(message.isFirstReceiver());
        assertFalse(message.isFirstReceiver());
    }

    @Test
    void itIsCompressedOnceForAllReceiversOfOneWindow() {
        try (DeflatePool one = new DeflatePool(ALL);
                DeflatePool other = new DeflatePool(ALL)) {
            Bytes first = message.packed(one, 15);
            assertNotNull(first);
            assertSame(first, message.packed(one, 15));
            assertSame(first, message.packed(other, 15), "on another loop");
            assertEquals(0, other.idle(), "contexts that were used there");
            assertNotEquals(first, message.frame());
            Bytes narrow = message.packed(one, 9);
            assertNotNull(narrow);
            assertSame(narrow, message.packed(one, 9));
        }
    }

    @Test
    void whatDoesNotBecomeShorterIsTriedOnceAndSentAsItIs() {
        byte[] random = new byte[1_000];
        new java.util.SplittableRandom(1).nextBytes(random);
        SharedMessage noise = new SharedMessage(false, Bytes.copyOf(random));
        try (DeflatePool one = new DeflatePool(ALL);
                DeflatePool other = new DeflatePool(ALL)) {
            assertNull(noise.packed(one, 15));
            assertNull(noise.packed(other, 15));
            assertEquals(1, one.idle());
            assertEquals(0, other.idle(), "contexts that were used there");
        }
    }
}
