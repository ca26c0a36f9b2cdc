package dev.meerkat.websocket;

/** Who began to close a WebSocket. */
public enum ClosedBy {
    /** This program, by {@code close} or {@code abort}, or by a handler that failed. */
    LOCAL,
    /** The peer, by a close frame, by breaking a rule, or by ending its connection. */
    PEER,
    /** The network or the operating system between the two. */
    NETWORK,
    /** The manager: a time-out, a limit, or its shutdown. */
    MANAGER
}
