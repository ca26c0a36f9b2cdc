package dev.meerkat.http;

import dev.meerkat.event.ReceiveBuffer;
import java.util.OptionalLong;

/**
 * A body as it comes: that of a request for a server, that of a response for a client. Nothing is read beyond one
 * buffer until somebody asks. Loop thread.
 */
public interface BodyInput {
    /**
     * The length that the head announced.
     *
     * @return in bytes; 0 if there is no body; empty if it is not known beforehand
     */
    OptionalLong length();

    /**
     * Whether the message has no body at all.
     *
     * @return true if the length is known to be 0
     */
    default boolean isEmpty() {
        return length().orElse(1) == 0;
    }

    /**
     * Reads the body: whoever is told takes what it wants, and what it leaves is kept, up to the limit that pausing
     * keeps to ({@link dev.meerkat.ConnectionOptions#receiveLimit()}).
     *
     * @param reader is told of each portion and of the end, on the loop thread
     * @throws IllegalStateException if somebody reads it already or it was gathered
     */
    void read(Reader reader);

    /** Delivers nothing until {@link #resume}; the peer feels it as back-pressure. */
    void pause();

    /** Ends {@link #pause}; what is here already is delivered in this turn of the loop or the next. */
    void resume();

    /** Who reads a body. */
    interface Reader {
        /**
         * A portion has arrived.
         *
         * @param body what arrived and was not taken yet; borrowed until this returns
         * @throws Exception as of a handler: reported, and the message fails
         */
        void onData(ReceiveBuffer body) throws Exception;

        /**
         * The body is complete.
         *
         * @param trailers the fields behind a chunked body, usually none
         * @throws Exception as of {@link #onData}
         */
        void onEnd(Headers trailers) throws Exception;

        /**
         * The body will never be complete: it was malformed, too large, too slow or cut off, or the connection has
         * ended. Nothing follows.
         *
         * @param error why
         */
        void onFailure(HttpError error);
    }
}
