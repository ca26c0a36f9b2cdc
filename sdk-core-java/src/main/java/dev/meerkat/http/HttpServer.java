package dev.meerkat.http;

import dev.meerkat.Handler;
import dev.meerkat.internal.http.ServerProtocol;

/**
 * HTTP/1.1 on accepted connections (RFC 9110, RFC 9112). {@code listen("http://…", handler)} and
 * {@code listen("https://…", options, handler)} put it around the handler by themselves, with the default options; it
 * is called by name for other options, or for other streams:
 *
 * <pre>{@code
 * manager.listen("http://127.0.0.1:8000", HttpServer.handler(options, router));
 * SocketPair pair = SocketPair.stream(clock, HttpServer.handler(HttpHandler.of(request -> Response.text("hi"))));
 * }</pre>
 */
public final class HttpServer {
    private HttpServer() {}

    /**
     * Makes a handler that speaks HTTP, with the default options.
     *
     * @param handler an {@link HttpHandler}, or one that takes {@link HttpEvent}s
     * @return a handler for {@code listen}, which any number of connections may share
     * @throws IllegalArgumentException if the handler was made here already
     */
    public static Handler handler(Handler handler) {
        return handler(HttpServerOptions.DEFAULT, handler);
    }

    /**
     * Makes a handler that speaks HTTP.
     *
     * @param options limits, deadlines and habits
     * @param handler an {@link HttpHandler}, or one that takes {@link HttpEvent}s
     * @return a handler for {@code listen}, which any number of connections may share
     * @throws IllegalArgumentException if the handler was made here already
     */
    public static Handler handler(HttpServerOptions options, Handler handler) {
        return ServerProtocol.handler(options, handler);
    }
}
