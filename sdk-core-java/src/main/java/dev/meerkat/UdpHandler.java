package dev.meerkat;

import dev.meerkat.event.UdpEvent;

/**
 * Receives the events of UDP sockets: the one place where a program reacts to datagrams.
 *
 * <p>Called on the manager's loop thread, one event after the other, never nested. It must not block. If it throws,
 * that socket is aborted, the failure is reported once to the manager's error hook, and everything else goes on.
 *
 * <p>Bytes in an event are borrowed until the handler returns.
 *
 * <p>A server that answers every datagram with itself:
 *
 * <pre>{@code
 * manager.listenUdp("udp://127.0.0.1:0", (socket, event) -> {
 *     if (event instanceof UdpEvent.Received datagram) {
 *         socket.sendTo(datagram.sender(), datagram.buffer());
 *     }
 * });
 * }</pre>
 */
@FunctionalInterface
public interface UdpHandler {
    /**
     * Reacts to an event.
     *
     * @param socket whom it happened to
     * @param event what happened
     * @throws Exception if the handler fails; the socket is then aborted
     */
    void onEvent(UdpSocket socket, UdpEvent event) throws Exception;

    /**
     * Another handler has taken this one's place on a socket, which goes on: nothing of it comes here any more, not
     * even {@code Closed}. Does nothing by default.
     *
     * @param socket which socket
     */
    default void onReplaced(UdpSocket socket) {}
}
