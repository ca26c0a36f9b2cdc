package dev.meerkat.internal.topic;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OriginsTest {
    @Test
    void eachNumberOfAnOriginIsNewOnceAndOlderOnesAreNot() {
        Origins origins = new Origins();
        assertTrue(origins.isNew("a", 1));
        assertFalse(origins.isNew("a", 1));
        assertTrue(origins.isNew("b", 1));
        assertTrue(origins.isNew("a", 7));
        assertFalse(origins.isNew("a", 6));
        assertTrue(origins.isNew("a", 8));
    }

    @Test
    void whoWasSilentForLongestIsForgotten() {
        Origins origins = new Origins();
        for (int i = 0; i < Origins.MOST; i++) {
            assertTrue(origins.isNew("origin " + i, 5));
        }
        assertFalse(origins.isNew("origin 0", 5));
        assertTrue(origins.isNew("one more", 5));
        assertFalse(origins.isNew("origin 0", 5), "it was heard just now");
        assertTrue(origins.isNew("origin 1", 5), "forgotten");
    }
}
