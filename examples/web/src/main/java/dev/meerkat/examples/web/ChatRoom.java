package dev.meerkat.examples.web;

import dev.meerkat.SlowReceiverPolicy;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Response;
import dev.meerkat.http.Router;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Everybody who has the page open reads what anybody writes. */
final class ChatRoom implements WebSocketHandler {
    /** A line of the page has at most 522 characters. */
    private static final WebSocketOptions OPTIONS =
            WebSocketOptions.builder().messageBytes(4096).build();

    /** The page, what it needs, and the room. */
    static Router routes() {
        return Router.create()
                .get("/", resource("chat.html", "text/html; charset=utf-8"))
                .get("/chat.css", resource("chat.css", "text/css"))
                .get("/chat.js", resource("chat.js", "text/javascript"))
                .webSocket(
                        "/room",
                        WebSocketServer.builder()
                                .sameOrigin() // no other page may read along
                                .options(OPTIONS)
                                .protocol(WebSocketProtocol.unnamed(new ChatRoom())
                                        .slowReceivers(SlowReceiverPolicy.CLOSE))
                                .build());
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // nobody asks how many heard it
    public void onEvent(WebSocket webSocket, Event event) {
        WebSocketProtocol room = webSocket.protocol().orElseThrow();
        if (event instanceof WebSocketEvent.Opened) {
            room.send(Message.text("somebody has come; " + room.size() + " are here"));
        } else if (event instanceof WebSocketEvent.Text text) {
            room.send(Message.text(text.payload().take()));
        } else if (event instanceof WebSocketEvent.Closed) {
            room.send(Message.text("somebody has gone"));
        }
    }

    private static HttpHandler resource(String name, String type) {
        try (InputStream input = Objects.requireNonNull(ChatRoom.class.getResourceAsStream(name), name)) {
            Response response = Response.bytes(type, Bytes.copyOf(input.readAllBytes()));
            return HttpHandler.of(request -> response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
