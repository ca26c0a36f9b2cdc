package dev.meerkat;

import dev.meerkat.event.UdpEvent;

/**
 * Receives the datagrams of one peer of a {@link UdpPeers}. Called on the loop thread; must not block. If it throws,
 * that peer is forgotten and the failure is reported once to the manager's error hook; the socket and all other peers
 * go on.
 */
@FunctionalInterface
public interface UdpPeerHandler {
    /** Why a peer has ended. */
    enum End {
        /** Nothing came from it for the idle time-out. */
        IDLE,
        /** It was the longest idle when another one needed its place. */
        EVICTED,
        /** The program closed it. */
        CLOSED,
        /** Its handler threw. */
        FAILED,
        /** The socket ended. */
        SOCKET_CLOSED,
        /** The socket goes on with another handler than the {@link UdpPeers}. */
        SOCKET_REPLACED
    }

    /**
     * Reacts to a datagram.
     *
     * @param peer who sent it
     * @param datagram what it sent; its bytes are borrowed until the handler returns
     * @throws Exception if the handler fails; the peer is then forgotten
     */
    void onDatagram(UdpPeer peer, UdpEvent.Received datagram) throws Exception;

    /**
     * The peer has ended. Called exactly once, after its last datagram.
     *
     * @param peer who ended
     * @param why what ended it
     * @throws Exception if the handler fails; reported and without further consequence
     */
    default void onEnd(UdpPeer peer, End why) throws Exception {}
}
