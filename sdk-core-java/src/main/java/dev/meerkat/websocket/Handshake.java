package dev.meerkat.websocket;

import dev.meerkat.http.Request;
import java.util.List;
import java.util.Optional;

/**
 * A peer's wish to become a WebSocket (RFC 6455 §4.2.1), which has been found to be well-formed and has not been
 * answered. Server only, loop thread; valid until it is answered. Not for implementing.
 */
public interface Handshake {
    /**
     * The request: its path, query, fields, cookies, the peer's address, and what filters in front have remembered of
     * it.
     *
     * @return the request, not to be answered in another way
     */
    Request request();

    /**
     * Who serves the peer if it is accepted.
     *
     * @return one of the server's protocols
     */
    WebSocketProtocol protocol();

    /**
     * The sub-protocols that the peer can speak, the preferred one first.
     *
     * @return names, none if it did not ask for any
     */
    List<String> subprotocols();

    /**
     * Where the script came from that asks, as browsers say (RFC 6454).
     *
     * @return the value of {@code Origin}; empty if the peer is no browser
     */
    Optional<String> origin();

    /**
     * Accepts, with the name of {@link #protocol()} as sub-protocol if the peer asked for it.
     *
     * @return the answer; more fields by {@link HandshakeAnswer#withHeader}
     */
    HandshakeAnswer accept();

    /**
     * Accepts, with another sub-protocol.
     *
     * @param subprotocol one of {@link #subprotocols()}
     * @return the answer
     * @throws IllegalArgumentException if the peer did not ask for it
     */
    HandshakeAnswer accept(String subprotocol);

    /**
     * Refuses.
     *
     * @param status the status to answer, for example 401 or 403; 300 to 599
     * @param message one sentence for the peer
     * @return the answer; more fields by {@link HandshakeAnswer#withHeader}
     * @throws IllegalArgumentException if the status is another
     */
    HandshakeAnswer refuse(int status, String message);
}
