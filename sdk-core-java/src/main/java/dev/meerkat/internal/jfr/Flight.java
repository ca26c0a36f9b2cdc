package dev.meerkat.internal.jfr;

import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import org.jspecify.annotations.Nullable;

/**
 * What a manager tells the flight recorder. Tokens are what begins now and ends later; null stands for "nobody records
 * this", which is the answer nearly always, and costs a look at a static field.
 */
public interface Flight {
    /** Who speaks of which connection or UDP socket; asked only when something is recorded. */
    interface Subject {
        /**
         * The socket as it is called in messages, the manager's name in front.
         *
         * @return the name
         */
        String name();

        /**
         * Tells which end it is.
         *
         * @return whether it was accepted; of a UDP socket, whether it hears everybody
         */
        boolean isInbound();

        /**
         * Our address.
         *
         * @return as text
         */
        String local();

        /**
         * The peer's address.
         *
         * @return as text, empty if there is no peer
         */
        String remote();
    }

    /**
     * What has passed a UDP socket; -1 everywhere if it was not counted.
     *
     * @param datagramsReceived how many came
     * @param received how many bytes came
     * @param datagramsSent how many left
     * @param sent how many bytes left
     * @param failures how often sending or receiving failed
     */
    record Traffic(long datagramsReceived, long received, long datagramsSent, long sent, long failures) {
        /** Nothing was counted. */
        public static final Traffic UNKNOWN = new Traffic(-1, -1, -1, -1, -1);
    }

    /**
     * Finds the recorder of this JVM.
     *
     * @return the recorder, or null if this run-time image has none
     */
    static @Nullable Flight find() {
        try {
            return JfrFlight.create();
        } catch (LinkageError absent) {
            return null;
        }
    }

    /**
     * A connection was opened.
     *
     * @param subject which
     * @return what its end is to be told with, or null if the end is not recorded
     */
    @Nullable
    Object opened(Subject subject);

    /**
     * A connection has ended.
     *
     * @param token what {@link #opened} answered, or null if nothing was recorded then
     * @param subject which
     * @param reason why
     * @param received how many bytes came, -1 if they were not counted
     * @param sent how many left, -1 if they were not counted
     */
    void closed(@Nullable Object token, Subject subject, CloseReason reason, long received, long sent);

    /**
     * A UDP socket was opened.
     *
     * @param subject which
     * @return what its end is to be told with, or null if the end is not recorded
     */
    @Nullable
    Object udpOpened(Subject subject);

    /**
     * A UDP socket has ended.
     *
     * @param token what {@link #udpOpened} answered, or null if nothing was recorded then
     * @param subject which
     * @param reason why
     * @param traffic what has passed it
     */
    void udpClosed(@Nullable Object token, Subject subject, CloseReason reason, Traffic traffic);

    /**
     * Tells whether slow handlers are recorded at present.
     *
     * @return whether {@link #handlerBegins} makes sense
     */
    boolean recordsHandlers();

    /**
     * A handler is about to be called.
     *
     * @return a token
     */
    Object handlerBegins();

    /**
     * It has returned.
     *
     * @param token of the beginning
     * @param subject whose handler
     * @param event what it was told
     * @param handler which it is
     */
    void handlerEnds(Object token, Subject subject, Object event, Object handler);

    /**
     * What waits to be sent has risen above the high-water mark.
     *
     * @return a token, or null
     */
    @Nullable
    Object stalled();

    /**
     * The stall is over.
     *
     * @param token of the beginning
     * @param subject whose
     * @param pendingBytes what waited when it began
     * @param drained whether it has fallen to the low-water mark, and the connection not ended before
     */
    void stallEnds(Object token, Subject subject, int pendingBytes, boolean drained);

    /**
     * A TLS handshake begins.
     *
     * @return a token, or null
     */
    @Nullable
    Object handshakeBegins();

    /**
     * It is done.
     *
     * @param token of the beginning
     * @param subject whose
     * @param protocol the version that was agreed on
     * @param cipher the cipher suite
     * @param peer the subject of the peer's certificate, or null if it showed none
     */
    void handshakeDone(Object token, Subject subject, String protocol, String cipher, @Nullable String peer);

    /**
     * It has failed.
     *
     * @param token of the beginning
     * @param subject whose
     * @param error why
     */
    void handshakeFailed(Object token, Subject subject, ConnectionError error);

    /**
     * An acceptor pauses.
     *
     * @return a token, or null
     */
    @Nullable
    Object acceptPaused();

    /**
     * It accepts again, or is closed.
     *
     * @param token of the beginning
     * @param manager whose
     * @param acceptor which
     * @param full whether a limit was the cause, and not the system
     */
    void acceptPauseEnds(Object token, String manager, String acceptor, boolean full);
}
