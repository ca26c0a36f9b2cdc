package dev.meerkat.websocket;

import dev.meerkat.event.Bytes;

/** A message that is being sent piece by piece. Loop thread. Not for implementing. */
public interface MessageOutput {
    /**
     * Sends a piece, as one fragment.
     *
     * @param piece may be empty
     * @return this
     * @throws dev.meerkat.SendLimitException if more would wait than the send limit allows; the piece is not sent, and
     *     may be sent later
     * @throws dev.meerkat.ConnectionClosedException if the WebSocket is closing or closed
     * @throws IllegalArgumentException if the message is a text and the pieces so far are not UTF-8; the piece is not
     *     sent
     * @throws IllegalStateException if the message has ended
     */
    MessageOutput send(Bytes piece);

    /**
     * Ends the message with an empty fragment.
     *
     * @throws IllegalArgumentException if the message is a text whose last character is incomplete
     * @throws IllegalStateException if the message has ended
     */
    void end();

    /**
     * Sends the last piece and ends the message.
     *
     * @param piece may be empty
     * @throws dev.meerkat.SendLimitException as of {@link #send}
     * @throws IllegalArgumentException as of {@link #send} and {@link #end}
     * @throws IllegalStateException if the message has ended
     */
    void end(Bytes piece);

    /**
     * Tells whether to go on, as {@link WebSocket#isWritable}.
     *
     * @return whether more should be sent
     */
    boolean isWritable();
}
