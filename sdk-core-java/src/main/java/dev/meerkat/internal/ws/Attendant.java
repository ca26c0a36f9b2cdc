package dev.meerkat.internal.ws;

/** Who sends to a WebSocket on his own, beside its handler: a topic. Loop thread. */
public interface Attendant {
    /** The connection takes more again. */
    void drained();

    /** Nothing can be sent any more. */
    void closed();
}
