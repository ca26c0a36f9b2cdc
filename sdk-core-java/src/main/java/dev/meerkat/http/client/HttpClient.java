package dev.meerkat.http.client;

import dev.meerkat.EventManager;
import dev.meerkat.internal.httpclient.PooledClient;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * Sends requests and receives responses, over connections that are kept for the next request.
 *
 * <pre>{@code
 * HttpClient client = HttpClient.create(manager);
 * client.send(ClientRequest.get("http://127.0.0.1:8000/"))
 *         .thenAccept(response -> System.out.println(response.status() + " " + response.text()));
 * }</pre>
 *
 * <p>A client belongs to one manager, whose loop does the work: make one per manager and keep it, since the connections
 * are in it. Calls may be begun on any thread; their results are completed on the loop thread, so that what is attached
 * to them must not block. Calls do not fail by throwing but by their result: with a {@link ClientException}, whose kind
 * tells what happened and whose fault it was. A status of 400 or more is a response as any other.
 *
 * <p>Not for implementing.
 */
public interface HttpClient extends AutoCloseable {
    /**
     * Makes a client with default options.
     *
     * @param manager does its work
     * @return a new client
     */
    static HttpClient create(EventManager manager) {
        return create(manager, HttpClientOptions.DEFAULT);
    }

    /**
     * Any thread. Makes a client.
     *
     * @param manager does its work
     * @param options limits, time-outs and habits
     * @return a new client
     * @throws dev.meerkat.ManagerClosedException if the manager is closed
     */
    static HttpClient create(EventManager manager, HttpClientOptions options) {
        return new PooledClient(Objects.requireNonNull(manager, "manager"), Objects.requireNonNull(options, "options"));
    }

    /**
     * Any thread. Sends a request and collects the response, within {@link HttpClientOptions#limits()}'s
     * {@code bufferedBodyBytes}.
     *
     * @param request with an absolute URI
     * @return completed on the loop thread with the response, or with a {@link ClientException}. Cancelling it gives up
     *     this one call: its connection is aborted, no other call is affected
     * @throws IllegalArgumentException if the URI is not absolute
     * @throws java.util.concurrent.RejectedExecutionException if the manager's mailbox is full
     * @throws dev.meerkat.ManagerClosedException if the manager is closed
     */
    CompletableFuture<ClientResponse> send(ClientRequest request);

    /**
     * Any thread. Sends a request and reads the response as it comes.
     *
     * @param request with an absolute URI
     * @param reader makes something of the response, on the loop thread
     * @param <T> what it makes
     * @return completed with what the reader made; otherwise as of {@link #send(ClientRequest)}
     * @throws IllegalArgumentException if the URI is not absolute
     * @throws java.util.concurrent.RejectedExecutionException if the manager's mailbox is full
     * @throws dev.meerkat.ManagerClosedException if the manager is closed
     */
    <T> CompletableFuture<T> send(ClientRequest request, ResponseReader<T> reader);

    /**
     * Any thread. The options.
     *
     * @return as they were given
     */
    HttpClientOptions options();

    /**
     * What the client holds.
     *
     * @return the counts of this moment
     */
    HttpClientStatistics statistics();

    /** Any thread. Closes the connections that nobody uses. */
    void closeIdle();

    /**
     * Any thread. Ends the client: calls that are under way fail with {@link ClientException.Kind#CLIENT_CLOSED}, and
     * its connections are closed. A second call does nothing. A client whose manager is closed is closed too.
     */
    @Override
    void close();
}
