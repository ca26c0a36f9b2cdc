package dev.meerkat.event;

import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * What happens to a UDP socket; the package page shows all events, their order and how long they are valid. Not an
 * {@link Event}: no handler of connections ever meets one.
 */
public sealed interface UdpEvent {

    /** The socket is bound and, if it was to be connected, has its peer; before any datagram is received. */
    record Opened() implements UdpEvent {
        /** The only instance that is ever needed. */
        public static final Opened INSTANCE = new Opened();
    }

    /**
     * A socket could not be connected: the name has no address, or the system refused. {@link Closed} follows.
     *
     * @param error what went wrong
     */
    record ConnectFailed(ConnectionError error) implements UdpEvent {
        // Rejects a missing error.
        public ConnectFailed {
            Objects.requireNonNull(error, "error");
        }
    }

    /**
     * One datagram arrived, possibly empty. What the handler does not take of it is gone when it returns: two datagrams
     * are never joined.
     *
     * @param sender who sent it, as far as UDP can tell: anybody may write any address there
     * @param buffer the payload, at most as long as the socket's datagram limit; borrowed until the handler returns
     * @param truncated whether the datagram was longer than the limit and its end is lost; how much longer is not known
     */
    record Received(InetSocketAddress sender, ReceiveBuffer buffer, boolean truncated) implements UdpEvent {
        /**
         * Takes the payload.
         *
         * @return a copy, which the caller may keep
         */
        public Bytes take() {
            return buffer.take();
        }

        /**
         * Takes the payload and reads it as UTF-8; malformed input becomes U+FFFD.
         *
         * @return the text
         */
        public String takeText() {
            return buffer.takeText();
        }
    }

    /**
     * An earlier datagram met a port that nobody listens on. The socket goes on. Only connected sockets are told, and
     * nobody is if a firewall on the way keeps silent.
     *
     * @param peer the peer of the socket
     */
    record PortUnreachable(InetSocketAddress peer) implements UdpEvent {
        // Rejects a missing peer.
        public PortUnreachable {
            Objects.requireNonNull(peer, "peer");
        }
    }

    /**
     * A datagram did not leave: it is too long for what it was to pass, there is no route, or it is not permitted. The
     * socket goes on. Of the failures of one turn the first 256 are told.
     *
     * @param target to whom it was sent
     * @param length how many bytes it had
     * @param error what went wrong
     */
    record SendFailed(InetSocketAddress target, int length, ConnectionError error) implements UdpEvent {
        // Rejects a missing target or error.
        public SendFailed {
            Objects.requireNonNull(target, "target");
            Objects.requireNonNull(error, "error");
        }
    }

    /**
     * The system reported an error while receiving, usually of an earlier datagram: no route to the peer, for instance.
     * The socket goes on.
     *
     * @param error what went wrong
     */
    record ReceiveFailed(ConnectionError error) implements UdpEvent {
        // Rejects a missing error.
        public ReceiveFailed {
            Objects.requireNonNull(error, "error");
        }
    }

    /** What waits to be sent had risen above the high-water mark and has now fallen to the low-water mark. */
    record Drained() implements UdpEvent {
        /** The only instance that is ever needed. */
        public static final Drained INSTANCE = new Drained();
    }

    /**
     * The socket's timer is due. It is cleared by then; the handler may set it anew.
     *
     * @param deadlineNanos when it was due, on the manager's monotonic clock; see {@link TcpEvent.TimerFired}
     */
    record TimerFired(long deadlineNanos) implements UdpEvent {}

    /** The housekeeping interval is over. Delivered only to sockets that asked for it by an option. */
    record Tick() implements UdpEvent {
        /** The only instance that is ever needed. */
        public static final Tick INSTANCE = new Tick();
    }

    /**
     * The socket is gone. Delivered exactly once, as the last event.
     *
     * @param reason who closed it and why
     */
    record Closed(CloseReason reason) implements UdpEvent {
        // Rejects a missing reason.
        public Closed {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
