package dev.meerkat;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * Sees the bytes that pass a socket: a hex dump, a packet capture, a recorder of one's own. Set for every socket of a
 * manager by {@link ObserveOptions#taps()}, or for one by {@link Connection#addTap} or {@link UdpSocket#addTap}; a
 * socket without a tap pays nothing.
 *
 * <p>A tap stands above TLS: it sees what the handler sees. It is called on the loop thread, in the moment in which
 * bytes come from the socket or are taken by it, and whoever waits in it keeps every connection of the manager waiting.
 * What it throws goes to the {@link ErrorHook}, and the tap is taken off the socket that it failed on; the connection
 * goes on. A tap that serves several managers is called by several threads.
 */
public interface Tap {
    /** What else happens to a socket. */
    enum Mark {
        /** It was accepted; the first thing that a tap hears of an inbound connection. */
        ACCEPTED,
        /** It is connected; the first thing that a tap hears of an outbound connection. */
        CONNECTED,
        /** The tap was put on a connection that was open already, or on a datagram socket. */
        JOINED,
        /** The peer has ended its direction: its FIN was read. */
        INPUT_ENDED,
        /** The tap was taken off and sees no more of it. */
        LEFT,
        /** We have ended ours. */
        OUTPUT_ENDED,
        /** The socket was closed in order. */
        CLOSED,
        /** We have closed it with a reset. */
        ABORTED,
        /** Reading or writing failed: the peer's reset, or an error of the system. */
        FAILED
    }

    /** A socket as a tap sees it. Valid until the call returns. */
    interface Wire {
        /**
         * The id of the connection or datagram socket.
         *
         * @return as {@link Connection#id()}
         */
        long id();

        /**
         * Whose socket it is.
         *
         * @return the manager
         */
        EventManager manager();

        /**
         * Tells datagrams from a stream.
         *
         * @return true for UDP, false for TCP and for stream sockets of the file system
         */
        boolean isDatagram();

        /**
         * Tells which end it is.
         *
         * @return whether it was accepted, and not connected
         */
        boolean isInbound();

        /**
         * Our address.
         *
         * @return the address, also after the end
         */
        SocketAddress localAddress();

        /**
         * The peer's address; of a datagram socket that of the datagram at hand.
         *
         * @return the address, also after the end
         */
        SocketAddress remoteAddress();

        /**
         * When it happens.
         *
         * @return the time by the manager's wall clock, virtual in a virtual world
         */
        Instant time();
    }

    /**
     * Bytes came from the peer; of a datagram socket one datagram.
     *
     * @param wire the socket
     * @param bytes what came, read-only and valid until this returns; may be empty for a datagram only
     */
    void received(Wire wire, ByteBuffer bytes);

    /**
     * Bytes were taken by the operating system; of a datagram socket one datagram.
     *
     * @param wire the socket
     * @param bytes what was taken, read-only and valid until this returns; may be empty for a datagram only
     */
    void sent(Wire wire, ByteBuffer bytes);

    /**
     * Something else happened.
     *
     * @param wire the socket
     * @param mark what happened
     */
    default void marked(Wire wire, Mark mark) {}
}
