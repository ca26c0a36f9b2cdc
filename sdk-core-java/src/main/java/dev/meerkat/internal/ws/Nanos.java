package dev.meerkat.internal.ws;

import java.time.Duration;

/** Durations in nanoseconds. */
final class Nanos {
    private Nanos() {}

    /** The nanoseconds of a duration, at most 2^63 - 1, which is 292 years. */
    static long of(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }
}
