package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.Tap;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.blocking.ThreadedConnections;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.jfr.Flight;
import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.observe.AddressText;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsRole;
import dev.meerkat.tls.TlsSession;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection: where the loop's readiness, the two directions, the timers and the handler meet, and where it is
 * decided what is allowed now. {@link Inbound}, {@link Outbound} and {@link Lifecycle} are machines of their own.
 *
 * <p>At rest it holds neither a send queue nor a receive buffer nor a timer. Everything belongs to the loop thread,
 * save where {@link Connection} says that any thread may call.
 */
final class RealConnection implements Connection, ReadyListener, Deferred, TimerTask, Flight.Subject {
    // What is to be told or done later in the turn; bits, because they come in any combination.
    static final int DRAINED = 1;
    static final int SENT = 1 << 1;
    static final int ANNOUNCE = 1 << 2;
    static final int RECHECK = 1 << 3;
    static final int CONNECT_FAILED = 1 << 4;
    static final int CLOSED = 1 << 5;
    static final int HANDSHAKE_FAILED = 1 << 6;
    static final int SECURED = 1 << 7;

    /** Slot in the {@link ConnectionTable}, which alone uses it. */
    int tableIndex;

    private final RealEventManager manager;
    private final @Nullable RealAcceptor acceptor;
    private final long id;
    private final Inbound in = new Inbound(this);
    private final Outbound out = new Outbound(this);
    private final Lifecycle life;
    private Handler handler;
    /** Any thread reads, for the limits of sends from elsewhere. */
    private volatile ConnectionOptions options;
    /** Queued with the loop as {@link Deferred}. */
    private boolean deferred;

    private short notices;
    private @Nullable TimerNode userTimer;
    private @Nullable Object attachment;
    /** The handler was told of {@code Opened}. */
    private boolean opened;

    /** {@code Writable} was asked for and not yet told. */
    private boolean writableAsked;

    /** What is counted while somebody wants to know. */
    private @Nullable Meter meter;

    private long lastIoNanos;

    RealConnection(
            RealEventManager manager,
            long id,
            @Nullable RealAcceptor acceptor,
            Handler handler,
            ConnectionOptions options,
            ConnectionState state) {
        this.manager = manager;
        this.id = id;
        this.acceptor = acceptor;
        this.handler = handler;
        this.options = options;
        this.life = new Lifecycle(this, in, out, state);
        this.lastIoNanos = manager.loop().now();
        Supplier<?> initial = options.attachment();
        this.attachment = initial == null ? null : initial.get();
    }

    // ---------------------------------------------------------------- what the two directions ask

    RealEventManager owner() {
        return manager;
    }

    SharedMemory memory() {
        return manager.memory();
    }

    Lifecycle life() {
        return life;
    }

    @Nullable
    StreamHandle handle() {
        return life.handle();
    }

    ConnectionOptions limits() {
        return options;
    }

    void received(int count) {
        touch();
        manager.countReceived(count);
        manager.probe().event("received", id, count);
        Meter counting = meter;
        if (counting != null) {
            manager.observed().received(this, counting, count);
        }
    }

    void sent(long count) {
        touch();
        manager.countSent(count);
        manager.probe().event("sent", id, count);
        Meter counting = meter;
        if (counting != null) {
            manager.observed().sent(this, counting, count);
        }
    }

    /** Established: it is counted from now on, if anybody wants to know. */
    void opened() {
        opened = true;
        manager.probe().event("opened", id, 0);
        Observation observation = manager.observation();
        if (observation != null) {
            meter = observation.opened(this);
        }
    }

    /** More waits than the high-water mark allows. */
    void stalled() {
        Observation observation = manager.observation();
        if (observation != null) {
            meter = observation.stalled(this, meter, out.pending());
        }
    }

    void unstalled() {
        Meter counting = meter;
        if (counting != null) {
            manager.observed().unstalled(this, counting, true);
        }
    }

    void handshakeOver() {
        if (acceptor != null) {
            acceptor.handshakeOver();
        }
    }

    void touch() {
        lastIoNanos = manager.loop().now();
    }

    void updateInterest() {
        StreamHandle stream = life.handle();
        if (stream != null) {
            int reading = in.wantsToRead(isOpen()) ? Handle.READ : 0;
            stream.interest(out.isWaiting() ? reading | Handle.WRITE : reading);
        }
    }

