package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection: where the loop's readiness, the two directions, the timers and the handler meet, and where it is
 * decided what is allowed now. {@link Inbound} and {@link Outbound} are machines of their own; closing is what follows
 * when both have ended. The life of the whole is {@link ConnectionState}, and {@link #enter} is the one place that
 * changes it.
 *
 * <p>At rest it holds neither a send queue nor a receive buffer nor a timer. Everything belongs to the loop thread,
 * save where {@link Connection} says that any thread may call.
 */
final class RealConnection implements Connection, ReadyListener, Deferred, TimerTask {
    // What is to be told or done later in the turn; bits, because they come in any combination.
    static final int DRAINED = 1;
    static final int SENT = 1 << 1;
    static final int ANNOUNCE = 1 << 2;
    static final int RECHECK = 1 << 3;
    private static final int CONNECT_FAILED = 1 << 4;
    private static final int CLOSED = 1 << 5;

    private static final InetSocketAddress NO_ADDRESS = new InetSocketAddress(0);

    /** Slot in the {@link ConnectionTable}, which alone uses it. */
    int tableIndex;

    private final RealEventManager manager;
    private final @Nullable RealAcceptor acceptor;
    private final long id;
    private final Inbound in = new Inbound(this);
    private final Outbound out = new Outbound(this);
    private Handler handler;
    /** Any thread reads, for the limits of sends from elsewhere. */
    private volatile ConnectionOptions options;
    /** Any thread reads, {@link #enter} writes. */
    private volatile ConnectionState state;
    /** Any thread: a request to end the connection waits although the mailbox is full. */
    private volatile boolean endOnItsWay;
    /** Queued with the loop as {@link Deferred}. */
    private boolean deferred;
    /** The peer ended its direction before we ended ours: then it is the one who closed. */
    private boolean peerEndedFirst;

    private byte notices;
    private @Nullable StreamHandle handle;
    private @Nullable Connector connector;
    private @Nullable TimerNode userTimer;
    private @Nullable Closing closing;
    /** The peer's address while there is no open handle to ask. */
    private @Nullable SocketAddress remoteAddress;

    private @Nullable CloseReason closeReason;
    private @Nullable Object attachment;
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
        this.state = state;
        this.lastIoNanos = manager.loop().now();
    }

    // ---------------------------------------------------------------- what the two directions ask

    RealEventManager owner() {
        return manager;
    }

    SharedMemory memory() {
        return manager.memory();
    }

    @Nullable
    StreamHandle handle() {
        return handle;
    }

    ConnectionOptions limits() {
        return options;
    }

    void ioHappened(String kind, long count) {
        lastIoNanos = manager.loop().now();
        manager.probe().event(kind, id, count);
    }

    void updateInterest() {
        StreamHandle stream = handle;
        if (stream != null) {
            int reading = in.wantsToRead(isOpen()) ? Handle.READ : 0;
            stream.interest(out.isWaiting() ? reading | Handle.WRITE : reading);
        }
    }

    // ---------------------------------------------------------------- beginning

    void connectWith(Connector newConnector, SocketAddress target) {
        connector = newConnector;
        remoteAddress = target;
        newConnector.start();
    }

    void becomeConnecting(SocketAddress remote) {
        remoteAddress = remote;
        enter(ConnectionState.CONNECTING);
    }

    void connectFailed(ConnectionError error) {
        connector = null;
        notice(CONNECT_FAILED);
        end(CloseReason.failed(initiatorOf(error), error));
    }

    /** Accepted or connected: the handler hears of it before a byte is read. */
    void established(StreamHandle stream) {
        connector = null;
        remoteAddress = null;
        handle = stream;
        lastIoNanos = manager.loop().now();
        stream.attach(this);
        enter(ConnectionState.OPEN);
        manager.probe().event("opened", id, 0);
        manager.ticker().joined(options);
        dispatch(TcpEvent.Opened.INSTANCE);
        updateInterest();
        out.resumeAfterConnect();
    }

    @Override
    public void onReady(int ops) {
        if ((ops & Handle.WRITE) != 0) {
            out.ready();
        }
        StreamHandle stream = handle;
        // what is still to be announced comes before what arrives, the end of input above all; readiness comes again
        if ((ops & Handle.READ) != 0 && stream != null && (notices & ANNOUNCE) == 0) {
            in.read(stream);
        }
    }

    // ---------------------------------------------------------------- ending

    void inputHasEnded() {
        switch (state) {
            case OPEN -> {
                peerEndedFirst = out.isOpen();
                manager.probe().event("input-closed", id, 0);
                dispatch(TcpEvent.InputClosed.INSTANCE);
                if (!isOpen()) {
                    return;
                }
                if (out.isShut()) {
                    finish(cleanEnd());
                } else if (!options.halfClose() || !out.isOpen()) {
                    closeHere(Nanos.of(options.closeTimeout()));
                }
            }
            case LINGERING -> finish(cleanEnd());
            default -> {
                // closing: the flush that is under way ends it
            }
        }
    }

    void outputHasEnded() {
        if (in.hasEnded()) {
            finish(cleanEnd());
        } else if (state == ConnectionState.CLOSING) {
            linger();
        }
    }

    private void closeHere(long timeoutNanos) {
        switch (state) {
            case RESOLVING, CONNECTING -> cancelConnect("closed");
            case OPEN -> {
                enter(ConnectionState.CLOSING);
                in.release();
                disarm(userTimer); // nothing but the end is told from now on
                closing().within(timeoutNanos);
                out.close();
                updateInterest();
            }
            case CLOSING -> closing().withinAtMost(timeoutNanos);
            case LINGERING, CLOSED -> {
                // under way, or done
            }
        }
    }

    private void linger() {
        long nanos = Nanos.of(options.lingerTimeout());
        if (nanos == 0) {
            finish(cleanEnd());
        } else {
            enter(ConnectionState.LINGERING);
            closing().within(nanos);
        }
    }

    private Closing closing() {
        Closing present = closing;
        if (present == null) {
            present = new Closing(this, manager.loop());
            closing = present;
        }
        return present;
    }

    void closingTimedOut() {
        if (state == ConnectionState.LINGERING) {
            finish(cleanEnd());
        } else if (state == ConnectionState.CLOSING) {
            out.flushAll(); // a time-out of zero comes before the end of the turn, and what fits may still leave
        }
        if (state == ConnectionState.CLOSING) {
            fail(
                    Initiator.LOCAL,
                    ConnectionError.of(
                            Kind.CLOSE_TIMEOUT, out.pending() + " bytes could not be sent within the close time-out"));
        }
    }

    private void abortHere() {
        switch (state) {
            case RESOLVING, CONNECTING -> cancelConnect("aborted");
            case OPEN, CLOSING, LINGERING ->
                fail(Initiator.LOCAL, ConnectionError.of(Kind.ABORTED, "aborted by this program"));
            case CLOSED -> {
                // done
            }
        }
    }

    private void cancelConnect(String how) {
        abandonConnect(ConnectionError.of(Kind.CANCELLED, how + " by this program before it was established"));
    }

    private void abandonConnect(ConnectionError error) {
        Connector under = connector;
        if (under != null) {
            under.end();
        }
        connectFailed(error);
    }

    void failTransfer(String operation, IOException failure) {
        ConnectionError error = IoErrors.ofTransfer(operation, failure);
        fail(initiatorOf(error), error);
    }

    /** Ends with a reset, for whatever reason; before it is established by giving up. */
    void fail(Initiator initiator, ConnectionError error) {
        if (connector != null) {
            abandonConnect(error);
            return;
        }
        StreamHandle stream = takeHandle();
        if (stream != null) {
            Sockets.abortQuietly(stream);
        }
        end(CloseReason.failed(initiator, error));
    }

    /** Ends in order. */
    private void finish(CloseReason reason) {
        StreamHandle stream = takeHandle();
        if (stream != null) {
            Sockets.closeQuietly(stream);
        }
        end(reason);
    }

    private @Nullable StreamHandle takeHandle() {
        StreamHandle stream = handle;
        if (stream != null) {
            remoteAddress = remoteAddress();
            handle = null;
        }
        return stream;
    }

    /** The last step of every ending: releases what is held, and has the handler told, once. */
    private void end(CloseReason reason) {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        if (state.compareTo(ConnectionState.OPEN) >= 0) {
            manager.ticker().left(options);
        }
        closeReason = reason;
        enter(ConnectionState.CLOSED);
        out.release();
        in.release();
        disarm(userTimer);
        if (closing != null) {
            closing.over();
        }
        notice(CLOSED);
    }

    /** The manager closes: what fits into the socket leaves. */
    void endWithManager() {
        ConnectionError error = ConnectionError.of(Kind.MANAGER_CLOSED, "the event manager was closed");
        if (connector != null) {
            abandonConnect(error);
            return;
        }
        if (out.pending() > 0) {
            out.flushAll();
        }
        finish(
                out.pending() == 0
                        ? CloseReason.clean(Initiator.MANAGER)
                        : CloseReason.failed(Initiator.MANAGER, error));
    }

    private CloseReason cleanEnd() {
        return CloseReason.clean(peerEndedFirst ? Initiator.PEER : Initiator.LOCAL);
    }

    private static Initiator initiatorOf(ConnectionError error) {
        return switch (error.fault()) {
            case LOCAL -> error.kind() == Kind.MANAGER_CLOSED ? Initiator.MANAGER : Initiator.LOCAL;
            case PEER -> Initiator.PEER;
            case NETWORK -> Initiator.NETWORK;
        };
    }

    private void enter(ConnectionState next) {
        assert next.compareTo(state) >= 0 : state + " -> " + next;
        state = next;
    }

    // ---------------------------------------------------------------- telling the handler

    /** Has something told or done later in this turn, never inside a callback. */
    void notice(int bit) {
        notices |= (byte) bit;
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
            tellEnd((due & CONNECT_FAILED) != 0);
            return;
        }
        if ((due & SENT) != 0 && isOpen()) {
            dispatch(new TcpEvent.Sent(out.takeSentCount()));
        }
        if ((due & DRAINED) != 0 && isOpen() && !out.isAboveMark()) {
            dispatch(TcpEvent.Drained.INSTANCE);
        }
        if ((due & ANNOUNCE) != 0 && isOpen()) {
            in.announce();
        }
        in.settle();
        updateInterest();
    }

    private void tellEnd(boolean connectHasFailed) {
        CloseReason reason = Objects.requireNonNull(closeReason);
        manager.ended(this, acceptor); // first, so that a handler that connects again finds room
        if (connectHasFailed) {
            dispatch(new TcpEvent.ConnectFailed(reason.error().orElseThrow()));
        }
        dispatch(new TcpEvent.Closed(reason));
        manager.probe().event("closed", id, 0);
    }

    void dispatch(Event event) {
        try {
            handler.onEvent(this, event);
        } catch (Throwable e) {
            handlerFailed(event, e);
        }
    }

    private void handlerFailed(Event event, Throwable failure) {
        manager.report(ErrorHook.Source.HANDLER, Optional.of(this), failure);
        if (state == ConnectionState.CLOSED) {
            return;
        }
        fail(
                Initiator.LOCAL,
                ConnectionError.of(
                        Kind.HANDLER_FAILED,
                        "the handler threw on " + event.getClass().getSimpleName() + ": " + failure,
                        failure));
    }

    /** Delivers a broadcast; answers what became of it. */
    Delivery.Outcome broadcast(TcpEvent.Broadcast event) {
        if (out.isAboveMark()) {
            switch (options.slowReceiver()) {
                case DROP -> {
                    return Delivery.Outcome.DROPPED;
                }
                case CLOSE -> {
                    String found = out.pending() + " bytes waited to be sent when a broadcast came; the mark is "
                            + options.highWaterMark();
                    fail(Initiator.MANAGER, ConnectionError.of(Kind.SLOW_RECEIVER, found));
                    return Delivery.Outcome.CLOSED;
                }
                case KEEP -> {
                    if (!out.hasRoomFor(event.bytes().length())) {
                        return Delivery.Outcome.DROPPED;
                    }
                }
            }
        }
        dispatch(event);
        return Delivery.Outcome.DELIVERED;
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

    private void disarm(@Nullable TimerNode timer) {
        if (timer != null) {
            manager.loop().disarm(timer);
        }
    }

    @Override
    public Optional<Duration> setTimer(Duration delay) {
        Optional<Duration> before = timer();
        if (state.compareTo(ConnectionState.OPEN) <= 0) {
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
        disarm(userTimer);
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
                Math.max(0, timer.deadlineNanos() - manager.loop().now())));
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
    public void close() {
        close(options.closeTimeout());
    }

    @Override
    public void close(Duration timeout) {
        long nanos = Nanos.of(timeout);
        if (nanos < 0) {
            throw new IllegalArgumentException("timeout must not be negative: " + timeout);
        }
        if (manager.inLoop()) {
            closeHere(nanos);
        } else {
            postEnd(() -> closeHere(nanos));
        }
    }

    @Override
    public void abort() {
        if (manager.inLoop()) {
            abortHere();
        } else {
            postEnd(this::abortHere);
        }
    }

    /**
     * Any thread. A full mailbox does not keep anybody from ending a connection, but takes one such request of each.
     */
    private void postEnd(Runnable ending) {
        if (manager.tryPost(ending) || endOnItsWay) {
            return;
        }
        endOnItsWay = true;
        manager.postInternal(() -> {
            endOnItsWay = false;
            ending.run();
        });
    }

    @Override
    public void shutdownOutput() {
        manager.checkThread("Connection.shutdownOutput");
        out.shutdown();
        if (in.hasEnded()) {
            closeHere(Nanos.of(options.closeTimeout())); // both directions end: nothing is left but a deadline
        }
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
        handler = Objects.requireNonNull(replacement, "replacement");
        in.announceLater();
    }

    @Override
    public void configure(ConnectionOptions newOptions) {
        manager.checkThread("Connection.configure");
        Objects.requireNonNull(newOptions, "options");
        if (handle != null) {
            manager.ticker().joined(newOptions); // first, or the only listener would start the interval anew
            manager.ticker().left(options);
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
        return state;
    }

    @Override
    public Optional<CloseReason> closeReason() {
        manager.checkThread("Connection.closeReason");
        return Optional.ofNullable(closeReason);
    }

    @Override
    public SocketAddress localAddress() {
        manager.checkThread("Connection.localAddress");
        StreamHandle stream = handle;
        try {
            return stream == null ? NO_ADDRESS : stream.localAddress();
        } catch (IOException e) {
            return NO_ADDRESS;
        }
    }

    @Override
    public SocketAddress remoteAddress() {
        manager.checkThread("Connection.remoteAddress");
        SocketAddress known = remoteAddress;
        StreamHandle stream = handle;
        if (known != null || stream == null) {
            return known == null ? NO_ADDRESS : known;
        }
        try {
            return stream.remoteAddress();
        } catch (IOException e) {
            return NO_ADDRESS;
        }
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

    /** Stable text without addresses, so that traces can be compared. */
    @Override
    public String toString() {
        return manager.options().name() + "/conn-" + id;
    }
}
