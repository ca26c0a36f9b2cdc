package dev.meerkat.internal.connection;

import java.time.Duration;

/** Durations as nanoseconds; what does not fit into a long, about 292 years, is cut there. */
final class Nanos {
    private static final Duration MOST = Duration.ofNanos(Long.MAX_VALUE);
    private static final Duration LEAST = Duration.ofNanos(-Long.MAX_VALUE);

    private Nanos() {}

    static long of(Duration duration) {
        if (duration.compareTo(MOST) >= 0) {
            return Long.MAX_VALUE;
        }
        return duration.compareTo(LEAST) <= 0 ? -Long.MAX_VALUE : duration.toNanos();
    }
}
