package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.loop.Flushable;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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
 * A TCP connection: where the loop's readiness, the buffers, the timers and the handler meet, and where it is decided
 * what is allowed now.
 *
 * <p>The life of the whole is {@link ConnectionState}; {@link #enter} is the one place that changes it. The two
 * directions are machines of their own: input is open until {@link #inputEnded}; output is {@link Output}. Closing is
 * what follows when both have ended.
 *
 * <p>At rest it holds neither a send queue nor a receive buffer nor a timer. Everything but the members marked
 * <em>any thread</em> belongs to the loop thread.
 */
final class RealConnection implements Connection, ReadyListener, Deferred, Flushable, TimerTask {
    /** Our direction. */
    private enum Output {
        /** The handler may send. */
        OPEN,
        /** Nothing more is accepted; what was accepted leaves, then the peer is told. */
        SHUTTING,
        /** The peer was told. */
        SHUT
    }

    // What the handler has yet to be told, or we have yet to do; bits, because they come in any combination.
    private static final int DRAINED = 1;
    private static final int SENT = 1 << 1;
    private static final int ANNOUNCE = 1 << 2;
    private static final int RECHECK = 1 << 3;
    private static final int FAILED = 1 << 4;
    private static final int CLOSED = 1 << 5;

    /** From this size on received input that is sent on goes straight to the system; below, a copy is cheaper. */
    private static final int DIRECT_WRITE_BYTES = 8 * 1024;

    private static final InetSocketAddress NO_ADDRESS = new InetSocketAddress(0);

    private static final VarHandle HOPPING;

    static {
        try {
            HOPPING = MethodHandles.lookup().findVarHandle(RealConnection.class, "hopping", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Slot in the {@link ConnectionTable}, which alone uses it. */
    int tableIndex;

    private final RealEventManager manager;
    private final @Nullable RealAcceptor acceptor;
    private final long id;
    private Handler handler;
    private ConnectionOptions options;
    /** Any thread reads, the loop writes through {@link #enter}. */
    private volatile ConnectionState state;

    private Output output = Output.OPEN;
    private boolean inputEnded;
    /** The peer ended its direction before we ended ours: then it is the one who closed. */
    private boolean peerEndedFirst;
    private boolean readingPaused;
    /** Above the high-water mark, and not yet down at the low one. */
    private boolean aboveMark;
    /** The system took less than there was; {@link Handle#WRITE} tells when to go on. */
    private boolean waitingToWrite;
    /** Queued with the loop for flushing. */
    private boolean dirty;
    /** Queued with the loop as {@link Deferred}. */
    private boolean deferred;
    private byte pendingNotices;
    /** Bytes of other threads on their way through the mailbox: any thread, through {@link #HOPPING}. */
    @SuppressWarnings("unused")
    private volatile int hopping;

    private @Nullable StreamHandle handle;
    private @Nullable Connector connector;
    private @Nullable SendQueue sendQueue;
    /** Unread bytes between two events; null when there are none. */
    private @Nullable ReceiveQueue kept;
    private @Nullable TimerNode userTimer;
    /** The time-out of closing or lingering. */
    private @Nullable TimerNode closeTimer;
    /** The peer's address while there is no open handle to ask. */
    private @Nullable SocketAddress remoteAddress;
    private @Nullable CloseReason closeReason;
    private @Nullable ConnectionError connectError;
    private @Nullable Object attachment;
    private long lastIoNanos;
    private long sentSinceEvent;

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

    // ---------------------------------------------------------------- connecting

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
        connectError = error;
        notice(FAILED);
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
        manager.countTicks(options, 1);
        dispatch(TcpEvent.Opened.INSTANCE);
        updateInterest();
        if (sendQueue != null) {
            flushLater();
        }
    }

    // ---------------------------------------------------------------- input

    @Override
    public void onReady(int ops) {
        if ((ops & Handle.WRITE) != 0 && waitingToWrite) {
            writeOut();
        }
        if ((ops & Handle.READ) != 0 && handle != null && !inputEnded) {
            readIn(handle);
        }
    }

    private void readIn(StreamHandle stream) {
        ReceiveQueue unread = kept;
        int room = state == ConnectionState.OPEN
                ? options.receiveLimit() - (unread == null ? 0 : unread.size())
                : Integer.MAX_VALUE;
        if (room <= 0 || (readingPaused && state == ConnectionState.OPEN)) {
            updateInterest();
            return;
        }
        ByteBuffer scratch = manager.scratch();
        scratch.clear().limit(Math.min(scratch.capacity(), room));
        int count;
        try {
            count = stream.read(scratch);
        } catch (IOException e) {
            failTransfer("reading", e);
            return;
        }
        if (count < 0) {
            inputHasEnded();
        } else if (count > 0) {
            lastIoNanos = manager.loop().now();
            if (state == ConnectionState.OPEN) {
                manager.probe().event("received", id, count);
                deliver(scratch.flip(), unread, count);
            } // else closing: what still arrives is thrown away
        }
    }

    private void deliver(ByteBuffer arrived, @Nullable ReceiveQueue unread, int count) {
        boolean poison = manager.poisons();
        if (unread != null) {
            unread.append(arrived);
            dispatch(new TcpEvent.Received(unread, count));
            settleKept(poison);
        } else {
            ReceiveQueue lent = manager.lentQueue();
            lent.lend(arrived);
            kept = lent;
            dispatch(new TcpEvent.Received(lent, count));
            if (kept == lent) {
                kept = lent.isEmpty() || state != ConnectionState.OPEN ? null : lent.keep();
                manager.countKept(kept == null ? 0 : 1);
            }
            lent.reclaim(poison);
        }
        updateInterest();
    }

    /** Ends a handler's loan of the kept bytes: drops them if all were taken. */
    private void settleKept(boolean poison) {
        ReceiveQueue unread = kept;
        if (unread == null) {
            return;
        }
        if (unread.isEmpty()) {
            dropKept();
        } else if (poison) {
            unread.reclaim(true);
        }
    }

    private void dropKept() {
        ReceiveQueue unread = kept;
        kept = null;
        if (unread != null && unread != manager.lentQueue()) {
            manager.countKept(-1);
        }
    }

    private void inputHasEnded() {
        inputEnded = true;
        peerEndedFirst = state == ConnectionState.OPEN && output == Output.OPEN;
        updateInterest();
        switch (state) {
            case OPEN -> {
                manager.probe().event("input-closed", id, 0);
                dispatch(TcpEvent.InputClosed.INSTANCE);
                if (state != ConnectionState.OPEN) {
                    return;
                }
                if (output == Output.SHUT) {
                    finish(cleanEnd());
                } else if (!options.halfClose() && output == Output.OPEN) {
                    closeHere(Nanos.of(options.closeTimeout()));
                }
            }
            case LINGERING -> finish(cleanEnd());
            default -> {
                // closing: the flush that is under way ends it
            }
        }
    }

    // ---------------------------------------------------------------- output

    @Override
    public Connection send(byte[] bytes) {
        manager.checkThread("Connection.send");
        SendQueue queue = acceptFor(bytes.length);
        queue.append(bytes, 0, bytes.length);
        appended(queue);
        return this;
    }

    @Override
    public Connection send(ByteBuffer bytes) {
        manager.checkThread("Connection.send");
        SendQueue queue = acceptFor(bytes.remaining());
        queue.append(bytes);
        appended(queue);
        return this;
    }

    @Override
    public Connection send(Bytes bytes) {
        if (!manager.inLoop()) {
            sendFromElsewhere(bytes);
            return this;
        }
        SendQueue queue = acceptFor(bytes.length());
        queue.append(bytes);
        appended(queue);
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
        if (!(source instanceof ReceiveQueue queue)) {
            return send(source.take());
        }
        SendQueue target = acceptFor(queue.size());
        ByteBuffer bytes = queue.raw();
        int count = bytes.remaining();
        if (count >= DIRECT_WRITE_BYTES && target.isEmpty() && state == ConnectionState.OPEN && !waitingToWrite) {
            writeDirectly(bytes);
        }
        target.append(bytes);
        queue.consumed(count);
        appended(target);
        return this;
    }

    /** Spares the copy of large input that is sent on: the system takes it straight from where it was read to. */
    private void writeDirectly(ByteBuffer bytes) {
        StreamHandle stream = handle;
        if (stream == null) {
            return;
        }
        try {
            sentBytes(stream.write(bytes));
        } catch (IOException ignored) {
            // the rest is queued, and the flush at the end of the turn meets the same failure in its proper place
        }
    }

    /** The checks in front of every send; answers the queue to append to. */
    private SendQueue acceptFor(int length) {
        requireSendable();
        SendQueue queue = sendQueue;
        int pending = queue == null ? 0 : queue.pending();
        if (length > options.sendLimit() - pending) {
            throw new SendLimitException(this + ": cannot send " + length + " bytes, " + pending
                    + " of at most " + options.sendLimit() + " are waiting already");
        }
        if (queue == null) {
            queue = manager.acquireSendQueue();
            sendQueue = queue;
        }
        return queue;
    }

    private void requireSendable() {
        ConnectionState now = state;
        if (now == ConnectionState.CLOSING || now == ConnectionState.LINGERING || now == ConnectionState.CLOSED) {
            throw new ConnectionClosedException(
                    this + ": cannot send in state " + now + ", only in RESOLVING, CONNECTING or OPEN"
                            + (closeReason == null ? "" : "; it was closed " + closeReason));
        }
        if (output != Output.OPEN) {
            throw new ConnectionClosedException(this + ": cannot send after shutdownOutput()");
        }
    }

    private void appended(SendQueue queue) {
        if (queue.pending() > options.highWaterMark()) {
            aboveMark = true;
        }
        flushLater();
    }

    private void sendFromElsewhere(Bytes bytes) {
        requireSendable();
        int length = bytes.length();
        int before = (int) HOPPING.getAndAdd(this, length);
        if (length > options.sendLimit() - before || !manager.reserveHop(length)) {
            HOPPING.getAndAdd(this, -length);
            throw new SendLimitException(this + ": cannot send " + length + " bytes from another thread, " + before
                    + " of this connection are on their way to the loop; at most " + options.sendLimit()
                    + " may be, and " + manager.options().mailboxBytesLimit() + " of all connections");
        }
        try {
            manager.post(() -> arrive(bytes));
        } catch (RuntimeException e) {
            releaseHop(length);
            throw e;
        }
    }

    private void arrive(Bytes bytes) {
        releaseHop(bytes.length());
        if (state.compareTo(ConnectionState.OPEN) > 0 || output != Output.OPEN) {
            return; // closed meanwhile: as lost as what had already left
        }
        SendQueue queue = sendQueue;
        if (queue != null && queue.pending() > options.sendLimit() - bytes.length()) {
            fail(Initiator.MANAGER, ConnectionError.of(
                    Kind.SLOW_RECEIVER,
                    "other threads sent more than the peer took: " + queue.pending() + " bytes wait, the limit is "
                            + options.sendLimit()));
            return;
        }
        acceptFor(bytes.length()).append(bytes);
        appended(Objects.requireNonNull(sendQueue));
    }

    private void releaseHop(int length) {
        HOPPING.getAndAdd(this, -length);
        manager.releaseHop(length);
    }

    private void flushLater() {
        if (!dirty) {
            dirty = true;
            manager.loop().flushLater(this);
        }
    }

    @Override
    public void flush() {
        dirty = false;
        if (handle != null && !waitingToWrite) {
            writeOut();
        }
    }

    private void writeOut() {
        StreamHandle stream = handle;
        SendQueue queue = sendQueue;
        if (stream == null) {
            return;
        }
        if (queue != null && !queue.isEmpty()) {
            try {
                sentBytes(queue.writeTo(stream));
            } catch (IOException e) {
                failTransfer("writing", e);
                return;
            }
        }
        boolean empty = queue == null || queue.isEmpty();
        if (empty) {
            dropSendQueue();
        } else {
            queue.settle();
        }
        if (waitingToWrite == empty) {
            waitingToWrite = !empty;
            updateInterest();
        }
        if (aboveMark && pending() <= options.lowWaterMark()) {
            aboveMark = false;
            notice(DRAINED);
        }
        if (empty) {
            allHasLeft(stream);
        }
    }

    private void sentBytes(long count) {
        if (count > 0) {
            lastIoNanos = manager.loop().now();
            manager.probe().event("sent", id, count);
            if (options.sentEvents()) {
                sentSinceEvent += count;
                notice(SENT);
            }
        }
    }

    private void dropSendQueue() {
        SendQueue queue = sendQueue;
        sendQueue = null;
        if (queue != null) {
            manager.releaseSendQueue(queue);
        }
    }

    private void allHasLeft(StreamHandle stream) {
        if (output == Output.SHUTTING) {
            try {
                stream.shutdownOutput();
            } catch (IOException e) {
                failTransfer("ending the output", e);
                return;
            }
            output = Output.SHUT;
        }
        if (state == ConnectionState.CLOSING) {
            linger();
        } else if (output == Output.SHUT && inputEnded) {
            finish(cleanEnd());
        }
    }

    private int pending() {
        return sendQueue == null ? 0 : sendQueue.pending();
    }

    @Override
    public int pendingBytes() {
        manager.checkThread("Connection.pendingBytes");
        return pending();
    }

    @Override
    public boolean isWritable() {
        manager.checkThread("Connection.isWritable");
        return state == ConnectionState.OPEN && output == Output.OPEN && !aboveMark;
    }

    // ---------------------------------------------------------------- ending

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
            manager.postInternal(() -> closeHere(nanos));
        }
    }

    private void closeHere(long timeoutNanos) {
        switch (state) {
            case RESOLVING, CONNECTING -> cancelConnect("closed");
            case OPEN -> {
                enter(ConnectionState.CLOSING);
                if (output == Output.OPEN) {
                    output = Output.SHUTTING;
                }
                dropKept();
                armCloseTimer(timeoutNanos);
                updateInterest(); // the peer must be able to get rid of what it sends, or it may never read
                flushLater();
            }
            case CLOSING -> {
                TimerNode timer = closeTimer;
                if (timer != null && manager.loop().deadlineIn(timeoutNanos) < timer.deadlineNanos()) {
                    armCloseTimer(timeoutNanos);
                }
            }
            case LINGERING, CLOSED -> {
                // under way, or done
            }
        }
    }

    private void linger() {
        long nanos = Nanos.of(options.lingerTimeout());
        if (inputEnded || nanos == 0) {
            finish(cleanEnd());
            return;
        }
        enter(ConnectionState.LINGERING);
        armCloseTimer(nanos);
    }

    @Override
    public void abort() {
        if (manager.inLoop()) {
            abortHere();
        } else {
            manager.postInternal(this::abortHere);
        }
    }

    private void abortHere() {
        switch (state) {
            case RESOLVING, CONNECTING -> cancelConnect("aborted");
            case OPEN, CLOSING, LINGERING -> fail(
                    Initiator.LOCAL, ConnectionError.of(Kind.ABORTED, "aborted by this program"));
            case CLOSED -> {
                // done
            }
        }
    }

    private void cancelConnect(String how) {
        if (connector != null) {
            connector.end();
        }
        connectFailed(ConnectionError.of(Kind.CANCELLED, how + " by this program before it was established"));
    }

    @Override
    public void shutdownOutput() {
        manager.checkThread("Connection.shutdownOutput");
        if (output != Output.OPEN && state != ConnectionState.CLOSED) {
            return;
        }
        requireSendable();
        output = Output.SHUTTING;
        flushLater();
    }

    private void failTransfer(String operation, IOException failure) {
        ConnectionError error = IoErrors.ofTransfer(operation, failure);
        fail(initiatorOf(error), error);
    }

    private static Initiator initiatorOf(ConnectionError error) {
        return switch (error.fault()) {
            case LOCAL -> Initiator.LOCAL;
            case PEER -> Initiator.PEER;
            case NETWORK -> Initiator.NETWORK;
        };
    }

    private CloseReason cleanEnd() {
        return CloseReason.clean(peerEndedFirst ? Initiator.PEER : Initiator.LOCAL);
    }

    /** Ends with a reset, for whatever reason. */
    void fail(Initiator initiator, ConnectionError error) {
        StreamHandle stream = handle;
        if (stream != null) {
            remoteAddress = remoteAddress();
            handle = null;
            Sockets.abortQuietly(stream);
        }
        end(CloseReason.failed(initiator, error));
    }

    /** Ends in order. */
    private void finish(CloseReason reason) {
        StreamHandle stream = handle;
        if (stream != null) {
            remoteAddress = remoteAddress();
            handle = null;
            Sockets.closeQuietly(stream);
        }
        end(reason);
    }

    /** The last step of every ending: releases what is held, and has the handler told, once. */
    private void end(CloseReason reason) {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        if (state != ConnectionState.RESOLVING && state != ConnectionState.CONNECTING) {
            manager.countTicks(options, -1);
        }
        closeReason = reason;
        enter(ConnectionState.CLOSED);
        if (sendQueue != null) {
            sendQueue.clear();
            dropSendQueue();
        }
        dropKept();
        disarm(userTimer);
        disarm(closeTimer);
        notice(CLOSED);
    }

    /** The manager closes: what fits into the socket leaves. */
    void endWithManager() {
        ConnectionError error = ConnectionError.of(Kind.MANAGER_CLOSED, "the event manager was closed");
        if (connector != null) {
            connector.end();
            connectFailed(error);
            return;
        }
        if (handle != null && sendQueue != null && !waitingToWrite) {
            flush();
        }
        CloseReason reason = pending() == 0 && state != ConnectionState.CLOSED
                ? CloseReason.clean(Initiator.MANAGER)
                : CloseReason.failed(Initiator.MANAGER, error);
        finish(reason);
    }

    private void enter(ConnectionState next) {
        assert next.compareTo(state) >= 0 : state + " -> " + next;
        state = next;
    }

    // ---------------------------------------------------------------- telling the handler

    private void notice(int bit) {
        pendingNotices |= (byte) bit;
        if (!deferred) {
            deferred = true;
            manager.loop().defer(this);
        }
    }

    @Override
    public void runDeferred() {
        deferred = false;
        int notices = pendingNotices;
        pendingNotices = 0;
        if ((notices & CLOSED) != 0) {
            tellEnd((notices & FAILED) != 0);
            return;
        }
        if ((notices & SENT) != 0 && isOpen()) {
            long count = sentSinceEvent;
            sentSinceEvent = 0;
            dispatch(new TcpEvent.Sent(count));
        }
        if ((notices & DRAINED) != 0 && isOpen() && !aboveMark) {
            dispatch(TcpEvent.Drained.INSTANCE);
        }
        ReceiveQueue unread = kept;
        if ((notices & ANNOUNCE) != 0 && isOpen() && unread != null && !unread.isEmpty()) {
            dispatch(new TcpEvent.Received(unread, unread.size()));
        }
        settleKept(manager.poisons());
        updateInterest();
    }

    private void tellEnd(boolean connectHasFailed) {
        ConnectionError error = connectError;
        if (connectHasFailed && error != null) {
            dispatch(new TcpEvent.ConnectFailed(error));
        }
        dispatch(new TcpEvent.Closed(Objects.requireNonNull(closeReason)));
        manager.probe().event("closed", id, 0);
        manager.ended(this, acceptor);
    }

    void tick() {
        dispatch(TcpEvent.Tick.INSTANCE);
    }

    /** Delivers a broadcast; answers what became of it. */
    RealEventManager.Delivery broadcast(TcpEvent.Broadcast event) {
        if (aboveMark) {
            switch (options.slowReceiver()) {
                case DROP -> {
                    return RealEventManager.Delivery.DROPPED;
                }
                case CLOSE -> {
                    fail(Initiator.MANAGER, ConnectionError.of(
                            Kind.SLOW_RECEIVER, pending() + " bytes waited to be sent when a broadcast came; the mark is "
                                    + options.highWaterMark()));
                    return RealEventManager.Delivery.CLOSED;
                }
                case KEEP -> {
                    if (event.bytes().length() > options.sendLimit() - pending()) {
                        return RealEventManager.Delivery.DROPPED;
                    }
                }
            }
        }
        dispatch(event);
        return RealEventManager.Delivery.DELIVERED;
    }

    private void dispatch(Event event) {
        try {
            handler.onEvent(this, event);
        } catch (Throwable e) {
            handlerFailed(event, e);
        }
    }

    private void handlerFailed(Event event, Throwable failure) {
        manager.report(ErrorHook.Source.HANDLER, Optional.of(this), failure);
        if (state != ConnectionState.CLOSED) {
            ConnectionError error = ConnectionError.of(
                    Kind.HANDLER_FAILED,
                    "the handler threw on " + event.getClass().getSimpleName() + ": " + failure,
                    failure);
            if (connector != null) {
                connector.end();
                connectFailed(error);
            } else {
                fail(Initiator.LOCAL, error);
            }
        }
    }

    // ---------------------------------------------------------------- reading on and off

    private void updateInterest() {
        StreamHandle stream = handle;
        if (stream == null) {
            return;
        }
        int ops = 0;
        if (!inputEnded && (state != ConnectionState.OPEN || (!readingPaused && !isFull()))) {
            ops |= Handle.READ;
        }
        if (waitingToWrite) {
            ops |= Handle.WRITE;
        }
        stream.interest(ops);
    }

    private boolean isFull() {
        return kept != null && kept.size() >= options.receiveLimit();
    }

    @Override
    public void pauseReading() {
        manager.checkThread("Connection.pauseReading");
        readingPaused = true;
        updateInterest();
    }

    @Override
    public void resumeReading() {
        manager.checkThread("Connection.resumeReading");
        if (readingPaused) {
            readingPaused = false;
            updateInterest();
            if (kept != null) {
                notice(ANNOUNCE);
            }
        }
    }

    @Override
    public boolean isReadingPaused() {
        manager.checkThread("Connection.isReadingPaused");
        return readingPaused;
    }

    @Override
    public ReceiveBuffer receiveBuffer() {
        manager.checkThread("Connection.receiveBuffer");
        ReceiveQueue unread = kept;
        if (unread == null) {
            return ReceiveQueue.EMPTY;
        }
        notice(RECHECK); // the caller may take some, which makes room to read
        return unread;
    }

    @Override
    public void replaceHandler(Handler replacement) {
        manager.checkThread("Connection.replaceHandler");
        handler = Objects.requireNonNull(replacement, "replacement");
        if (kept != null) {
            notice(ANNOUNCE);
        }
    }

    // ---------------------------------------------------------------- timers

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        if (node == userTimer) {
            if (state.compareTo(ConnectionState.OPEN) <= 0) {
                dispatch(new TcpEvent.TimerFired(deadlineNanos));
            }
        } else if (state == ConnectionState.LINGERING) {
            finish(cleanEnd());
        } else if (state == ConnectionState.CLOSING) {
            fail(Initiator.LOCAL, ConnectionError.of(
                    Kind.CLOSE_TIMEOUT, pending() + " bytes could not be sent within the close time-out"));
        }
    }

    private void armCloseTimer(long nanos) {
        TimerNode timer = closeTimer;
        if (timer == null) {
            timer = new TimerNode(this);
            closeTimer = timer;
        }
        manager.loop().arm(timer, manager.loop().deadlineIn(nanos));
    }

    private void disarm(@Nullable TimerNode timer) {
        if (timer != null) {
            manager.loop().disarm(timer);
        }
    }

    @Override
    public Optional<Duration> setTimer(Duration delay) {
        Optional<Duration> before = timer();
        if (state.compareTo(ConnectionState.OPEN) > 0) {
            return before;
        }
        TimerNode timer = userTimer;
        if (timer == null) {
            timer = new TimerNode(this);
            userTimer = timer;
        }
        manager.loop().arm(timer, manager.loop().deadlineIn(Nanos.of(delay)));
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

    // ---------------------------------------------------------------- the rest

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
    public Handler handler() {
        manager.checkThread("Connection.handler");
        return handler;
    }

    @Override
    public Instant lastIo() {
        manager.checkThread("Connection.lastIo");
        return manager.wallTime().minusNanos(manager.loop().now() - lastIoNanos);
    }

    @Override
    public ConnectionOptions options() {
        manager.checkThread("Connection.options");
        return options;
    }

    @Override
    public void configure(ConnectionOptions newOptions) {
        manager.checkThread("Connection.configure");
        Objects.requireNonNull(newOptions, "options");
        if (handle != null && state != ConnectionState.CLOSED) {
            manager.countTicks(options, -1);
            manager.countTicks(newOptions, 1);
        }
        options = newOptions;
        boolean wasAbove = aboveMark;
        aboveMark = pending() > newOptions.highWaterMark() || (wasAbove && pending() > newOptions.lowWaterMark());
        if (wasAbove && !aboveMark) {
            notice(DRAINED);
        }
        updateInterest();
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

    boolean wantsTicks() {
        return options.ticks();
    }

    /** Stable text without addresses, so that traces can be compared. */
    @Override
    public String toString() {
        return manager.options().name() + "/conn-" + id;
    }
}
