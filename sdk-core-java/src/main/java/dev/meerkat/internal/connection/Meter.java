package dev.meerkat.internal.connection;

import org.jspecify.annotations.Nullable;

/** What is counted of one connection or UDP socket while somebody wants to know: an observer, or a flight recording. */
class Meter {
    long received;
    long sent;
    /** Since when more waits than the high-water mark allows; meaningful while {@link #stalled}. */
    long stalledSince;

    boolean stalled;
    int stalledPending;
    /** The recorder's own beginnings. */
    @Nullable
    Object recordedLife;

    @Nullable
    Object recordedStall;
}
