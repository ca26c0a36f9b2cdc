package dev.meerkat.internal.http;

import java.time.Duration;

/** Durations and deadlines as numbers on the manager's monotonic clock. */
final class Nanos {
    /** A deadline that never comes. */
    static final long NEVER = Long.MAX_VALUE;

    private static final long SECOND = 1_000_000_000L;

    private Nanos() {}

    /** A duration; the longest that a number can say if it is longer. */
    static long of(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    /** A point of time after another; the last before {@link #NEVER} if it lies beyond. */
    static long after(long base, long delay) {
        return delay >= NEVER - 1 - Math.max(0, base) ? NEVER - 1 : base + delay;
    }

    /** How long so many bytes may take at so many bytes a second. */
    static long forBytes(long bytes, int rate) {
        return bytes >= NEVER / SECOND ? NEVER : bytes * SECOND / rate;
    }
}
