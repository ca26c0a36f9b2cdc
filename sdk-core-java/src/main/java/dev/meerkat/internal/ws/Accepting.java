package dev.meerkat.internal.ws;

import dev.meerkat.EventManager;
import dev.meerkat.http.Headers;
import dev.meerkat.http.Response;
import dev.meerkat.internal.websocket.Agreement;
import dev.meerkat.internal.websocket.DeflateNegotiation;
import dev.meerkat.internal.websocket.DeflateNegotiation.Accepted;
import dev.meerkat.internal.websocket.Extension;
import dev.meerkat.internal.websocket.OpeningHandshake;
import dev.meerkat.websocket.HandshakeAnswer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A server says yes: a place is taken, extensions are agreed on, and the connection becomes a WebSocket when the answer
 * has left. If it never does, all of it is given back. Loop thread.
 */
final class Accepting {
    private Accepting() {}

    static Response accept(Asking asking, HandshakeAnswer.Accept accept) {
        ServedProtocol protocol = asking.served();
        EventManager manager = asking.request().connection().manager();
        if (!protocol.admit()) {
            return Response.error(503, "there are as many WebSockets here as there may be");
        }
        RealWebSocket webSocket = null;
        try {
            Site site = protocol.site(manager);
            Optional<Accepted> packing = DeflateNegotiation.accept(
                    asking.offer().extensions(), protocol.options().compression(), site.mayKeep());
            List<Extension> extensions = packing.stream().map(Accepted::answer).toList();
            Headers fields = OpeningHandshake.answer(
                    asking.offer(), new Agreement(accept.subprotocol().orElse(null), extensions));
            webSocket = new RealWebSocket(
                    site,
                    protocol,
                    protocol.agreement(
                            accept.subprotocol(), packing.map(Accepted::answer).map(Extension::toString)),
                    packing.map(agreed -> new Compression(site.pool(), site.writer, agreed.terms()))
                            .orElse(null));
            webSocket.begin(accept.session().orElse(null));
            Response response = response(webSocket, fields, accept.headers());
            giveBackIfUnused(asking, webSocket, manager);
            return response;
        } catch (Throwable e) {
            if (webSocket == null) {
                protocol.dismiss();
            } else {
                Opener.neverLeft(webSocket);
            }
            throw e;
        }
    }

    private static Response response(RealWebSocket webSocket, Headers fields, Headers more) {
        return Response.upgrade("websocket", webSocket).withHeaders(known -> {
            Headers.Builder all = known.toBuilder();
            for (int i = 0; i < fields.size(); i++) {
                String name = fields.name(i);
                if (!name.equalsIgnoreCase("Connection") && !name.equalsIgnoreCase("Upgrade")) {
                    all.set(name, fields.value(i));
                }
            }
            return all.addAll(more).build();
        });
    }

    /** The answer leaves, and the WebSocket is opened in the same turn; or it does not, or another one has left. */
    private static void giveBackIfUnused(Asking asking, RealWebSocket webSocket, EventManager manager) {
        asking.request().whenSent().thenAccept(sent -> {
            if (sent) {
                manager.schedule(Duration.ZERO, () -> Opener.neverLeft(webSocket));
            } else {
                Opener.neverLeft(webSocket);
            }
        });
    }
}
