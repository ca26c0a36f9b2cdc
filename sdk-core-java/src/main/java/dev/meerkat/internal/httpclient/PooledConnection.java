package dev.meerkat.internal.httpclient;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the pool: hears of HTTP's events and hands them to the exchange that uses it.
 *
 * <pre>
 * CONNECTING ──► USED ◄──► IDLE
 *      │           │         │
 *      └───────────┴─────────┴──► GONE, for the pool; its Closed may still come
 * </pre>
 */
final class PooledConnection implements Handler {
    private final Pool pool;
    private final Origin origin;
    private Pool.@Nullable Waiter waiter;
    private @Nullable Exchange<?> user;
    private @Nullable Connection connection;
    private @Nullable ClientStage stage;
    private long idleNanos;
    private int served;
    private boolean gone;

    PooledConnection(Pool pool, Origin origin, Pool.Waiter waiter) {
        this.pool = pool;
        this.origin = origin;
        this.waiter = waiter;
    }

    Origin origin() {
        return origin;
    }

    /** What there is, as soon as there is a connection. */
    void of(Connection made, ClientStage speaking, long keepNanos) {
        connection = made;
        stage = speaking;
        idleNanos = keepNanos;
    }

    Connection connection() {
        return required(connection);
    }

    ClientStage stage() {
        return required(stage);
    }

    private static <T> T required(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("not connecting yet");
        }
        return part;
    }

    /** Whether a request was answered on it before, so that the server may hang up at any moment. */
    boolean isReused() {
        return served > 0;
    }

    // ---------------------------------------------------------------- becoming ready

    /** The connection can take requests. */
    void ready() {
        Pool.Waiter first = waiter;
        waiter = null;
        if (gone) {
            connection().abort();
        } else if (first == null) {
            pool.release(this);
        } else {
            first.connected(this);
        }
    }

    /** There will be no connection. */
    void failed(ConnectionError error) {
        Pool.Waiter first = waiter;
        waiter = null;
        pool.remove(this);
        gone = true;
        if (first != null) {
            first.failed(Failures.connect(origin, error));
        }
        pool.serve();
    }

    /** The proxy said no. */
    void refused(String message) {
        Pool.Waiter first = waiter;
        waiter = null;
        drop();
        pool.remove(this);
        if (first != null) {
            first.failed(Failures.proxy(origin, message));
        }
        pool.serve();
    }

    /** Who waited for this connection to be made gave up; it becomes somebody else's. */
    void forget(Pool.Waiter gaveUp) {
        if (waiter == gaveUp) {
            waiter = null;
        }
    }

    // ---------------------------------------------------------------- serving

    void use(Pool.Waiter next) {
        connection().clearTimer();
        next.connected(this);
    }

    void usedBy(Exchange<?> exchange) {
        user = exchange;
    }

    /** The exchange is over. */
    void done() {
        user = null;
        served++;
        if (gone) {
            return;
        }
        if (pool.keeps() && stage().isReady()) {
            pool.release(this);
        } else {
            pool.remove(this);
            drop();
            pool.serve();
        }
    }

    /** The exchange has been given up: what follows on this connection cannot be told apart any more. */
    void giveUp() {
        user = null;
        pool.remove(this);
        gone = true;
        if (connection != null) {
            connection.abort();
        }
        pool.serve();
    }

    /** HTTP is over: the connection is another protocol's. */
    void surrender() {
        user = null;
        pool.remove(this);
        gone = true;
        pool.serve();
    }

    /** Waits for the next request. */
    void rest() {
        long hinted = stage().keepAliveNanos();
        connection().setTimer(Duration.ofNanos(Math.min(idleNanos, hinted)));
    }

    /** Ends it in order; the pool does not know it any more. */
    void drop() {
        gone = true;
        if (connection != null) {
            connection.close();
        }
    }

    @Override
    public void onEvent(Connection own, Event event) throws Exception {
        Exchange<?> present = user;
        if (event instanceof HttpEvent http) {
            if (present != null) {
                present.onEvent(http);
            } else if (http instanceof HttpEvent.MessageFailed && !gone) { // nothing was asked
                gone = true;
                pool.remove(this);
                pool.serve();
            }
        } else if (event instanceof TcpEvent.Opened) {
            ready();
        } else if (event instanceof TcpEvent.ConnectFailed failure) {
            failed(failure.error());
        } else if (event instanceof TcpEvent.TimerFired || event instanceof TcpEvent.InputClosed) {
            if (present == null && waiter == null && !gone) {
                pool.remove(this);
                drop();
                pool.serve();
            }
        } else if (event instanceof TcpEvent.ShuttingDown) {
            if (present == null && !gone) {
                pool.remove(this);
                drop();
            }
        } else if (event instanceof TcpEvent.Closed closed) {
            closed(closed.reason());
        }
    }

    private void closed(CloseReason reason) {
        Exchange<?> present = user;
        user = null;
        pool.remove(this);
        gone = true;
        if (waiter != null) {
            failed(reason.error()
                    .orElseGet(() -> ConnectionError.of(
                            ConnectionError.Kind.RESET, "the connection ended while it was being prepared")));
        }
        if (present != null) {
            present.lost(reason);
        }
        pool.serve();
    }
}
