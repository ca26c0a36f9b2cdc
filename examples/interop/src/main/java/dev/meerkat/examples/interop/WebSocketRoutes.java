package dev.meerkat.examples.interop;

import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.http.Router;
import dev.meerkat.websocket.CompressionOptions;
import dev.meerkat.websocket.Delivery;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.MessageOutput;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the interop server does over WebSocket. The paths are a contract with load generators and with the tests that
 * point other people's clients at it.
 *
 * <pre>
 *   /ws              every text and binary message back, up to 64 MiB, compressed if the client offers it
 *   /ws-fragments    every message back, of any length, piece by piece while it comes
 *   /broadcast       every text to all who are here, its sender included
 * </pre>
 */
final class WebSocketRoutes {
    /** The longest message that is echoed as a whole. */
    static final int MOST_BYTES = 64 << 20;

    private WebSocketRoutes() {}

    /** Adds the routes. */
    static Router addTo(Router router) {
        return router.get("/ws", new Route("echo"))
                .get("/ws-fragments", new Route("pieces"))
                .get("/broadcast", new Route("broadcast"));
    }

    /** A server that is made when it is asked for first, since the processor time of a start is measured. */
    private record Route(String name) implements HttpHandler {
        @Override
        public Response handle(Request request) throws Exception {
            return server().handle(request);
        }

        @Override
        public Response onHead(Request request) throws Exception {
            return server().onHead(request);
        }

        private WebSocketServer server() {
            return switch (name) {
                case "echo" -> Servers.ECHO;
                case "pieces" -> Servers.PIECES;
                default -> Servers.BROADCAST;
            };
        }
    }

    /** The three. */
    static final class Servers {
        /**
         * No pings, which load generators do not expect; every message is compressed, however short, and may be as
         * compressible as it likes.
         */
        static final WebSocketOptions OPTIONS = WebSocketOptions.builder()
                .messageBytes(MOST_BYTES)
                .pingInterval(Duration.ZERO)
                .compression(CompressionOptions.builder()
                        .threshold(0)
                        .inflationRatio(2000)
                        .build())
                .build();

        static final WebSocketServer ECHO = serve(WebSocketRoutes::echo, OPTIONS);
        static final WebSocketServer PIECES = serve(
                WebSocketRoutes::echoPieces,
                OPTIONS.toBuilder().delivery(Delivery.FRAGMENTS).build());
        static final WebSocketServer BROADCAST = serve(WebSocketRoutes::broadcast, OPTIONS);

        private Servers() {}

        private static WebSocketServer serve(WebSocketHandler handler, WebSocketOptions options) {
            return WebSocketServer.builder()
                    .options(options)
                    .protocol(WebSocketProtocol.unnamed(handler))
                    .build();
        }
    }

    /** A peer that sends and does not read is not read either. */
    static void echo(WebSocket webSocket, Event event) {
        if (event instanceof WebSocketEvent.Text text) {
            webSocket.sendText(text.payload());
        } else if (event instanceof WebSocketEvent.Binary binary) {
            webSocket.sendBinary(binary.payload());
        } else if (event instanceof TcpEvent.Drained) {
            webSocket.resumeReading();
            return;
        } else {
            return;
        }
        if (!webSocket.isWritable()) {
            webSocket.pauseReading();
        }
    }

    private static void echoPieces(WebSocket webSocket, Event event) {
        if (event instanceof WebSocketEvent.Opened) {
            webSocket.session(new Pieces());
        } else if (event instanceof WebSocketEvent.Fragment piece) {
            webSocket.session(Pieces.class).echo(webSocket, piece);
            if (!webSocket.isWritable()) {
                webSocket.pauseReading();
            }
        } else if (event instanceof TcpEvent.Drained) {
            webSocket.resumeReading();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nobody asks how many heard it
    private static void broadcast(WebSocket webSocket, Event event) {
        if (event instanceof WebSocketEvent.Text text) {
            Message message = Message.text(text.payload().take());
            webSocket.protocol().orElseThrow().send(message);
        }
    }

    /** The message that is on its way back. */
    private static final class Pieces {
        private @Nullable MessageOutput output;

        void echo(WebSocket webSocket, WebSocketEvent.Fragment piece) {
            MessageOutput back = output == null ? webSocket.startMessage(piece.text()) : output;
            output = piece.last() ? null : back;
            if (piece.last()) {
                back.end(piece.payload().take());
            } else {
                back.send(piece.payload().take());
            }
        }
    }
}
