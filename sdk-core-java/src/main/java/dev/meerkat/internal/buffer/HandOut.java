package dev.meerkat.internal.buffer;

/** Something for many receivers that waits for the end of the turn, see {@link HandOuts}. */
@FunctionalInterface
public interface HandOut {
    /**
     * Hands it out, once. Loop thread.
     *
     * @param atOnce the handlers of this turn have been called: what a socket takes may be written now. If not,
     *     somebody is about to send something else, and everything has to stand in the queues before it
     */
    void handOut(boolean atOnce);
}
