package dev.meerkat.examples.interop;

import dev.meerkat.EventManager;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Router;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Handshake;
import dev.meerkat.websocket.HandshakeAnswer;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The interop server's WebSockets, and some more for what an echo does not show, in this process. */
final class WebSocketSite implements AutoCloseable {
    /** The longest message at {@code /small}. */
    static final int SMALL = 1000;

    private final EventManager manager = EventManager.create();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final int port;

    WebSocketSite() {
        Router router = WebSocketRoutes.addTo(Router.create())
                .webSocket(
                        "/chat",
                        WebSocketServer.builder()
                                .protocol(WebSocketProtocol.named("chat.v1", WebSocketSite::answer))
                                .protocol(WebSocketProtocol.named("chat.v2", WebSocketSite::answer))
                                .build())
                .webSocket("/heard", this::tell)
                .webSocket("/closing", this::close)
                .webSocket(
                        "/small",
                        WebSocketServer.builder()
                                .protocol(WebSocketProtocol.unnamed(WebSocketRoutes::echo)
                                        .options(WebSocketRoutes.Servers.OPTIONS.toBuilder()
                                                .messageBytes(SMALL)
                                                .build()))
                                .build())
                .webSocket("/elsewhere", from("https://example.com"))
                .webSocket("/pinging", WebSocketSite::ping)
                .webSocket("/refused/{status}", new Refusing());
        port = manager.listen("http://127.0.0.1:0", Interop.LISTEN, HttpServer.handler(Interop.HTTP, router))
                .port();
        manager.start();
    }

    /** Lets in scripts of one origin. */
    private static WebSocketServer from(String origin) {
        return WebSocketServer.builder()
                .protocol(WebSocketProtocol.unnamed(WebSocketRoutes::echo))
                .origins(origin)
                .build();
    }

    String url(String path) {
        return "ws://127.0.0.1:" + port + path;
    }

    String page() {
        return "http://127.0.0.1:" + port + "/";
    }

    /** What the server was told of an end: code, reason, by whom and how. */
    String heard() throws InterruptedException {
        String next = heard.poll(60, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("the server was told of no end");
        }
        return next;
    }

    private static void answer(WebSocket webSocket, Event event) {
        if (event instanceof WebSocketEvent.Text text) {
            webSocket.send(webSocket.subprotocol().orElse("none") + ": " + text.text());
        }
    }

    private void tell(WebSocket webSocket, Event event) {
        if (event instanceof WebSocketEvent.Closed closed) {
            heard.add(closed.status().code() + " " + closed.status().reason() + " " + closed.by() + " "
                    + (closed.clean() ? "clean" : "unclean"));
        }
    }

    private void close(WebSocket webSocket, Event event) {
        tell(webSocket, event);
        if (event instanceof WebSocketEvent.Text text) {
            String[] why = text.text().split(" ", 2);
            webSocket.close(new CloseStatus(Integer.parseInt(why[0]), why[1]));
        }
    }

    private static void ping(WebSocket webSocket, Event event) {
        if (event instanceof WebSocketEvent.Text) {
            webSocket.ping(Bytes.utf8("are you there"));
        } else if (event instanceof WebSocketEvent.Pong pong) {
            webSocket.send("pong " + pong.payload().utf8());
        }
    }

    @Override
    public void close() {
        manager.close();
    }

    private static final class Refusing implements WebSocketHandler {
        @Override
        public HandshakeAnswer onHandshake(Handshake handshake) {
            return handshake.refuse(Integer.parseInt(handshake.request().path("status")), "not today");
        }

        @Override
        public void onEvent(WebSocket webSocket, Event event) {}
    }
}
