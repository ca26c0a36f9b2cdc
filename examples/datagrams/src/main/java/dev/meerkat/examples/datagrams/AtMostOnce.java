package dev.meerkat.examples.datagrams;

import dev.meerkat.UdpPeer;
import dev.meerkat.UdpPeerHandler;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.UdpEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Executes each request of a peer at most once, however often it arrives: what was answered before is answered again.
 * The answers are kept until the peer has been silent for the idle time-out of its {@code UdpPeers}, which has to be
 * longer than a client goes on asking.
 */
public final class AtMostOnce implements UdpPeerHandler {
    /** More than a client has under way. */
    private static final int MOST_ANSWERS = 2_000;

    private final UnaryOperator<String> service;
    private final Map<Integer, Bytes> answers = new LinkedHashMap<>();

    /**
     * Makes the handler of one peer.
     *
     * @param service what a request is answered with
     */
    public AtMostOnce(UnaryOperator<String> service) {
        this.service = service;
    }

    @Override
    public void onDatagram(UdpPeer peer, UdpEvent.Received datagram) {
        Messages.decode(datagram)
                .ifPresent(request -> peer.send(answers.computeIfAbsent(request.number(), number -> answer(request))));
        if (answers.size() > MOST_ANSWERS) {
            answers.remove(answers.keySet().iterator().next());
        }
    }

    private Bytes answer(Messages request) {
        return new Messages(request.number(), service.apply(request.text())).encode();
    }
}
