package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.event.Event;
import dev.meerkat.internal.ws.RealWebSocket.State;
import dev.meerkat.websocket.WebSocketEvent;
import org.jspecify.annotations.Nullable;

/**
 * How a WebSocket begins, or does not. HTTP brings the connection: a server's from {@code internal.http.Upgrading} when
 * the answer of {@link Accepting} has left, a client's when the head of the answer was read by {@link ClientOpening}.
 * Holds nothing. Loop thread.
 */
final class Opener {
    private Opener() {}

    /** The handshake is done: from now on the connection is the WebSocket's. */
    static void open(RealWebSocket webSocket, Connection from) {
        if (webSocket.state() != State.NEW) {
            from.abort(); // the answer that brings it was given before, to somebody else
            return;
        }
        webSocket.opened(from);
        webSocket.incoming.begin(from);
        webSocket.site.liveness.opened(webSocket);
        ServedProtocol served = webSocket.served();
        if (served != null) {
            served.opened(webSocket);
            try {
                webSocket.beginSession(served);
            } catch (Throwable e) {
                Closer.failed(webSocket, e);
                return;
            }
        }
        webSocket.tell(webSocket.agreement());
    }

    /** A client's: there will be no WebSocket. */
    static void neverOpened(RealWebSocket webSocket, @Nullable Event why, WebSocketEvent.Closed last) {
        if (webSocket.state() == State.NEW) {
            webSocket.over();
            boolean unused = webSocket.site.part();
            if (why != null) {
                webSocket.tell(why);
            }
            webSocket.tell(last);
        }
    }

    /** A server's: its answer to the handshake has not left, or another one in its place. */
    static void neverLeft(RealWebSocket webSocket) {
        ServedProtocol served = webSocket.served();
        if (served != null && webSocket.state() == State.NEW) {
            webSocket.over();
            served.gone(webSocket, false);
        }
    }
}
