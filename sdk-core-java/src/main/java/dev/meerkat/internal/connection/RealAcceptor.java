package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.BlockingOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.internal.blocking.ThreadRoom;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.tls.TlsOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections. Three states: accepting, pausing (a limit is reached or the system cannot accept; the socket
 * stays open and connections wait in the backlog) and closed.
 */
final class RealAcceptor implements Acceptor, ReadyListener, TimerTask {
    private enum State {
        ACCEPTING,
        PAUSING,
        CLOSED
    }

    /** So many a turn, so that a flood of new connections does not starve the old ones. */
    private static final int ACCEPTS_PER_TURN = 256;

    /**
     * How long accepting pauses when the system is out of descriptors: long enough not to be a busy loop, short enough
     * for a client that waits. It also resumes when one of this manager's connections ends.
     */
    private static final long PAUSE_NANOS = 100_000_000;

    private final RealEventManager manager;
    private final ListenerHandle handle;
    private final SocketAddress localAddress;
    private final ListenOptions options;
    private final Handler handler;
    private final @Nullable Securing securing;
    private final TimerNode resumeTimer = new TimerNode(this);
    private State state = State.ACCEPTING;
    private int connectionCount;
    /** How many of them are not opened yet. */
    private int handshakes;

    private final @Nullable HandshakeSources sources;
    /** Any thread: a request to close waits although the mailbox is full. */
    private volatile boolean closeOnItsWay;
    /** Since when it pauses and why, for whoever observes it. */
    private long pausedSince;

    private boolean pausedFull;
    private @Nullable Object recordedPause;
    /** Threads of its connections, if they have their own. */
    private final ThreadRoom threads = new ThreadRoom(new Runnable() {
        @Override
        public void run() { // no lambda at a start, decision 0067
            resume();
        }
    });
    /** Of its own, if it has an interval of its own. */
    private final @Nullable Ticker ticker;
    /** Whether the last accept failed: a failure that lasts is reported once. */
    private boolean failing;

    RealAcceptor(
            RealEventManager manager,
            ListenerHandle handle,
            SocketAddress localAddress,
            ListenOptions options,
            Handler handler) {
        this.manager = manager;
        this.handle = handle;
        this.localAddress = localAddress;
        this.options = options;
        this.handler = handler;
        TlsOptions tls = options.tls();
        this.securing = tls == null ? null : Securing.server(manager, tls);
        this.sources = tls == null ? null : new HandshakeSources(options.maxHandshakesPerAddress());
        Duration interval = options.tickInterval();
        this.ticker = interval == null ? null : manager.newTicker(Nanos.of(interval));
        handle.attach(this);
        handle.interest(Handle.ACCEPT);
    }

    @Override
    public void onReady(int ops) {
        for (int i = 0; i < ACCEPTS_PER_TURN && state == State.ACCEPTING; i++) {
            if (isFull()) {
                pause(true);
                return;
            }
            StreamHandle stream;
            try {
                stream = handle.accept();
            } catch (IOException e) {
                if (IoErrors.isOfAccepted(e)) {
                    continue; // who wanted to connect is gone already; the next one is not
                }
                pauseForAWhile();
                if (!failing) {
                    failing = true;
                    manager.report(ErrorHook.Source.ACCEPT, Optional.empty(), e);
                }
                return;
            }
            failing = false;
            if (stream == null) {
                return;
            }
            welcome(stream);
        }
    }

    private void pauseForAWhile() {
        pause(false);
        manager.loop().arm(resumeTimer, manager.loop().deadlineIn(PAUSE_NANOS));
    }

    @Override
    public void onFailure(Throwable failure) {
        if (state == State.ACCEPTING) {
            pauseForAWhile();
        }
    }

    private void welcome(StreamHandle stream) {
        SocketAddress remote;
        try {
            remote = stream.remoteAddress();
        } catch (IOException gone) {
            Sockets.abortQuietly(stream);
            return;
        }
        if (!isLetIn(remote)) {
            Sockets.abortQuietly(stream);
            return;
        }
        connectionCount++;
        manager.countAccepted();
        RealConnection connection;
        try {
            connection = newConnection();
        } catch (Throwable e) {
            connectionCount--;
            Sockets.abortQuietly(stream);
            manager.report(ErrorHook.Source.HANDLER, Optional.empty(), e);
            return;
        }
        Securing how = securing;
        if (how != null) {
            connection.life().secureWith(how);
            handshakes++;
            if (sources != null) {
                sources.begins(connection, remote);
            }
        }
        connection.life().established(stream);
    }

