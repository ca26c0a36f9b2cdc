package dev.meerkat.internal.websocket;

/**
 * What both sides have agreed on about permessage-deflate (RFC 7692 §7.1), as one of them sees it.
 *
 * @param ownContext whether our messages may refer to earlier ones of ours
 * @param ownWindowBits how far back they may refer, as the logarithm of bytes, 8 to 15
 * @param peerContext whether the peer's messages may refer to earlier ones of its own; how far makes no difference,
 *     since {@link java.util.zip.Inflater} always keeps the most that is allowed
 */
public record DeflateTerms(boolean ownContext, int ownWindowBits, boolean peerContext) {
    static final int LEAST_WINDOW_BITS = 8;

    /** The window that there is without an agreement, and what {@code java.util.zip} always uses. */
    public static final int MOST_WINDOW_BITS = 15;

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public DeflateTerms {
        if (ownWindowBits < LEAST_WINDOW_BITS || ownWindowBits > MOST_WINDOW_BITS) {
            throw new IllegalArgumentException("ownWindowBits must be 8 to 15: " + ownWindowBits);
        }
    }
}
