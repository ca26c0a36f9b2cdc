package dev.meerkat.internal.httpclient;

import dev.meerkat.CloseHook;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.http.client.HttpClientOptions;
import dev.meerkat.http.client.HttpClientStatistics;
import dev.meerkat.http.client.ResponseReader;
import dev.meerkat.internal.httpio.Later;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** The client: begins calls on the loop, and ends them all when it is closed. */
public final class PooledClient implements HttpClient {
    private final EventManager manager;
    private final HttpClientOptions options;
    private final Preparing preparing;
    private final Pool pool;
    private final Set<Exchange<?>> exchanges = new LinkedHashSet<>();
    private final CloseHook closeHook;
    private volatile boolean closed;

    /**
     * Makes a client.
     *
     * @param manager does its work
     * @param options its options
     */
    public PooledClient(EventManager manager, HttpClientOptions options) {
        this(manager, options, false);
    }

    private PooledClient(EventManager manager, HttpClientOptions options, boolean upgrades) {
        this.manager = manager;
        this.options = options;
        this.preparing = new Preparing(options, manager, upgrades);
        this.pool = new Pool(options, new Dialling(manager, options, upgrades), !upgrades);
        this.closeHook = manager.onClose(this::end);
    }

    /**
     * Makes a client for requests that ask for another protocol: whoever stands between only passes bytes on, for
     * {@code http} too, and a connection that was refused on serves nobody else, who could not tell a server that hangs
     * up from one that says no.
     *
     * @param manager does its work
     * @param options its options
     * @return a client
     */
    public static PooledClient forUpgrades(EventManager manager, HttpClientOptions options) {
        return new PooledClient(manager, options, true);
    }

    EventManager manager() {
        return manager;
    }

    Pool pool() {
        return pool;
    }

    Preparing preparing() {
        return preparing;
    }

    @Override
    public HttpClientOptions options() {
        return options;
    }

    @Override
    public CompletableFuture<ClientResponse> send(ClientRequest request) {
        return send(request, ResponseReader.whole(options.limits().bufferedBodyBytes()));
    }

    @Override
    public <T> CompletableFuture<T> send(ClientRequest request, ResponseReader<T> reader) {
        Objects.requireNonNull(reader, "reader");
        CompletableFuture<T> result = new CompletableFuture<>();
        Exchange<T> exchange = new Exchange<>(this, request, reader, result);
        if (manager.inLoop()) {
            begin(exchange);
        } else if (!postBegin(exchange, result)) {
            return result;
        }
        var unused = result.whenComplete((value, thrown) -> onLoop(exchange::abandoned, result));
        return result;
    }

    /** The mailbox bounds how much other threads may ask for; who is refused hears of it as of any other failure. */
    private boolean postBegin(Exchange<?> exchange, CompletableFuture<?> result) {
        try {
            manager.post(() -> begin(exchange));
            return true;
        } catch (RejectedExecutionException full) {
            result.completeExceptionally(new ClientException(
                    Kind.TOO_MANY_WAITING, "the manager's mailbox is full: the call was not begun", null, null, full));
        } catch (ManagerClosedException end) {
            result.completeExceptionally(closedFailure());
        }
        return false;
    }

    private void begin(Exchange<?> exchange) {
        exchanges.add(exchange);
        if (closed || manager.isClosed()) {
            exchange.fail(closedFailure());
        } else {
            exchange.start();
        }
    }

    void over(Exchange<?> exchange) {
        exchanges.remove(exchange);
    }

    /** Any thread. Does something on the loop, now if this is its thread. */
    void onLoop(Runnable task, CompletableFuture<?> orFail) {
        if (manager.inLoop()) {
            task.run();
            return;
        }
        if (!Later.run(manager, task)) {
            orFail.completeExceptionally(closedFailure());
        }
    }

    @Override
    public HttpClientStatistics statistics() {
        return new HttpClientStatistics(pool.size(), pool.idle(), pool.waiting(), exchanges.size());
    }

    @Override
    public void closeIdle() {
        if (manager.inLoop()) {
            pool.closeIdle();
        } else {
            boolean unused = Later.run(manager, pool::closeIdle);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        closeHook.cancel();
        if (manager.inLoop()) {
            end();
        } else {
            boolean unused = Later.run(manager, this::end); // a closed manager has ended everything
        }
    }

    private void end() {
        closed = true;
        ClientException failure = closedFailure();
        pool.shut(failure);
        for (Exchange<?> each : List.copyOf(exchanges)) {
            each.fail(failure);
        }
        pool.dropAll();
    }

    static ClientException closedFailure() {
        return new ClientException(Kind.CLIENT_CLOSED, "the client was closed", null, null, null);
    }
}