    private RealConnection newConnection() {
        BlockingOptions blocking = options.blocking();
        return blocking == null
                ? manager.newConnection(handler, options.connection(), this, ConnectionState.CONNECTING)
                : manager.blocking()
                        .serve(handler, options.connection(), blocking, threads, this, ConnectionState.CONNECTING);
    }

    @Nullable
    Ticker ticker() {
        return ticker;
    }

    private boolean isLetIn(SocketAddress remote) {
        try {
            return options.filter().accepts(remote) && hasRoomFor(remote);
        } catch (Throwable e) {
            manager.report(ErrorHook.Source.FILTER, Optional.empty(), e);
            return false;
        }
    }

    /** Whether this is not the address that takes all the places of those who are in their handshake. */
    private boolean hasRoomFor(SocketAddress remote) {
        if (sources == null || !sources.isFull(remote)) {
            return true;
        }
        OperatorLog log = manager.log();
        if (log != null) {
            log.handshakesFull(this, ((InetSocketAddress) remote).getAddress());
        }
        return false;
    }

    private boolean isFull() {
        BlockingOptions blocking = options.blocking();
        return connectionCount >= options.maxConnections()
                || handshakes >= options.maxHandshakes()
                || manager.isFull()
                || (blocking != null && threads.isFull(blocking.maxThreads()));
    }

    private void pause(boolean full) {
        state = State.PAUSING;
        handle.interest(0);
        pausedFull = full;
        pausedSince = manager.loop().now();
        OperatorLog log = manager.log();
        if (log != null && full) {
            log.acceptFull(this);
        }
        Observation observation = manager.observation();
        if (observation != null) {
            recordedPause = observation.acceptPaused(this, full);
        }
    }

    private void tellPauseIsOver() {
        OperatorLog log = manager.log();
        if (log != null && state == State.ACCEPTING) {
            log.acceptResumed(this);
        }
        Observation observation = manager.observation();
        if (observation != null) {
            observation.acceptResumed(
                    this, recordedPause, pausedFull, manager.loop().now() - pausedSince);
            recordedPause = null;
        }
    }

    /** A connection of this manager ended: there is room, or a descriptor, again. */
    void roomAgain() {
        resume();
        if (handle instanceof FedListener fed) {
            fed.descriptorAgain();
        }
    }

    private void resume() {
        if (state == State.PAUSING && !isFull()) {
            state = State.ACCEPTING;
            manager.loop().disarm(resumeTimer);
            handle.interest(Handle.ACCEPT);
            tellPauseIsOver();
        }
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        resume();
    }

    /** One of its own connections is opened, or will never be. */
    void handshakeOver(RealConnection connection) {
        handshakes--;
        if (sources != null) {
            sources.over(connection);
        }
        resume();
    }

    /** One of its own connections ended. */
    void connectionEnded() {
        connectionCount--;
    }

    @Override
    public EventManager manager() {
        return manager;
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public int port() {
        return localAddress instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }

    @Override
    public Optional<NetworkChannel> channel() {
        manager.checkThread("Acceptor.channel");
        return handle.networkChannel();
    }

    @Override
    public int connectionCount() {
        manager.checkThread("Acceptor.connectionCount");
        return connectionCount;
    }

    @Override
    public boolean isAccepting() {
        manager.checkThread("Acceptor.isAccepting");
        return state == State.ACCEPTING && !isFull();
    }

    @Override
    public void close() {
        if (manager.inLoop()) {
            closeHere();
        } else {
            if (!manager.tryPost(this::closeHere) && !closeOnItsWay) {
                closeOnItsWay = true; // a full mailbox takes one such request
                manager.postInternal(this::closeHere);
            }
        }
    }

    /** Takes in who waits already, and stops listening: they have been told that they are connected. */
    void closeInOrder() {
        if (state == State.ACCEPTING) {
            onReady(Handle.ACCEPT);
        }
        closeHere();
    }

    void closeHere() {
        if (state != State.CLOSED) {
            if (state == State.PAUSING) {
                tellPauseIsOver();
            }
            state = State.CLOSED;
            manager.loop().disarm(resumeTimer);
            Sockets.closeQuietly(handle);
            manager.listening().closed(this);
        }
    }

    @Override
    public String toString() {
        return "acceptor on "
                + (localAddress instanceof InetSocketAddress inet ? Sockets.text(inet) : "unix:" + localAddress);
    }
}
