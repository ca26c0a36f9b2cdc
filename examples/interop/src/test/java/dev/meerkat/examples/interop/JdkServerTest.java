package dev.meerkat.examples.interop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The server of the JDK. */
class JdkServerTest extends ForeignServerRules {
    private @Nullable HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(8);

    @Override
    String start() throws IOException {
        HttpServer made = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        made.setExecutor(threads);
        made.createContext("/", JdkServerTest::handle);
        made.start();
        server = made;
        return "http://127.0.0.1:" + made.getAddress().getPort();
    }

    @Override
    void stop() {
        if (server != null) {
            server.stop(0);
        }
        threads.shutdownNow();
    }

    private static void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        switch (exchange.getRequestURI().getPath()) {
            case "/echo" -> answer(exchange, 200, body);
            case "/none" -> exchange.sendResponseHeaders(204, -1);
            case "/away" -> {
                exchange.getResponseHeaders().set("Location", "/hello");
                answer(exchange, 302, new byte[0]);
            }
            case "/close" -> {
                exchange.getResponseHeaders().set("Connection", "close");
                answer(exchange, 200, "hello".getBytes(StandardCharsets.US_ASCII));
            }
            default -> answer(exchange, 200, "hello".getBytes(StandardCharsets.US_ASCII));
        }
        exchange.close();
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        boolean chunked = body.length > 1_000; // large ones in chunks
        exchange.sendResponseHeaders(status, chunked ? 0 : body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }
}
