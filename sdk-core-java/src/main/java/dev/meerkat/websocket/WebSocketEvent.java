package dev.meerkat.websocket;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ProtocolEvent;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.ResponseHead;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** What happens to a WebSocket; the package page shows the order. */
public sealed interface WebSocketEvent extends ProtocolEvent {
    /**
     * The handshake is done, on both sides alike: messages may be sent from now on.
     *
     * @param subprotocol what both speak; empty if none was agreed on
     * @param extensions the extensions in force, as the server's answer names them; empty if there are none
     */
    record Opened(Optional<String> subprotocol, Optional<String> extensions) implements WebSocketEvent {
        // Rejects missing parts.
        public Opened {
            Objects.requireNonNull(subprotocol, "subprotocol");
            Objects.requireNonNull(extensions, "extensions");
        }
    }

    /**
     * The server did not agree. Client only; {@link Closed} follows.
     *
     * @param head its answer, of another status than 101
     * @param body the beginning of the answer's body, up to the limit of the options
     */
    record Refused(ResponseHead head, Bytes body) implements WebSocketEvent {
        // Rejects missing parts.
        public Refused {
            Objects.requireNonNull(head, "head");
            Objects.requireNonNull(body, "body");
        }
    }

    /**
     * The server has answered with 101, but what it said is no WebSocket, or not one that was asked for. Client only;
     * {@link Closed} follows.
     *
     * @param error which rule it has broken
     */
    record HandshakeFailed(HandshakeError error) implements WebSocketEvent {
        // Rejects a missing error.
        public HandshakeFailed {
            Objects.requireNonNull(error, "error");
        }
    }

    /**
     * A whole text has arrived, and is UTF-8.
     *
     * @param payload the text; borrowed until the handler returns, and what it leaves is thrown away
     */
    record Text(ReceiveBuffer payload) implements WebSocketEvent {
        /**
         * Takes the text out of the payload.
         *
         * @return the text
         */
        public String text() {
            return payload.takeText();
        }
    }

    /**
     * A whole binary message has arrived.
     *
     * @param payload its bytes; borrowed until the handler returns, and what it leaves is thrown away
     */
    record Binary(ReceiveBuffer payload) implements WebSocketEvent {
        /**
         * Takes the bytes out of the payload.
         *
         * @return a copy, which the caller may keep
         */
        public Bytes bytes() {
            return payload.take();
        }
    }

    /**
     * A piece of a message has arrived. Delivered in place of {@link Text} and {@link Binary} where
     * {@link WebSocketOptions#delivery()} says so.
     *
     * @param frame the head of the frame that the piece is of
     * @param text whether the message is a text; a character may be cut by the end of a piece, the message as a whole
     *     is UTF-8
     * @param payload the piece, decompressed; not larger than {@link WebSocketOptions#fragmentBytes()}; borrowed until
     *     the handler returns, and what it leaves is thrown away
     * @param remainingBytes how much of the frame's payload has not arrived yet, as it is on the wire; 0 with the last
     *     piece of the frame
     * @param last whether the message ends with this piece
     */
    record Fragment(FrameHead frame, boolean text, ReceiveBuffer payload, long remainingBytes, boolean last)
            implements WebSocketEvent {}

    /**
     * The peer asks for a sign of life; the pong is on its way already.
     *
     * @param payload what the pong repeats, at most 125 bytes
     */
    record Ping(Bytes payload) implements WebSocketEvent {}

    /**
     * The peer gave a sign of life.
     *
     * @param payload what the ping contained, at most 125 bytes
     * @param roundTrip since that ping was sent; empty if none of ours contained this
     */
    record Pong(Bytes payload, Optional<Duration> roundTrip) implements WebSocketEvent {}

    /**
     * The WebSocket has ended. Delivered exactly once, as the last event, also when it was never opened.
     *
     * @param status code and reason: the peer's if it has sent them first, ours if we have; 1005 if the peer gave none,
     *     1006 if the connection ended without a close frame, 1015 if it never was one since the handshake of TLS
     *     failed (RFC 6455 §7.4.1); what TLS finds later is 1006, with its kind in {@code connectionError}
     * @param by who began to close
     * @param clean whether both sides sent a close frame and the connection ended after that
     * @param error which rule the peer has broken, if that was the reason: <em>we</em> caught <em>them</em>
     * @param connectionError what happened to the connection, if that was the reason
     */
    record Closed(
            CloseStatus status,
            ClosedBy by,
            boolean clean,
            Optional<WebSocketError> error,
            Optional<ConnectionError> connectionError)
            implements WebSocketEvent {}
}