    @Override
    public void onReady(int ops) {
        if ((ops & Handle.WRITE) != 0) {
            out.ready();
        }
        StreamHandle stream = life.handle();
        // what is still to be announced comes before what arrives, the end of input above all; readiness comes again
        if ((ops & Handle.READ) != 0 && stream != null && (notices & ANNOUNCE) == 0) {
            in.read(stream);
        }
    }

    @Override
    public void onFailure(Throwable failure) {
        life.fail(
                Initiator.LOCAL,
                ConnectionError.of(Kind.INTERNAL, "serving the connection failed inside: " + failure, failure));
    }

    // ---------------------------------------------------------------- telling the handler

    /** Has something told or done later in this turn, never inside a callback. */
    void notice(int bit) {
        notices |= (short) bit;
        if (!deferred) {
            deferred = true;
            manager.loop().defer(this);
        }
    }

    @Override
    public void runDeferred() {
        deferred = false;
        int due = notices;
        notices = 0;
        if ((due & CLOSED) != 0) {
            tellEnd(due);
            return;
        }
        if ((due & SECURED) != 0 && isOpen()) {
            dispatch(TcpEvent.Secured.INSTANCE);
        }
        if ((due & SENT) != 0 && isOpen()) {
            dispatch(new TcpEvent.Sent(out.takeSentCount()));
        }
        if ((due & DRAINED) != 0 && isOpen() && !out.isAboveMark()) {
            dispatch(TcpEvent.Drained.INSTANCE);
            tellWritable();
        }
        if ((due & ANNOUNCE) != 0 && isOpen()) {
            in.announce();
        }
        in.settle();
        updateInterest();
    }

    /**
     * Has {@code Writable} told in the next turn: in this one it would keep a handler that asks again going for ever.
     */
    void tellWritableSoon() {
        if (!writableAsked) {
            return;
        }
        if (manager.loop().isInTurn()) {
            manager.loop().defer(() -> manager.postInternal(this::tellWritable)); // posted tasks of this turn are over
        } else {
            manager.postInternal(this::tellWritable);
        }
    }

    boolean takesOutput() {
        return isOpen() && out.isOpen();
    }

    private void tellWritable() {
        if (writableAsked && isOpen() && out.isOpen() && !out.isAboveMark()) {
            writableAsked = false;
            dispatch(TcpEvent.Writable.INSTANCE);
        }
    }

    private void tellEnd(int due) {
        CloseReason reason = Objects.requireNonNull(life.reason());
        manager.ended(this, acceptor); // first, so that a handler that connects again finds room
        Observation observation = manager.observation();
        if (observation != null) {
            if (!opened) {
                reason.error().ifPresent(error -> observation.connectFailed(this, error));
            } else {
                observation.closed(this, meter, reason);
            }
        }
        if ((due & CONNECT_FAILED) != 0) {
            dispatch(new TcpEvent.ConnectFailed(reason.error().orElseThrow()));
        } else if ((due & HANDSHAKE_FAILED) != 0) {
            dispatch(new TcpEvent.HandshakeFailed(reason.error().orElseThrow()));
        }
        dispatch(new TcpEvent.Closed(reason));
        manager.probe().event("closed", id, 0);
    }

    void dispatch(Event event) {
        Observation observation = manager.observation();
        if (observation != null && observation.timesHandlers()) {
            observation.timed(this, event);
        } else {
            call(event);
        }
    }

    void call(Event event) {
        try {
            handler.onEvent(this, event);
        } catch (Throwable e) {
            handlerFailed(event, e);
        }
    }

    void handlerFailed(Event event, Throwable failure) {
        manager.report(ErrorHook.Source.HANDLER, Optional.of(this), failure);
        if (life.state() == ConnectionState.CLOSED) {
            return;
        }
        life.fail(
                Initiator.LOCAL,
                ConnectionError.of(
                        Kind.HANDLER_FAILED,
                        "the handler threw on " + event.getClass().getSimpleName() + ": " + failure,
                        failure));
    }

    /** Delivers a broadcast; answers what became of it. */
    Delivery.Outcome broadcast(TcpEvent.Broadcast event) {
        boolean behind = ThreadedConnections.isBehind(handler);
        if (behind || out.isAboveMark()) {
            switch (options.slowReceiver()) {
                case DROP -> {
                    return Delivery.Outcome.DROPPED;
                }
                case CLOSE -> {
                    String found = behind
                            ? "a broadcast came, and the handler on its thread had not heard of too many before"
                            : out.pending() + " bytes waited to be sent when a broadcast came; the mark is "
                                    + options.highWaterMark();
                    life.fail(Initiator.MANAGER, ConnectionError.of(Kind.SLOW_RECEIVER, found));
                    return Delivery.Outcome.CLOSED;
                }
                case KEEP -> {
                    if (behind || !out.hasRoomFor(event.bytes().length())) {
                        return Delivery.Outcome.DROPPED;
                    }
                }
            }
        }
        dispatch(event);
        return Delivery.Outcome.DELIVERED;
    }

