package dev.meerkat.internal.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class RangesTest {
    private static void refuses(String message, Executable check) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, check).getMessage());
    }

    @Test
    void theEndsOfARangeBelongToIt() {
        Ranges.atLeast("depth", 1, 1);
        refuses("depth must be at least 1: 0", () -> Ranges.atLeast("depth", 0, 1));
        Ranges.within("depth", 1, 1, 3);
        Ranges.within("depth", 3, 1, 3);
        refuses("depth must be 1 to 3: 0", () -> Ranges.within("depth", 0, 1, 3));
        refuses("depth must be 1 to 3: 4", () -> Ranges.within("depth", 4, 1, 3));
    }

    @Test
    void aTimeIsAtLeastANanosecondOrAtLeastNone() {
        Ranges.positive("head", Duration.ofNanos(1));
        refuses("head must be positive: PT0S", () -> Ranges.positive("head", Duration.ZERO));
        Ranges.notNegative("head", Duration.ZERO);
        refuses("head must not be negative: PT-0.000000001S", () -> Ranges.notNegative("head", Duration.ofNanos(-1)));
    }
}
