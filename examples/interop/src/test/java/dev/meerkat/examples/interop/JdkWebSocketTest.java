package dev.meerkat.examples.interop;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The client of the JDK, which knows no compression. */
class JdkWebSocketTest extends FrameClientRules {
    @Override
    boolean compresses() {
        return false;
    }

    /** The one of JDK 17 sends frames that are none in a text of 32 MiB, whoever the server is. */
    @Override
    int mostBytes() {
        return 16 << 20;
    }

    @Override
    WebSocketPeer start(WebSocketSite running) {
        return new Peer();
    }

    private static final class Peer implements WebSocketPeer {
        private final HttpClient client = HttpClient.newHttpClient();

        @Override
        public Session open(String url, List<String> subprotocols) {
            Connection connection = new Connection();
            WebSocket.Builder builder = client.newWebSocketBuilder();
            if (!subprotocols.isEmpty()) {
                builder.subprotocols(
                        subprotocols.get(0),
                        subprotocols.subList(1, subprotocols.size()).toArray(String[]::new));
            }
            builder.buildAsync(URI.create(url), new Listener(connection)).whenComplete((webSocket, failure) -> {
                if (failure != null) {
                    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                    connection.hear(
                            cause instanceof WebSocketHandshakeException refused
                                    ? Heard.refused(refused.getResponse().statusCode())
                                    : new Heard("failed", 0, 0, cause.toString()));
                }
            });
            return connection;
        }

        @Override
        public void close() {}
    }

    /** One message may be on its way at a time, so each waits for the one before. */
    private static final class Connection extends WebSocketPeer.Session implements Frames {
        private volatile @Nullable WebSocket webSocket;
        private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);

        private void then(Function<WebSocket, CompletableFuture<WebSocket>> what) {
            WebSocket open = Objects.requireNonNull(webSocket);
            sent = sent.thenCompose(before -> what.apply(open));
        }

        @Override
        void send(String text) {
            then(open -> open.sendText(text, true));
        }

        @Override
        void fill(boolean text, int length) {
            byte[] bytes = WebSocketPeer.pattern(text, length);
            if (text) {
                send(new String(bytes, StandardCharsets.US_ASCII));
            } else {
                then(open -> open.sendBinary(ByteBuffer.wrap(bytes), true));
            }
        }

        @Override
        void close(int code, String reason) {
            then(open -> open.sendClose(code, reason));
        }

        @Override
        public void fragment(String text, boolean last) {
            then(open -> open.sendText(text, last));
        }

        @Override
        public void ping(String payload) {
            then(open -> open.sendPing(ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8))));
        }

        @Override
        public void pong(String payload) {
            then(open -> open.sendPong(ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8))));
        }
    }

    private static final class Listener implements WebSocket.Listener {
        private final Connection connection;
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

        Listener(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void onOpen(WebSocket webSocket) {
            connection.webSocket = webSocket;
            connection.hear(WebSocketPeer.Heard.opened(webSocket.getSubprotocol(), ""));
            webSocket.request(1);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence piece, boolean last) {
            text.append(piece);
            if (last) {
                connection.hear(WebSocketPeer.Heard.text(text.toString()));
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer piece, boolean last) {
            binary.writeBytes(bytes(piece));
            if (last) {
                connection.hear(WebSocketPeer.Heard.binary(binary.toByteArray()));
                binary.reset();
            }
            webSocket.request(1);
            return null;
        }

        private static byte[] bytes(ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        }

        @Override
        public @Nullable CompletionStage<?> onPing(WebSocket webSocket, ByteBuffer payload) {
            connection.hear(WebSocketPeer.Heard.control("ping", bytes(payload)));
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer payload) {
            connection.hear(WebSocketPeer.Heard.control("pong", bytes(payload)));
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
            connection.hear(WebSocketPeer.Heard.closed(code, reason));
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable failure) {
            connection.hear(new WebSocketPeer.Heard("failed", 0, 0, failure.toString()));
        }
    }
}
