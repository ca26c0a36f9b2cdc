package dev.meerkat;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One of the peers that a {@link UdpPeers} knows: an address that datagrams come from, and what the program keeps with
 * it. Lives until nothing has come for the idle time-out, it is closed, or its socket ends.
 *
 * <p>Belongs to the loop thread of the socket's manager, but for what may be called from any thread.
 */
public interface UdpPeer {
    /**
     * May be called from any thread. Where its datagrams come from and go to.
     *
     * @return the address
     */
    InetSocketAddress address();

    /**
     * May be called from any thread. The socket that all peers share.
     *
     * @return the socket
     */
    UdpSocket socket();

    /**
     * May be called from any thread. Sends it one datagram, as {@link UdpSocket#sendTo(InetSocketAddress, Bytes)} does,
     * also after its end. Sending does not keep a peer: only what comes from it does.
     *
     * @param payload what to send, possibly empty
     * @return this peer
     */
    default UdpPeer send(Bytes payload) {
        socket().sendTo(address(), payload);
        return this;
    }

    /**
     * Sends it one datagram.
     *
     * @param payload what to send, possibly empty
     * @return this peer
     */
    default UdpPeer send(byte[] payload) {
        socket().sendTo(address(), payload);
        return this;
    }

    /**
     * Sends it one datagram.
     *
     * @param payload what to send, position to limit, possibly empty; the position moves to the limit
     * @return this peer
     */
    default UdpPeer send(ByteBuffer payload) {
        socket().sendTo(address(), payload);
        return this;
    }

    /**
     * Sends it what was received, without a copy.
     *
     * @param payload all its unread bytes, which are discarded there
     * @return this peer
     */
    default UdpPeer send(ReceiveBuffer payload) {
        socket().sendTo(address(), payload);
        return this;
    }

    /**
     * May be called from any thread. Sends it a text in UTF-8 as one datagram.
     *
     * @param text what to send
     * @return this peer
     */
    default UdpPeer send(CharSequence text) {
        socket().sendTo(address(), text);
        return this;
    }

    /**
     * Tells whether it is still known.
     *
     * @return false from its end on
     */
    boolean isAlive();

    /**
     * How long nothing has come from it.
     *
     * @return the time since its last datagram
     */
    Duration idle();

    /** Forgets this peer: its handler is told, and its next datagram makes another one. A second call does nothing. */
    void close();

    /**
     * Keeps an object of the program's with this peer.
     *
     * @param attachment the object, or null for none
     */
    void attach(@Nullable Object attachment);

    /**
     * Returns the attached object.
     *
     * @param type its class
     * @param <T> its type
     * @return the object, or null if there is none
     * @throws ClassCastException if the object is of another class
     */
    <T> @Nullable T attachment(Class<T> type);
}
