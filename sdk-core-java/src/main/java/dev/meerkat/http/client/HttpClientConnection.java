package dev.meerkat.http.client;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.http.ClientCall;
import dev.meerkat.internal.httpclient.ClientStage;

/**
 * The client's side of HTTP/1.1 on one connection: the level of events (RFC 9112), without a pool, redirects, cookies
 * and decompression, which {@link HttpClient} makes of it.
 *
 * <pre>{@code
 * manager.connect("http://127.0.0.1:8000", (connection, event) -> {
 *     if (event instanceof TcpEvent.Opened) {
 *         HttpClientConnection.of(connection).send(ClientRequest.get("/"));
 *     } else if (event instanceof HttpEvent.MessageEnd end) {
 *         System.out.println(end.body().takeText());
 *         connection.close();
 *     }
 * });
 * }</pre>
 *
 * <p>A response without a length ends with the connection; its {@code MessageEnd} comes before {@code Closed}. Loop
 * thread. Not for implementing.
 */
public interface HttpClientConnection {
    /**
     * The client's side of a connection that was made by {@code connect("http://…")} or has a {@link #handler}.
     *
     * @param connection the connection
     * @return the same object each time
     * @throws IllegalStateException if it does not speak HTTP as a client, or no longer
     */
    static HttpClientConnection of(Connection connection) {
        return ClientStage.of(connection);
    }

    /**
     * Makes a handler that speaks HTTP as a client, with the default options. {@code connect("http://…", handler)} puts
     * it around the handler by itself.
     *
     * @param host the value of {@code Host} for requests whose URI has none
     * @param handler receives {@link dev.meerkat.http.HttpEvent}s
     * @return a handler for {@code connect}, which any number of connections may share
     */
    static Handler handler(String host, Handler handler) {
        return handler(HttpClientOptions.DEFAULT, host, handler);
    }

    /**
     * Makes a handler that speaks HTTP as a client.
     *
     * @param options of which limits, time-outs of head and body, and the wait for 100 count here
     * @param host the value of {@code Host} for requests whose URI has none
     * @param handler receives {@link dev.meerkat.http.HttpEvent}s
     * @return a handler for {@code connect}, which any number of connections may share
     */
    static Handler handler(HttpClientOptions options, String host, Handler handler) {
        return ClientStage.handler(options, host, handler);
    }

    /**
     * Sends a request. Before the connection is established it waits for that.
     *
     * @param request an absolute URI is only looked at for its host, path and query: it says nothing of where the
     *     connection leads
     * @return the call, which the events of its response name
     * @throws IllegalStateException if the response to another one is still to come or to end, or if the connection
     *     takes no more requests
     * @throws dev.meerkat.ConnectionClosedException if the connection is closing or closed
     */
    ClientCall send(ClientRequest request);

    /**
     * Whether a request can be sent now, and a response to it expected: nothing is under way, and neither side has said
     * that it would close.
     *
     * @return false too while the connection is not open
     */
    boolean isReady();
}
