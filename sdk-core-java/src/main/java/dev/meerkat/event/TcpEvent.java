package dev.meerkat.event;

import java.util.Objects;

/** What happens to a TCP connection; the package page shows all events, their order and how long they are valid. */
public sealed interface TcpEvent extends Event {

    /**
     * The connection is established; for an inbound one before any byte was read. On a {@code tls://} connection the
     * handshake is done.
     */
    record Opened() implements TcpEvent {
        /** The only instance that is ever needed. */
        public static final Opened INSTANCE = new Opened();
    }

    /**
     * An outbound connection could not be made. {@link Closed} follows.
     *
     * @param error what went wrong
     */
    record ConnectFailed(ConnectionError error) implements TcpEvent {
        // Rejects a missing error.
        public ConnectFailed {
            Objects.requireNonNull(error, "error");
        }
    }

    /**
     * The TLS handshake failed: of an accepted {@code tls://} connection, which was never opened, or of one that had
     * {@code startTls} called. {@link Closed} follows. For an outbound {@code tls://} connection this is
     * {@link ConnectFailed}.
     *
     * @param error what went wrong, and whose fault it is
     */
    record HandshakeFailed(ConnectionError error) implements TcpEvent {
        // Rejects a missing error.
        public HandshakeFailed {
            Objects.requireNonNull(error, "error");
        }
    }

    /**
     * The TLS handshake that {@code startTls} began is done: from here on everything is encrypted, in both directions.
     * Nothing that the peer sent in clear follows.
     */
    record Secured() implements TcpEvent {
        /** The only instance that is ever needed. */
        public static final Secured INSTANCE = new Secured();
    }

    /**
     * Bytes arrived. What the handler does not take stays in the buffer, and the next event finds it there, in front of
     * what arrives then. At the receive limit reading stops until the handler takes something.
     *
     * @param buffer all unread bytes; borrowed until the handler returns
     * @param count how many of them are new, at least 1
     */
    record Received(ReceiveBuffer buffer, int count) implements TcpEvent {
        /**
         * Takes all unread bytes out of the buffer.
         *
         * @return a copy, which the caller may keep
         */
        public Bytes take() {
            return buffer.take();
        }

        /**
         * Takes all unread bytes out of the buffer and reads them as UTF-8. Malformed input becomes U+FFFD; a character
         * that a packet boundary splits is malformed too, so text protocols should look for their delimiter first.
         *
         * @return the text
         */
        public String takeText() {
            return buffer.takeText();
        }
    }

    /**
     * The operating system took bytes. Delivered only to connections that asked for it by an option.
     *
     * @param count how many bytes left since the last such event
     */
    record Sent(long count) implements TcpEvent {}

    /** What waits to be sent had risen above the high-water mark and has now fallen to the low-water mark. */
    record Drained() implements TcpEvent {
        /** The only instance that is ever needed. */
        public static final Drained INSTANCE = new Drained();
    }

    /**
     * The connection can take more output. Delivered once for each time it was asked for by
     * {@code Connection.requestWritable}: in the next turn of the loop if there is room already, otherwise after
     * {@link Drained}.
     */
    record Writable() implements TcpEvent {
        /** The only instance that is ever needed. */
        public static final Writable INSTANCE = new Writable();
    }

    /**
     * The peer has ended its direction; no {@link Received} follows. Unless the connection was opened with half-close,
     * it closes by itself after this event, once everything is sent.
     */
    record InputClosed() implements TcpEvent {
        /** The only instance that is ever needed. */
        public static final InputClosed INSTANCE = new InputClosed();
    }

    /**
     * A message to all connections. Nothing has been sent: what to send, if anything, is up to the handler.
     *
     * @param bytes the message, shared with all the other receivers and never copied
     */
    record Broadcast(Bytes bytes) implements TcpEvent {
        // Rejects a missing message.
        public Broadcast {
            Objects.requireNonNull(bytes, "bytes");
        }
    }

    /**
     * The connection's timer is due. It is cleared by then; the handler may set it anew.
     *
     * @param deadlineNanos when it was due, on the manager's monotonic clock. In a virtual world the clock shows
     *     exactly this; on a real machine it shows this or later, never earlier
     */
    record TimerFired(long deadlineNanos) implements TcpEvent {}

    /** The housekeeping interval is over. Delivered only to connections that asked for it by an option. */
    record Tick() implements TcpEvent {
        /** The only instance that is ever needed. */
        public static final Tick INSTANCE = new Tick();
    }

    /**
     * The manager is ending gracefully: it accepts nobody any more, and closes when its last connection has ended, or
     * at the deadline. A protocol that has a goodbye says it now; one that has none may close, or be cut. At most once.
     *
     * @param deadlineNanos when the manager will close at the latest, on its monotonic clock; a later call of
     *     {@code shutdown} may bring it nearer
     */
    record ShuttingDown(long deadlineNanos) implements TcpEvent {}

    /**
     * The connection is gone. Delivered exactly once, as the last event.
     *
     * @param reason who closed it and why
     */
    record Closed(CloseReason reason) implements TcpEvent {
        // Rejects a missing reason.
        public Closed {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
