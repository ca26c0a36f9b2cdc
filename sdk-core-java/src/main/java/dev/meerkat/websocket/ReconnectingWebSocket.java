package dev.meerkat.websocket;

import dev.meerkat.ConnectionClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import java.util.Optional;

/**
 * A client's WebSocket that is made anew when it ends, by a {@link ReconnectPolicy}.
 *
 * <pre>{@code
 * ReconnectingWebSocket feed = WebSocketClient.create(manager)
 *     .reconnecting("wss://example.com/feed", ReconnectPolicy.DEFAULT, (webSocket, event) -> {
 *         if (event instanceof WebSocketEvent.Opened) {
 *             webSocket.send("subscribe meerkats");
 *         }
 *     });
 * feed.send("hello");                     // waits, within bounds, if there is no connection at the moment
 * }</pre>
 *
 * <p>Each message is sent at most once, in order: those that were given to a connection which then failed may or may
 * not have arrived, those that wait are sent on the next one. All methods may be called from any thread; what other
 * threads send waits for the loop, within the same bounds. Not for implementing.
 */
public interface ReconnectingWebSocket {
    /**
     * Sends a text message, now or on the next connection.
     *
     * @param text the text
     * @return this
     * @throws SendLimitException if as much waits as may, or the message is larger than what a connection takes at a
     *     time, its send limit less its high-water mark; nothing of the message is kept
     * @throws ConnectionClosedException if this was closed or given up
     */
    default ReconnectingWebSocket send(CharSequence text) {
        return send(Message.text(text));
    }

    /**
     * Sends a binary message, now or on the next connection.
     *
     * @param bytes its payload
     * @return this
     * @throws SendLimitException if as much waits as may, or the message is larger than what a connection takes at a
     *     time, its send limit less its high-water mark; nothing of the message is kept
     * @throws ConnectionClosedException if this was closed or given up
     */
    default ReconnectingWebSocket send(Bytes bytes) {
        return send(Message.binary(bytes));
    }

    /**
     * Sends a message, now or on the next connection.
     *
     * @param message what to send
     * @return this
     * @throws SendLimitException if as much waits as may, or the message is larger than what a connection takes at a
     *     time, its send limit less its high-water mark; nothing of the message is kept
     * @throws ConnectionClosedException if this was closed or given up
     */
    ReconnectingWebSocket send(Message message);

    /**
     * The WebSocket of this moment.
     *
     * @return an open one; empty between two
     */
    Optional<WebSocket> current();

    /**
     * How many messages wait.
     *
     * @return the count
     */
    int waiting();

    /** Ends it all with 1000; no further attempt is made. A second call does nothing. */
    default void close() {
        close(CloseStatus.of(CloseStatus.NORMAL));
    }

    /**
     * Ends it all; no further attempt is made. What waits is sent as far as the connection takes it at once. A second
     * call does nothing.
     *
     * @param status what the server is told, if there is a connection
     * @throws IllegalArgumentException if it must not be sent, see {@link CloseStatus#isSendable}
     */
    void close(CloseStatus status);
}
