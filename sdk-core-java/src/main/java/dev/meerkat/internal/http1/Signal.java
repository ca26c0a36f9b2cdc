package dev.meerkat.internal.http1;

/** What {@link Http1Decoder#decode} answers. */
public enum Signal {
    /** No more can be said before more bytes come; those left in the buffer must come again in front of them. */
    NEED_DATA,
    /** A head, informational or not: {@link Http1Decoder#requestHead()} or {@link Http1Decoder#responseHead()}. */
    HEAD,
    /** Bytes of a body, in the buffer that was given: {@link Http1Decoder#bodyStart()} and its length. */
    BODY,
    /** The message is complete: {@link Http1Decoder#trailers()}. */
    END,
    /** The message was complete; what follows waits until {@link Http1Decoder#next()} or {@code expect}. */
    PAUSED,
    /** HTTP is over: what is left in the buffer belongs to the protocol that was switched to, or to a tunnel. */
    SWITCHED,
    /** The input has ended where a message could have begun. */
    CLOSED,
    /** The bytes are no HTTP, or more than allowed: {@link Http1Decoder#error()}. The connection can only be closed. */
    FAILED
}
