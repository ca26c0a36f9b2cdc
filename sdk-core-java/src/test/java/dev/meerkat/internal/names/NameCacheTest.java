package dev.meerkat.internal.names;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class NameCacheTest {
    private final NameCache<String, Integer> cache = new NameCache<>(3);

    @Test
    void anAnswerHoldsForExactlyItsTime() {
        cache.put("a", 1, 1_000, 50);
        assertEquals(1, cache.get("a", 1_049));
        assertNull(cache.get("a", 1_050));
        assertEquals(0, cache.size(), "what is over is forgotten when it is asked for");
    }

    @Test
    void anAnswerThatMustNotBeKeptIsNotKeptAndEndsTheOneBefore() {
        cache.put("a", 1, 0, 50);
        cache.put("a", 2, 10, 0);
        assertNull(cache.get("a", 10));
    }

    @Test
    void aLaterAnswerTakesThePlaceOfTheEarlier() {
        cache.put("a", 1, 0, 50);
        cache.put("a", 2, 10, 50);
        assertEquals(2, cache.get("a", 59));
        assertEquals(1, cache.size());
    }

    @Test
    void anAnswerMayHoldForEver() {
        cache.put("a", 1, 1_000, Long.MAX_VALUE);
        assertEquals(1, cache.get("a", Long.MAX_VALUE - 1));
    }

    @Test
    void aClockMayStandBelowZero() {
        cache.put("a", 1, -1_000, 50);
        assertEquals(1, cache.get("a", -951));
        assertNull(cache.get("a", -950));
    }

    @Test
    void asManyAreKeptAsTheLimitSays() {
        cache.put("a", 1, 0, 50);
        cache.put("b", 2, 0, 50);
        cache.put("c", 3, 0, 50);
        assertEquals(3, cache.size());
        assertEquals(1, cache.get("a", 1));
    }

    @Test
    void beyondTheLimitTheOneGoesThatWasLongestNotAskedFor() {
        cache.put("a", 1, 0, 50);
        cache.put("b", 2, 0, 50);
        cache.put("c", 3, 0, 50);
        assertEquals(1, cache.get("a", 1));
        cache.put("d", 4, 2, 50);
        assertEquals(3, cache.size());
        assertNull(cache.get("b", 3));
        assertEquals(1, cache.get("a", 3));
        assertEquals(4, cache.get("d", 3));
    }

    @Test
    void aCacheWithoutRoomKeepsNothing() {
        NameCache<String, Integer> none = new NameCache<>(0);
        none.put("a", 1, 0, 50);
        assertNull(none.get("a", 0));
    }

    @Test
    void whatIsRemovedOrClearedIsGone() {
        cache.put("a", 1, 0, 50);
        cache.put("b", 2, 0, 50);
        cache.remove("a");
        assertNull(cache.get("a", 0));
        assertEquals(2, cache.get("b", 0));
        cache.clear();
        assertEquals(0, cache.size());
    }
}
