package dev.meerkat.examples.interop;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** OkHttp. */
class OkHttpWebSocketTest extends WebSocketClientRules {
    /** It holds no more than 16 MiB of what is to be sent. */
    @Override
    int mostBytes() {
        return 15 << 20;
    }

    @Override
    WebSocketPeer start(WebSocketSite running) {
        return new Peer();
    }

    private static final class Peer implements WebSocketPeer {
        private final OkHttpClient client =
                new OkHttpClient.Builder().readTimeout(60, TimeUnit.SECONDS).build();

        @Override
        public Session open(String url, List<String> subprotocols) {
            Request.Builder request = new Request.Builder().url(url);
            if (!subprotocols.isEmpty()) {
                request.header("Sec-WebSocket-Protocol", String.join(", ", subprotocols));
            }
            Connection connection = new Connection();
            connection.webSocket = client.newWebSocket(request.build(), new Listener(connection));
            return connection;
        }

        @Override
        public void close() {
            client.dispatcher().executorService().shutdown();
            client.connectionPool().evictAll();
        }
    }

    private static final class Connection extends WebSocketPeer.Session {
        private @Nullable WebSocket webSocket;

        private WebSocket webSocket() {
            return Objects.requireNonNull(webSocket);
        }

        @Override
        void send(String text) {
            webSocket().send(text);
        }

        @Override
        void fill(boolean text, int length) {
            ByteString bytes = ByteString.of(WebSocketPeer.pattern(text, length));
            if (text) {
                webSocket().send(bytes.utf8());
            } else {
                webSocket().send(bytes);
            }
        }

        @Override
        void close(int code, String reason) {
            webSocket().close(code, reason);
        }
    }

    private static final class Listener extends WebSocketListener {
        private final Connection connection;

        Listener(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            connection.hear(WebSocketPeer.Heard.opened(
                    response.header("Sec-WebSocket-Protocol", ""), response.header("Sec-WebSocket-Extensions", "")));
        }

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            connection.hear(WebSocketPeer.Heard.text(text));
        }

        @Override
        public void onMessage(WebSocket webSocket, ByteString bytes) {
            connection.hear(WebSocketPeer.Heard.binary(bytes.toByteArray()));
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(code, reason);
        }

        @Override
        public void onClosed(WebSocket webSocket, int code, String reason) {
            connection.hear(WebSocketPeer.Heard.closed(code, reason));
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable failure, @Nullable Response response) {
            connection.hear(
                    response == null || response.code() == 101
                            ? new WebSocketPeer.Heard("failed", 0, 0, failure.toString())
                            : WebSocketPeer.Heard.refused(response.code()));
        }
    }
}
