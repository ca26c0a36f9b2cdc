package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.event.Event;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Router;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** WebSockets of a client, on every transport. */
abstract class WebSocketClientRules extends ManagerRules {
    final List<String> told = new ArrayList<>();

    final String serve(WebSocketHandler handler) {
        Acceptor acceptor = manager()
                .listen(
                        arm.listenAddress(),
                        HttpServer.handler(
                                HttpServerRules.TIMELESS, Router.create().webSocket("/chat", handler)));
        return "ws://" + arm.host() + ":" + acceptor.port() + "/chat";
    }

    final WebSocketHandler telling(WebSocketHandler handler) {
        return (webSocket, event) -> {
            told.add(inShort(event));
            handler.onEvent(webSocket, event);
        };
    }

    private static String inShort(Event event) {
        if (event instanceof WebSocketEvent.Text text) {
            return text.text();
        }
        if (event instanceof WebSocketEvent.Refused refused) {
            return "Refused " + refused.head().status();
        }
        if (event instanceof WebSocketEvent.Closed closed) {
            return "Closed " + closed.status().code() + " by " + closed.by() + (closed.clean() ? "" : ", not clean");
        }
        return event.getClass().getSimpleName();
    }

    @Test
    void aClientTalksWithAServerAndClosesInOrder() {
        String uri = serve(WebSocketRules.ECHO);
        inTurn(() -> WebSocketClient.connect(manager(), uri, telling((webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened) {
                webSocket.send("hello");
            } else if (event instanceof WebSocketEvent.Text) {
                webSocket.close();
            }
        })));
        until("the end", () -> told.size() == 3);
        assertEquals(List.of("Opened", "hello", "Closed 1000 by LOCAL"), told);
    }

    @Test
    void aServerThatRefusesIsHeard() {
        String uri = serve(WebSocketRules.ECHO) + "/nowhere";
        inTurn(() -> WebSocketClient.connect(manager(), uri, telling((webSocket, event) -> {})));
        until("the end", () -> told.size() == 2);
        assertEquals(List.of("Refused 404", "Closed 1006 by PEER, not clean"), told);
    }
}
