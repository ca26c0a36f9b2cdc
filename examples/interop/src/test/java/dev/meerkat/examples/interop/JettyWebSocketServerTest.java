package dev.meerkat.examples.interop;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/** The server of Jetty. */
class JettyWebSocketServerTest extends WebSocketServerRules {
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    private @Nullable Server server;

    @Override
    String start() throws Exception {
        Server made = new Server();
        ServerConnector connector = new ServerConnector(made, 1, 1);
        connector.setHost("127.0.0.1");
        made.addConnector(connector);
        made.setHandler(WebSocketUpgradeHandler.from(made, this::configure));
        made.start();
        server = made;
        return "ws://127.0.0.1:" + connector.getLocalPort();
    }

    private void configure(ServerWebSocketContainer container) {
        container.setMaxTextMessageSize(65 << 20);
        container.setMaxBinaryMessageSize(65 << 20);
        container.setMaxFrameSize(65 << 20);
        container.addMapping("/*", (request, response, callback) -> {
            String path = request.getHttpURI().getPath();
            if (path.equals("/refused")) {
                response.setStatus(HttpStatus.FORBIDDEN_403);
                response.write(true, ByteBuffer.wrap("go away".getBytes(StandardCharsets.US_ASCII)), callback);
                return null;
            }
            if (request.getSubProtocols().contains("chat.v2")) {
                response.setAcceptedSubProtocol("chat.v2");
            }
            if (!path.equals("/deflate")) {
                response.setExtensions(List.of());
            }
            return new End(path);
        });
    }

    @Override
    String[] deflatePaths() {
        return new String[] {"/deflate"};
    }

    @Override
    String told() throws InterruptedException {
        return String.valueOf(ends.poll(60, TimeUnit.SECONDS));
    }

    @Override
    void stop() throws Exception {
        if (server != null) {
            server.stop();
        }
    }

    /** Public, since Jetty calls it by method handles. */
    public final class End implements Session.Listener.AutoDemanding {
        private final String path;
        private @Nullable Session session;

        End(String path) {
            this.path = path;
        }

        @Override
        public void onWebSocketOpen(Session opened) {
            session = opened;
            switch (path) {
                case "/fragments" ->
                    opened.sendPartialText(
                            "one ",
                            false,
                            Callback.from(
                                    () -> opened.sendPartialText(
                                            "two ",
                                            false,
                                            Callback.from(
                                                    () -> opened.sendPartialText("three", true, Callback.NOOP),
                                                    Throwable::printStackTrace)),
                                    Throwable::printStackTrace));
                case "/pinging" ->
                    opened.sendPing(
                            ByteBuffer.wrap("are you there".getBytes(StandardCharsets.US_ASCII)), Callback.NOOP);
                case "/closing" -> opened.close(4002, "said so", Callback.NOOP);
                case "/aborting" -> opened.disconnect();
                default -> {}
            }
        }

        private Session session() {
            return Objects.requireNonNull(session);
        }

        @Override
        public void onWebSocketText(String message) {
            session().sendText(message, Callback.NOOP);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
            session().sendBinary(payload, callback);
        }

        @Override
        public void onWebSocketPong(ByteBuffer payload) {
            session().sendText("pong " + StandardCharsets.UTF_8.decode(payload), Callback.NOOP);
        }

        @Override
        public void onWebSocketClose(int statusCode, String reason, Callback callback) {
            if (path.equals("/telling")) {
                ends.add(statusCode + " " + reason);
            }
            callback.succeed();
        }
    }
}
