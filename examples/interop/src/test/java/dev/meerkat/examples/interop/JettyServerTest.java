package dev.meerkat.examples.interop;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Jetty. */
class JettyServerTest extends ForeignServerRules {
    private @Nullable Server server;

    @Override
    String start() throws Exception {
        Server made = new Server();
        ServerConnector connector = new ServerConnector(made, 1, 1);
        connector.setHost("127.0.0.1");
        made.addConnector(connector);
        made.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                ByteBuffer body = Content.Source.asByteBuffer(request);
                switch (Request.getPathInContext(request)) {
                    case "/echo" -> response.write(true, body, callback);
                    case "/none" -> {
                        response.setStatus(204);
                        callback.succeeded();
                    }
                    case "/away" -> Response.sendRedirect(request, response, callback, "/hello");
                    case "/close" -> {
                        response.getHeaders().put(HttpHeader.CONNECTION, "close");
                        hello(response, callback);
                    }
                    default -> hello(response, callback);
                }
                return true;
            }
        });
        made.start();
        server = made;
        return "http://127.0.0.1:" + connector.getLocalPort();
    }

    private static void hello(Response response, Callback callback) {
        response.write(true, ByteBuffer.wrap("hello".getBytes(StandardCharsets.US_ASCII)), callback);
    }

    @Override
    void stop() throws Exception {
        if (server != null) {
            server.stop();
        }
    }
}