    /** The acceptor's, if it has an interval of its own. */
    Ticker ticker() {
        Ticker own = acceptor == null ? null : acceptor.ticker();
        return own == null ? manager.ticker() : own;
    }

    boolean wantsTicks() {
        return options.ticks();
    }

    void tick() {
        dispatch(TcpEvent.Tick.INSTANCE);
    }

    // ---------------------------------------------------------------- timers

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        dispatch(new TcpEvent.TimerFired(deadlineNanos));
    }

    void forgetTimer() {
        TimerNode timer = userTimer;
        if (timer != null) {
            manager.loop().disarm(timer);
        }
    }

    @Override
    public Optional<Duration> setTimer(Duration delay) {
        Optional<Duration> before = timer();
        if (life.state().compareTo(ConnectionState.OPEN) <= 0) {
            TimerNode timer = userTimer;
            if (timer == null) {
                timer = new TimerNode(this);
                userTimer = timer;
            }
            manager.loop().arm(timer, manager.loop().deadlineIn(Nanos.of(delay)));
        }
        return before;
    }

    @Override
    public Optional<Instant> setTimer(Instant instant) {
        Instant now = manager.wallTime();
        return setTimer(Duration.between(now, instant)).map(now::plus);
    }

    @Override
    public Optional<Duration> clearTimer() {
        Optional<Duration> before = timer();
        forgetTimer();
        return before;
    }

    @Override
    public Optional<Duration> timer() {
        manager.checkThread("Connection timer");
        TimerNode timer = userTimer;
        if (timer == null || !timer.isArmed()) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofNanos(
                EventLoop.until(timer.deadlineNanos(), manager.loop().now())));
    }

    // ---------------------------------------------------------------- the public face

    @Override
    public Connection send(byte[] bytes) {
        manager.checkThread("Connection.send");
        out.send(bytes);
        return this;
    }

    @Override
    public Connection send(ByteBuffer bytes) {
        manager.checkThread("Connection.send");
        out.send(bytes);
        return this;
    }

    @Override
    public Connection send(Bytes bytes) {
        if (manager.inLoop()) {
            out.send(bytes);
        } else {
            out.sendFromElsewhere(bytes);
        }
        return this;
    }

    @Override
    public Connection send(CharSequence text) {
        return send(Bytes.utf8(text));
    }

    @Override
    public Connection sendf(String format, @Nullable Object... arguments) {
        return send(String.format(Locale.ROOT, format, arguments));
    }

    @Override
    public Connection send(ReceiveBuffer source) {
        manager.checkThread("Connection.send");
        if (source instanceof ReceiveQueue queue) {
            out.send(queue);
        } else {
            out.send(source.view());
            source.discard(source.size());
        }
        return this;
    }

    @Override
    public int pendingBytes() {
        manager.checkThread("Connection.pendingBytes");
        return out.pending();
    }

    @Override
    public boolean isWritable() {
        manager.checkThread("Connection.isWritable");
        return isOpen() && out.isOpen() && !out.isAboveMark();
    }

    @Override
    public void requestWritable() {
        manager.checkThread("Connection.requestWritable");
        out.requireOpen();
        if (!writableAsked) {
            writableAsked = true;
            if (isOpen()) {
                tellWritableSoon();
            }
        }
    }

    @Override
    public void close() {
        close(options.closeTimeout());
    }

    @Override
    public void close(Duration timeout) {
        long nanos = Nanos.of(timeout);
        if (nanos < 0) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
        life.close(nanos);
    }

    @Override
    public void abort() {
        life.abort();
    }

    @Override
    public void shutdownOutput() {
        manager.checkThread("Connection.shutdownOutput");
        out.shutdown();
        if (in.hasEnded()) {
            life.close(Nanos.of(options.closeTimeout())); // both directions end: nothing is left but a deadline
        }
    }

    @Override
    public void startTls(TlsOptions tls) {
        startTls(tls, acceptor == null ? TlsRole.CLIENT : TlsRole.SERVER);
    }

    @Override
    public void startTls(TlsOptions tls, TlsRole role) {
        manager.checkThread("Connection.startTls");
        if (!isOpen() || !out.isOpen() || in.hasEnded()) {
            throw new ConnectionClosedException(this + ": cannot start TLS in state " + state()
                    + ", only in OPEN and while neither direction has ended");
        }
        if (life.tlsWasStarted()) {
            throw new IllegalStateException(this + ": TLS was started already");
        }
        life.startTls(Securing.of(manager, tls, role, this));
    }

    @Override
    public boolean isSecured() {
        manager.checkThread("Connection.isSecured");
        return life.tls() != null;
    }

    @Override
    public Optional<TlsSession> tlsSession() {
        manager.checkThread("Connection.tlsSession");
        return Optional.ofNullable(life.tls()).map(TlsEngine::describe);
    }

    @Override
    public void pauseReading() {
        manager.checkThread("Connection.pauseReading");
        in.pause();
    }

    @Override
    public void resumeReading() {
        manager.checkThread("Connection.resumeReading");
        in.resume();
    }

    @Override
    public boolean isReadingPaused() {
        manager.checkThread("Connection.isReadingPaused");
        return in.isPaused();
    }

    @Override
    public ReceiveBuffer receiveBuffer() {
        manager.checkThread("Connection.receiveBuffer");
        return in.lend();
    }

    @Override
    public Handler handler() {
        manager.checkThread("Connection.handler");
        return handler;
    }

    @Override
    public void replaceHandler(Handler replacement) {
        manager.checkThread("Connection.replaceHandler");
        Handler before = handler;
        handler = Objects.requireNonNull(replacement, "replacement");
        in.announceLater();
        if (before != replacement) {
            before.onReplaced(this);
        }
    }

    @Override
    public void configure(ConnectionOptions newOptions) {
        manager.checkThread("Connection.configure");
        Objects.requireNonNull(newOptions, "options");
        if (life.handle() != null) {
            ticker().joined(newOptions); // first, or the only listener would start the interval anew
            ticker().left(options);
        }
        options = newOptions;
        in.limitChanged(newOptions.receiveLimit());
        out.checkMarks();
        updateInterest();
    }

    @Override
    public ConnectionOptions options() {
        manager.checkThread("Connection.options");
        return options;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public EventManager manager() {
        return manager;
    }

    @Override
    public Optional<Acceptor> acceptor() {
        return Optional.ofNullable(acceptor);
    }

    @Override
    public ConnectionState state() {
        return life.state();
    }

    @Override
    public Optional<CloseReason> closeReason() {
        manager.checkThread("Connection.closeReason");
        return Optional.ofNullable(life.reason());
    }

    @Override
    public SocketAddress localAddress() {
        manager.checkThread("Connection.localAddress");
        return life.localAddress();
    }

    @Override
    public Optional<PeerCredentials> peerCredentials() {
        manager.checkThread("Connection.peerCredentials");
        return life.peerCredentials();
    }

    @Override
    public Optional<NetworkChannel> channel() {
        manager.checkThread("Connection.channel");
        return life.channel();
    }

    @Override
    public SocketAddress remoteAddress() {
        manager.checkThread("Connection.remoteAddress");
        return life.remoteAddress();
    }

    @Override
    public CompletableFuture<Optional<String>> remoteHostName() {
        manager.checkThread("Connection.remoteHostName");
        return life.remoteAddress() instanceof InetSocketAddress inet && inet.getAddress() != null
                ? manager.names().hostName(inet.getAddress())
                : CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public Instant lastIo() {
        manager.checkThread("Connection.lastIo");
        return manager.wallTime().minusNanos(manager.loop().now() - lastIoNanos);
    }

    @Override
    public void attach(@Nullable Object newAttachment) {
        manager.checkThread("Connection.attach");
        attachment = newAttachment;
    }

    @Override
    public <T> @Nullable T attachment(Class<T> type) {
        manager.checkThread("Connection.attachment");
        return type.cast(attachment);
    }

    @Override
    public void addTap(Tap tap) {
        manager.checkThread("Connection.addTap");
        life.addTap(Objects.requireNonNull(tap, "tap"));
    }

    @Override
    public void removeTap(Tap tap) {
        manager.checkThread("Connection.removeTap");
        life.removeTap(tap);
    }

    @Override
    public String name() {
        return toString();
    }

    @Override
    public boolean isInbound() {
        return acceptor != null;
    }

    @Override
    public String local() {
        return AddressText.of(life.localAddress());
    }

    @Override
    public String remote() {
        return AddressText.of(life.remoteAddress());
    }

    /** Stable text without addresses, so that traces can be compared. */
    @Override
    public String toString() {
        return manager.options().name() + "/conn-" + id;
    }
}
