package dev.meerkat.internal.connection;

import dev.meerkat.ConnectOptions;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Connects to a Unix domain socket: there is one address and no look-up, and the system answers at once. Only a server
 * whose backlog is full has to be waited for, and since the system does not tell when there is room, by asking again.
 */
final class UnixConnector implements Connecting, ReadyListener, TimerTask, Deferred {
    /** Soon enough for a client that waits; a turn that does nothing else costs a few microseconds. */
    private static final long FIRST_RETRY_NANOS = 1_000_000;

    /** A server that does not accept for that long is not made faster by being asked more often. */
    private static final long LONGEST_RETRY_NANOS = 100_000_000;

    private final Lifecycle life;
    private final RealEventManager manager;
    private final UnixDomainSocketAddress target;
    private final ConnectOptions options;
    private final TimerNode overallTimer = new TimerNode(this);
    private final TimerNode retryTimer = new TimerNode(this);
    private long retryNanos = FIRST_RETRY_NANOS;
    private @Nullable StreamHandle attempt;
    private boolean over;

    UnixConnector(Lifecycle life, RealEventManager manager, UnixDomainSocketAddress target, ConnectOptions options) {
        this.life = life;
        this.manager = manager;
        this.target = target;
        this.options = options;
    }

    @Override
    public void start() {
        manager.loop().arm(overallTimer, manager.loop().deadlineIn(Nanos.of(options.connectTimeout())));
        manager.loop().defer(this);
    }

    @Override
    public void runDeferred() {
        if (!over) {
            connect();
        }
    }

    private void connect() {
        try {
            StreamHandle handle = manager.runtime().transport().connect(target, Sockets.options(options.connection()));
            attempt = handle;
            handle.attach(this);
            handle.interest(StreamHandle.CONNECT);
        } catch (IOException | RuntimeException e) { // the latter on a system without such sockets
            if (IoErrors.isBusy(e)) {
                manager.loop().arm(retryTimer, manager.loop().deadlineIn(retryNanos));
                retryNanos = Math.min(2 * retryNanos, LONGEST_RETRY_NANOS);
            } else {
                fail(IoErrors.ofConnect(Sockets.text(target), e));
            }
        }
    }

    @Override
    public void onReady(int ops) {
        StreamHandle handle = attempt;
        if (handle == null) {
            return;
        }
        try {
            if (!handle.finishConnect()) {
                return;
            }
        } catch (IOException e) {
            fail(IoErrors.ofConnect(Sockets.text(target), e));
            return;
        }
        attempt = null;
        end();
        life.established(handle);
    }

    @Override
    public void onFailure(Throwable failure) {
        fail(IoErrors.ofConnect(Sockets.text(target), new IOException(failure.toString(), failure)));
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        if (node == retryTimer) {
            connect();
        } else {
            fail(ConnectionError.of(
                    Kind.CONNECT_TIMEOUT,
                    "connecting to " + Sockets.text(target) + ": not done within " + options.connectTimeout()));
        }
    }

    private void fail(ConnectionError error) {
        end();
        life.connectFailed(error);
    }

    @Override
    public void end() {
        over = true;
        manager.loop().disarm(overallTimer);
        manager.loop().disarm(retryTimer);
        StreamHandle handle = attempt;
        attempt = null;
        if (handle != null) {
            Sockets.closeQuietly(handle);
        }
    }
}
