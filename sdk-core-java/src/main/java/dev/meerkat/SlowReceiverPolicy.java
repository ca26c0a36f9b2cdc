package dev.meerkat;

/** What a broadcast does with a connection whose send buffer is above its high-water mark. */
public enum SlowReceiverPolicy {
    /** This receiver goes without this message. */
    DROP,
    /** This receiver is aborted with the error kind {@code SLOW_RECEIVER}. */
    CLOSE,
    /** It receives the message as long as its send limit has room for it; after that as {@link #DROP}. */
    KEEP
}
