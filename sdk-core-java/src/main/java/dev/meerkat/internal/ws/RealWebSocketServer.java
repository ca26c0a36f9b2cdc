package dev.meerkat.internal.ws;

import dev.meerkat.EventManager;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.internal.websocket.HandshakeException;
import dev.meerkat.internal.websocket.Offer;
import dev.meerkat.internal.websocket.OpeningHandshake;
import dev.meerkat.websocket.HandshakeAnswer;
import dev.meerkat.websocket.HandshakeError;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Answers handshakes. Any number of managers; each request on its loop thread. */
public final class RealWebSocketServer implements WebSocketServer {
    private static final Response NO_WEBSOCKET = Response.error(426, "here is a WebSocket (RFC 6455)")
            .withHeader("Upgrade", "websocket")
            .withHeader("Sec-WebSocket-Version", "13");

    private final List<ServedProtocol> protocols;
    private final @Nullable ServedProtocol unnamed;
    private final Origins origins;
    private final @Nullable HttpHandler http;

    /**
     * Makes a server.
     *
     * @param protocols one at least; they belong to this server from now on
     * @param origins from where scripts may come
     * @param http answers what asks for no WebSocket, or null
     * @throws IllegalArgumentException if there is no protocol, or two have the same name
     */
    public RealWebSocketServer(List<ServedProtocol> protocols, Origins origins, @Nullable HttpHandler http) {
        this.protocols = protocols;
        this.origins = origins;
        this.http = http;
        if (protocols.isEmpty()) {
            throw new IllegalArgumentException("a WebSocket server has one protocol at least");
        }
        Set<Optional<String>> names = new HashSet<>();
        ServedProtocol forAll = null;
        for (int i = 0; i < protocols.size(); i++) {
            ServedProtocol protocol = protocols.get(i);
            if (!names.add(protocol.name())) {
                throw new IllegalArgumentException("two protocols of the same name: " + protocol);
            }
            if (protocol.name().isEmpty()) {
                forAll = protocol;
            }
            protocol.joins(this, i);
        }
        unnamed = forAll;
    }

    @Override
    public List<WebSocketProtocol> protocols() {
        return List.copyOf(protocols);
    }

    @Override
    public Response handle(Request request) throws Exception {
        return onHead(request);
    }

    @Override
    public Response onHead(Request request) throws Exception {
        if (!OpeningHandshake.isAsked(request.head())) {
            HttpHandler other = http;
            return other == null ? NO_WEBSOCKET : other.onHead(request);
        }
        Offer offer;
        try {
            offer = OpeningHandshake.read(request.head());
        } catch (HandshakeException e) {
            return refusal(e.error());
        }
        if (!origins.admit(request)) {
            return Response.error(403, "not from this origin");
        }
        ServedProtocol protocol = choose(offer);
        if (protocol == null) {
            return Response.error(400, "none of the sub-protocols asked for is spoken here");
        }
        return answer(new Asking(request, offer, protocol));
    }

    private static Response refusal(HandshakeError error) {
        Response response = Response.error(error.status(), error.message());
        Headers fields = OpeningHandshake.refusal(error);
        for (int i = 0; i < fields.size(); i++) {
            if (!fields.name(i).equalsIgnoreCase("Connection")) {
                response = response.withHeader(fields.name(i), fields.value(i));
            }
        }
        return response;
    }

    private @Nullable ServedProtocol choose(Offer offer) {
        for (String name : offer.protocols()) {
            for (ServedProtocol protocol : protocols) {
                if (protocol.name().isPresent() && protocol.name().get().equals(name)) {
                    return protocol;
                }
            }
        }
        return unnamed;
    }

    private static Response answer(Asking asking) throws Exception {
        return respond(asking, asking.served().handler().onHandshake(asking));
    }

    /** Loop thread. */
    private static Response respond(Asking asking, HandshakeAnswer answer) {
        if (answer instanceof HandshakeAnswer.Refuse refuse) {
            return refuse.response();
        }
        return answer instanceof HandshakeAnswer.Later later
                ? Response.later(later(asking, later))
                : Accepting.accept(asking, (HandshakeAnswer.Accept) answer);
    }

    /** The answer may be known on any thread; what follows from it belongs to the loop. */
    private static CompletionStage<Response> later(Asking asking, HandshakeAnswer.Later later) {
        EventManager manager = asking.request().connection().manager();
        CompletableFuture<Response> response = new CompletableFuture<>();
        later.answer().whenComplete((known, failure) -> {
            if (failure != null) {
                response.completeExceptionally(failure);
            } else if (manager.inLoop()) {
                complete(response, asking, known);
            } else {
                try {
                    manager.post(() -> complete(response, asking, known));
                } catch (RuntimeException e) {
                    response.completeExceptionally(e);
                }
            }
        });
        return response;
    }

    private static void complete(CompletableFuture<Response> response, Asking asking, HandshakeAnswer known) {
        try {
            response.complete(respond(asking, Objects.requireNonNull(known, "answer")));
        } catch (Throwable e) {
            response.completeExceptionally(e);
        }
    }

    @Override
    public String toString() {
        return "WebSocketServer" + protocols;
    }
}
