package dev.meerkat.runtime;

import java.time.Instant;

/**
 * The two clocks of a manager: a monotonic one that every timer and deadline uses, and the wall clock, which is for
 * people and certificates and may jump without moving a timer. Called on the loop thread, twice a turn, and by threads
 * of {@link Workers}, which wait by it.
 */
public interface TimeSource {
    /**
     * Returns the monotonic time.
     *
     * @return nanoseconds since an arbitrary origin; it never runs backwards and never wraps round
     */
    long nanoTime();

    /**
     * Returns the time of day.
     *
     * @return the instant the wall clock shows
     */
    Instant wallTime();
}
