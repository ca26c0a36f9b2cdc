package dev.meerkat.internal.ws;

import dev.meerkat.http.Headers;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.internal.websocket.Offer;
import dev.meerkat.websocket.Handshake;
import dev.meerkat.websocket.HandshakeAnswer;
import dev.meerkat.websocket.WebSocketProtocol;
import java.util.List;
import java.util.Optional;

/** A well-formed handshake that waits for its answer. */
record Asking(Request request, Offer offer, ServedProtocol served) implements Handshake {
    @Override
    public WebSocketProtocol protocol() {
        return served;
    }

    @Override
    public List<String> subprotocols() {
        return offer.protocols();
    }

    @Override
    public Optional<String> origin() {
        return request.header("Origin");
    }

    @Override
    public HandshakeAnswer accept() {
        return new HandshakeAnswer.Accept(served.name().filter(offer.protocols()::contains), Headers.EMPTY);
    }

    @Override
    public HandshakeAnswer accept(String subprotocol) {
        if (!offer.protocols().contains(subprotocol)) {
            throw new IllegalArgumentException("the peer speaks " + offer.protocols() + ", not " + subprotocol);
        }
        return new HandshakeAnswer.Accept(Optional.of(subprotocol), Headers.EMPTY);
    }

    @Override
    public HandshakeAnswer refuse(int status, String message) {
        return new HandshakeAnswer.Refuse(
                status < 400 ? Response.text(message).withStatus(status) : Response.error(status, message));
    }
}
