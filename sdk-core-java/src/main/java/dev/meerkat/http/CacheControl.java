package dev.meerkat.http;

import java.time.Duration;

/** Values of {@code Cache-Control} that answers usually have (RFC 9111 §5.2.2, RFC 8246). */
public final class CacheControl {
    /** Nobody keeps it: for what is secret. */
    public static final String NO_STORE = "no-store";

    /** It is kept, and asked for each time whether it is still the same: for what has an ETag. */
    public static final String NO_CACHE = "no-cache";

    private CacheControl() {}

    /**
     * Caches of everybody keep it for a while.
     *
     * @param age to the second, from zero
     * @return for instance {@code public, max-age=3600}
     * @throws IllegalArgumentException if the age is negative
     */
    public static String everybody(Duration age) {
        return "public, max-age=" + seconds(age);
    }

    /**
     * The peer's own cache keeps it for a while, caches between do not.
     *
     * @param age to the second, from zero
     * @return for instance {@code private, max-age=3600}
     * @throws IllegalArgumentException if the age is negative
     */
    public static String peerOnly(Duration age) {
        return "private, max-age=" + seconds(age);
    }

    /**
     * It never changes, since what would change gets another name: for files with a hash in theirs.
     *
     * @return {@code public, max-age=31536000, immutable}; a year is what RFC 9111 took over as "for ever"
     */
    public static String forever() {
        return everybody(Duration.ofDays(365)) + ", immutable";
    }

    private static long seconds(Duration age) {
        if (age.isNegative()) {
            throw new IllegalArgumentException("expected an age from zero, found " + age);
        }
        return age.toSeconds();
    }
}
