package dev.meerkat;

/** How the connections to one port come to the managers of a group. */
public enum Spread {
    /**
     * {@link #REUSE_PORT} if the system has it and really spreads, which is measured once per process: twenty loopback
     * connections to two listening sockets that share a port must not all reach the same one. Else {@link #HAND_OVER}.
     */
    AUTO,
    /**
     * Every manager listens on a socket of its own, all on the same port (SO_REUSEPORT), and the system decides by a
     * hash of the addresses who is told of a connection. Nothing crosses threads; a few clients may well meet on one
     * loop.
     */
    REUSE_PORT,
    /**
     * One manager accepts for all and hands connections over, in turn, passing over who is full. Unix domain sockets
     * are always spread so.
     */
    HAND_OVER
}
