package dev.meerkat.testkit.internal;

import java.time.Duration;

/** Virtual time as text, and durations as nanoseconds. */
public final class Times {
    private static final long SECOND = 1_000_000_000;

    private Times() {}

    /**
     * Writes an instant of virtual time.
     *
     * @param nanos nanoseconds since the start
     * @return seconds without superfluous zeros, for instance {@code 30.002s}
     */
    public static String text(long nanos) {
        StringBuilder text = new StringBuilder().append(nanos / SECOND);
        long fraction = nanos % SECOND;
        if (fraction != 0) {
            String digits = Long.toString(SECOND + fraction).substring(1);
            int end = digits.length();
            while (digits.charAt(end - 1) == '0') {
                end--;
            }
            text.append('.').append(digits, 0, end);
        }
        return text.append('s').toString();
    }

    /**
     * A duration in nanoseconds.
     *
     * @param duration not negative
     * @return its nanoseconds; {@link Long#MAX_VALUE} if it is longer than 292 years
     */
    public static long nanos(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a duration must not be negative: " + duration);
        }
        return duration.toSeconds() >= Long.MAX_VALUE / SECOND ? Long.MAX_VALUE : duration.toNanos();
    }

    /**
     * The sum of an instant and a span.
     *
     * @param instant not negative
     * @param span not negative
     * @return the sum; {@link Long#MAX_VALUE} if it does not fit
     */
    public static long plus(long instant, long span) {
        long sum = instant + span;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
