package dev.meerkat.testkit.internal;

/** What a route does with attempts to connect. */
public enum ConnectFault {
    /** Lets them pass. */
    NONE,
    /** Answers with a reset, as a host without a listener. */
    REFUSE,
    /** Answers nothing. */
    BLACK_HOLE,
    /** Lets them pass, and resets the connection at once. */
    RESET_WHEN_ACCEPTED
}
