package dev.meerkat.websocket;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket, of a server or of a client; both sides have the same methods. Not for implementing.
 *
 * <p>It belongs to its manager's loop thread. Methods that may be called from any thread say so in their first
 * sentence; every other one throws {@link dev.meerkat.WrongThreadException} elsewhere.
 *
 * <p>Sending only appends, as on every connection: what was sent during one turn of the loop leaves in one gathering
 * write at its end, the head of a frame and its payload together. Bytes that wait count against the connection's send
 * limit, of which 262 are kept for a pong and the close frame; {@link #isWritable} and {@link #requestWritable} tell a
 * sender how fast to go. Before {@code Opened} sending throws {@link IllegalStateException}.
 */
public interface WebSocket {
    /**
     * Tells whether a connection speaks WebSocket, and which one it is: for who meets it among all connections of a
     * manager.
     *
     * @param connection any connection
     * @return the WebSocket on it; empty if it speaks something else, or still HTTP
     */
    static Optional<WebSocket> on(Connection connection) {
        return connection.handler() instanceof WebSocket webSocket ? Optional.of(webSocket) : Optional.empty();
    }

    /**
     * May be called from any thread. A number that no other connection of its manager has.
     *
     * @return the id of the connection below; 0 while a client has none yet
     */
    long id();

    /**
     * The connection below: its addresses, timer, options and taps, and its manager. What is sent to it directly goes
     * out between frames and breaks the protocol.
     *
     * @return the connection
     * @throws IllegalStateException while a client has none yet
     */
    Connection connection();

    /**
     * May be called from any thread. The protocol that serves it.
     *
     * @return one of the server's protocols; empty on a client
     */
    Optional<WebSocketProtocol> protocol();

    /**
     * May be called from any thread. The sub-protocol that was agreed on.
     *
     * @return its name; empty if none was, and before the handshake is done
     */
    Optional<String> subprotocol();

    /**
     * What belongs to this WebSocket alone: the object that {@link WebSocketProtocol.Builder#session} made before
     * {@code Opened}, or what was given to {@link #session(Object)}.
     *
     * @param type its class
     * @param <S> its type
     * @return the object
     * @throws IllegalStateException if there is none
     * @throws ClassCastException if the object is of another class
     */
    <S> S session(Class<S> type);

    /**
     * Keeps an object with this WebSocket, in place of the present one.
     *
     * @param session the object, or null for none
     */
    void session(@Nullable Object session);

    /**
     * May be called from any thread. Tells whether messages may be sent: it was opened and nobody has begun to close
     * it. Elsewhere than on the loop thread the answer may be outdated when it arrives.
     *
     * @return whether it is open
     */
    boolean isOpen();

    /**
     * May be called from any thread. Sends a text message. From another thread it travels to the loop first; if it does
     * not fit under the send limit when it arrives, the WebSocket is closed with code 1013, since a stream of messages
     * must not have a hole.
     *
     * @param text sent in UTF-8; unpaired surrogates are sent as question marks
     * @return this
     * @throws ConnectionClosedException if it is closing or closed
     * @throws SendLimitException if more would wait than a limit allows; nothing of the message is sent
     */
    WebSocket send(CharSequence text);

    /**
     * May be called from any thread. Sends a binary message; otherwise as {@link #send(CharSequence)}.
     *
     * @param bytes its payload
     * @return this
     * @throws ConnectionClosedException if it is closing or closed
     * @throws SendLimitException if more would wait than a limit allows; nothing of the message is sent
     */
    WebSocket send(Bytes bytes);

    /**
     * May be called from any thread. Sends a message that may be sent to others, too: it is encoded, and compressed,
     * once for all of them. Otherwise as {@link #send(CharSequence)}.
     *
     * @param message what to send
     * @return this
     * @throws ConnectionClosedException if it is closing or closed
     * @throws SendLimitException if more would wait than a limit allows; nothing of the message is sent
     */
    WebSocket send(Message message);

    /**
     * Sends all unread bytes of a buffer as a text message and takes them out of it: the fast way to echo or to relay.
     *
     * @param utf8 the payload of an event, for example; what is in it must be UTF-8 and is not checked
     * @return this
     * @throws ConnectionClosedException if it is closing or closed
     * @throws SendLimitException if more would wait than the send limit allows; the buffer is then untouched
     */
    WebSocket sendText(ReceiveBuffer utf8);

    /**
     * Sends all unread bytes of a buffer as a binary message and takes them out of it.
     *
     * @param bytes the payload of an event, for example
     * @return this
     * @throws ConnectionClosedException if it is closing or closed
     * @throws SendLimitException if more would wait than the send limit allows; the buffer is then untouched
     */
    WebSocket sendBinary(ReceiveBuffer bytes);

    /**
     * Begins a message that is sent piece by piece, each as a fragment. Messages that are sent before it has ended wait
     * behind it, and count against the send limit; pings, pongs and the close frame go between its pieces.
     *
     * @param text whether it is a text; its pieces together must be UTF-8, which is checked
     * @return takes the pieces
     * @throws ConnectionClosedException if it is closing or closed
     * @throws IllegalStateException if another such message has not ended
     */
    MessageOutput startMessage(boolean text);

    /**
     * Sends a message that a producer makes while the peer takes it; see {@link MessageProducer}. Otherwise as
     * {@link #startMessage}.
     *
     * @param text whether it is a text
     * @param producer asked for the next piece when there is room
     * @throws ConnectionClosedException if it is closing or closed
     * @throws IllegalStateException if another such message has not ended
     */
    void send(boolean text, MessageProducer producer);

    /**
     * Asks the peer for a sign of life; the pong tells how long it took.
     *
     * @throws ConnectionClosedException if it is closing or closed
     * @throws SendLimitException if more would wait than the send limit allows
     */
    void ping();

    /**
     * Sends a ping with a payload of the program's.
     *
     * @param payload at most 125 bytes
     * @throws IllegalArgumentException if it is longer
     * @throws ConnectionClosedException if it is closing or closed
     * @throws SendLimitException if more would wait than the send limit allows
     */
    void ping(Bytes payload);

    /**
     * Sends a pong that nobody has asked for, a heartbeat in one direction (RFC 6455 §5.5.3). Pings are answered
     * without this.
     *
     * @param payload at most 125 bytes
     * @throws IllegalArgumentException if it is longer
     * @throws ConnectionClosedException if it is closing or closed
     * @throws SendLimitException if more would wait than the send limit allows
     */
    void pong(Bytes payload);

    /** May be called from any thread. Closes with 1000 and no reason; otherwise as {@link #close(CloseStatus)}. */
    default void close() {
        close(CloseStatus.of(CloseStatus.NORMAL));
    }

    /**
     * May be called from any thread. Begins the closing handshake (RFC 6455 §7.1.2): what was sent leaves, then the
     * close frame; what the peer sends until it answers is thrown away. After the peer's close frame the connection
     * ends, the server's side first; if that does not come within {@link WebSocketOptions#closeTimeout()} it is
     * aborted. Nothing more is delivered but {@code Closed}. A second call does nothing.
     *
     * @param status why; a code that a close frame may contain
     * @throws IllegalArgumentException if it must not be sent, see {@link CloseStatus#isSendable}
     */
    void close(CloseStatus status);

    /**
     * May be called from any thread. Closes with a time-out of its own.
     *
     * @param status why
     * @param timeout how long it all may take
     * @throws IllegalArgumentException if the status must not be sent or the time-out is not positive
     */
    void close(CloseStatus status, Duration timeout);

    /**
     * May be called from any thread. Ends the connection at once, without a close frame: the peer sees a reset. Nothing
     * more is delivered but {@code Closed}.
     */
    void abort();

    /**
     * How many bytes were sent by this program and not yet taken by the operating system.
     *
     * @return the count, framing and waiting messages included
     */
    int pendingBytes();

    /**
     * Tells whether a sender should go on, as {@link Connection#isWritable} does.
     *
     * @return whether to go on; false too when it is not open
     */
    boolean isWritable();

    /**
     * Asks to be told, once, by {@code Writable} when more may be sent; see {@link Connection#requestWritable}.
     *
     * @throws ConnectionClosedException if it is closing or closed
     */
    void requestWritable();

    /**
     * Stops delivering messages and reading, so that TCP holds the peer back; from within a handler also what came in
     * the same read waits. Pings are not answered, and the peer's end is not heard but by a ping of ours that finds the
     * connection reset (see {@link WebSocketOptions#pingInterval}), until reading is resumed or the program closes.
     * Does nothing when it is closing, since the peer's answer is waited for.
     */
    void pauseReading();

    /** Delivers and reads again. Nothing that arrived meanwhile is lost. */
    void resumeReading();

    /**
     * In what units messages are delivered from the next message on.
     *
     * @param delivery whole messages or pieces
     */
    void delivery(Delivery delivery);

    /**
     * The options in force.
     *
     * @return the options
     */
    WebSocketOptions options();
}
