package dev.meerkat.internal.connection;

import dev.meerkat.Address;
import dev.meerkat.ConnectOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.Resolver;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Makes one outbound connection: looks the name up, then tries its addresses in order until one answers. Lives until
 * the connection is established, has failed or was given up; each of these happens once.
 */
final class Connector implements Connecting, ReadyListener, TimerTask, Deferred {
    private final RealConnection connection;
    private final RealEventManager manager;
    private final Address target;
    private final ConnectOptions options;
    private final TimerNode overallTimer = new TimerNode(this);
    private final TimerNode attemptTimer = new TimerNode(this);
    private @Nullable CompletableFuture<Resolver.Answer> lookup;
    private List<InetAddress> addresses = List.of();
    private int nextAddress;
    private @Nullable StreamHandle attempt;
    private @Nullable ConnectionError lastError;
    private boolean over;

    Connector(RealConnection connection, RealEventManager manager, Address target, ConnectOptions options) {
        this.connection = connection;
        this.manager = manager;
        this.target = target;
        this.options = options;
    }

    /** Arms the overall time-out; everything else begins later in the turn, so that no event precedes the return. */
    @Override
    public void start() {
        manager.loop().arm(overallTimer, manager.loop().deadlineIn(Nanos.of(options.connectTimeout())));
        manager.loop().defer(this);
    }

    @Override
    public void runDeferred() {
        if (over) {
            return;
        }
        if (target.literal().isPresent()) {
            resolved(List.of(target.literal().get()));
            return;
        }
        try {
            CompletableFuture<Resolver.Answer> future =
                    manager.runtime().resolver().resolve(target.host());
            lookup = future;
            Object unused = future.whenComplete(
                    (answer, failure) -> manager.loop().offerInternal(() -> lookedUp(answer, failure)));
        } catch (Throwable e) {
            fail(ConnectionError.of(Kind.UNKNOWN_HOST, "looking up " + target.host() + ": " + e, e));
        }
    }

    private void lookedUp(Resolver.@Nullable Answer answer, @Nullable Throwable failure) {
        if (over) {
            return;
        }
        lookup = null;
        if (answer != null) {
            resolved(answer.addresses());
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause == null) {
            cause = new UnknownHostException(target.host());
        }
        String message = cause instanceof UnknownHostException ? "no such host" : cause.toString();
        fail(ConnectionError.of(Kind.UNKNOWN_HOST, "looking up " + target.host() + ": " + message, cause));
    }

    private void resolved(List<InetAddress> found) {
        addresses = found;
        connection.life().becomeConnecting(new InetSocketAddress(found.get(0), target.port()));
        tryNext();
    }

    private void tryNext() {
        while (nextAddress < addresses.size()) {
            InetSocketAddress remote = new InetSocketAddress(addresses.get(nextAddress++), target.port());
            try {
                StreamHandle handle =
                        manager.runtime().transport().connect(remote, Sockets.options(options.connection()));
                attempt = handle;
                handle.attach(this);
                handle.interest(StreamHandle.CONNECT);
                connection.life().becomeConnecting(remote);
                manager.loop().arm(attemptTimer, manager.loop().deadlineIn(Nanos.of(options.attemptTimeout())));
                return;
            } catch (IOException | RuntimeException e) { // an address of a family that this host has not is the latter
                lastError = IoErrors.ofConnect(Sockets.text(remote), e);
            }
        }
        ConnectionError error = lastError;
        fail(error != null ? error : ConnectionError.of(Kind.UNKNOWN_HOST, target.host() + " has no address"));
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
            lastError = IoErrors.ofConnect(Sockets.text(addresses.get(nextAddress - 1), target.port()), e);
            dropAttempt();
            tryNext();
            return;
        }
        attempt = null;
        end();
        connection.life().established(handle);
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        if (over) {
            return;
        }
        if (node == attemptTimer) {
            lastError = ConnectionError.of(
                    Kind.CONNECT_TIMEOUT,
                    "connecting to " + Sockets.text(addresses.get(nextAddress - 1), target.port())
                            + ": no answer within " + options.attemptTimeout());
            dropAttempt();
            tryNext();
            return;
        }
        String what = connection.state() == ConnectionState.RESOLVING ? "looking up " : "connecting to ";
        fail(ConnectionError.of(Kind.CONNECT_TIMEOUT, what + target + ": not done within " + options.connectTimeout()));
    }

    private void fail(ConnectionError error) {
        end();
        connection.life().connectFailed(error);
    }

    /** Gives up: releases everything, reports nothing. */
    @Override
    public void end() {
        over = true;
        manager.loop().disarm(overallTimer);
        manager.loop().disarm(attemptTimer);
        CompletableFuture<Resolver.Answer> pending = lookup;
        lookup = null;
        if (pending != null) {
            pending.cancel(true);
        }
        dropAttempt();
    }

    private void dropAttempt() {
        manager.loop().disarm(attemptTimer);
        StreamHandle handle = attempt;
        attempt = null;
        if (handle != null) {
            Sockets.closeQuietly(handle);
        }
    }
}
