package dev.meerkat.topic;

/** What becomes of messages for which a slow subscriber has no room. */
public enum WhenFull {
    /** The oldest that wait make room: for those who want to be up to date. */
    DROP_OLDEST,
    /** The new one is lost, those that wait stay: for those who want to go on where they were. */
    DROP_NEWEST,
    /**
     * Of the messages that wait, only the newest of each {@linkplain Topic#publish(dev.meerkat.websocket.Message,
     * String) key} is kept; it stands where it was published, so that the order stays that of the topic. If that does
     * not help, or a message has no key, the oldest make room: for values of which the latest counts.
     */
    CONFLATE,
    /**
     * The subscription ends, and a WebSocket is closed with code 1013 (try again later): nothing is lost without the
     * receiver knowing. The default.
     */
    CLOSE
}
