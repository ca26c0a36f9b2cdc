package dev.meerkat.internal.connection;

import dev.meerkat.Address;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.MulticastException;
import dev.meerkat.UdpHandler;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.Handle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket: where readiness, sending, receiving, the timer and the handler meet. {@link #enter} is the one place
 * that changes its state:
 *
 * <pre>
 *   RESOLVING ─► CONNECTING ─► OPEN ─► CLOSING ─► CLOSED
 * </pre>
 *
 * <p>where a bound socket begins with CONNECTING, any state may lead to CLOSED, and CLOSING is left out if nothing
 * waits to be sent.
 */
final class RealUdpSocket implements UdpSocket, ReadyListener, Deferred, TimerTask {
    // What is to be told or done later in the turn.
    static final int DRAINED = 1;
    private static final int OPEN = 1 << 1;
    private static final int CONNECT_FAILED = 1 << 2;
    private static final int CLOSED = 1 << 3;
    private static final int UNREACHABLE = 1 << 4;

    /** How many failures to send are told a turn. */
    private static final int MOST_FAILURES = 256;

    private static final InetSocketAddress NO_ADDRESS = new InetSocketAddress(0);

    private final RealEventManager manager;
    private final long id;
    private final UdpOptions options;
    private final UdpHandler handler;
    private final UdpInbound in = new UdpInbound(this);
    private final UdpOutbound out = new UdpOutbound(this);
    private final TimerNode userTimer = new TimerNode(this);
    private final TimerNode closeTimer = new TimerNode(this);
    /** Any thread reads. */
    private volatile ConnectionState state = ConnectionState.CONNECTING;
    /** Any thread reads. Unresolved while the name is looked up. */
    private volatile @Nullable InetSocketAddress peer;
    /** Any thread: a request to end the socket waits although the mailbox is full. */
    private volatile boolean endOnItsWay;

    private InetSocketAddress local = NO_ADDRESS;
    private @Nullable DatagramHandle handle;
    private @Nullable Address target;
    private @Nullable UdpConnecting connecting;
    private @Nullable ArrayDeque<UdpEvent> failures;
    private @Nullable CloseReason reason;
    private @Nullable Object attachment;
    private boolean deferred;
    private boolean ticking;
    private int notices;
    private long lastIoNanos;

    RealUdpSocket(RealEventManager manager, long id, UdpOptions options, UdpHandler handler) {
        this.manager = manager;
        this.id = id;
        this.options = options;
        this.handler = handler;
        this.lastIoNanos = manager.loop().now();
    }

    RealEventManager owner() {
        return manager;
    }

    /** Any thread. */
    @Nullable
    InetSocketAddress peer() {
        return peer;
    }

    /** The socket, if it is bound and, where it has a peer, connected. */
    @Nullable
    DatagramHandle handle() {
        return handle;
    }

    // ---------------------------------------------------------------- beginning

    /** It is bound; the handler hears of it later in the turn. */
    void bound(DatagramHandle opened) throws IOException {
        handle = TappedDatagram.around(this, opened);
        local = (InetSocketAddress) opened.localAddress();
        opened.attach(this);
        notice(OPEN);
    }

    /** Begins to connect; no event precedes the return. */
    void connect(Address address) {
        target = address;
        Optional<InetAddress> literal = RealNames.isLocalhost(address.host())
                ? Optional.of(InetAddress.getLoopbackAddress()) // as where sockets are bound; nobody tells if it is ::1
                : address.literal();
        if (literal.isEmpty()) {
            state = ConnectionState.RESOLVING; // before anybody knows this socket
        }
        peer = literal.map(ip -> new InetSocketAddress(ip, address.port()))
                .orElseGet(() -> InetSocketAddress.createUnresolved(address.host(), address.port()));
        notice(OPEN);
    }

    private void open() {
        Address asked = target;
        target = null;
        if (asked == null) {
            opened();
        } else if (state == ConnectionState.RESOLVING) {
            target = asked;
            UdpConnecting looking = new UdpConnecting(this, asked.host(), options.connectTimeout());
            connecting = looking;
            looking.start();
        } else {
            connectTo(List.of(Objects.requireNonNull(peer)));
        }
    }

    void resolved(List<InetAddress> found) {
        int port = Objects.requireNonNull(target).port();
        connecting = null;
        enter(ConnectionState.CONNECTING);
        connectTo(found.stream().map(ip -> new InetSocketAddress(ip, port)).toList());
    }

    private void connectTo(List<InetSocketAddress> candidates) {
        ConnectionError error = ConnectionError.of(Kind.UNKNOWN_HOST, this + ": no address");
        for (InetSocketAddress candidate : candidates) {
            DatagramHandle opening = null;
            try {
                opening = manager.udp().open(NO_ADDRESS, options);
                opening.connect(candidate);
                peer = candidate;
                bound(opening);
                opened();
                return;
            } catch (IOException | RuntimeException e) { // a family that this host has not is the latter
                error = IoErrors.ofConnect(Sockets.text(candidate), e);
                if (opening != null) {
                    Sockets.closeQuietly(opening);
                }
                handle = null;
            }
        }
        connectFailed(error);
    }

    private void opened() {
        notices &= ~OPEN;
        enter(ConnectionState.OPEN);
        manager.probe().event("udp-opened", id, 0);
        if (options.ticks()) {
            ticking = true;
            manager.udp().ticker().joined();
        }
        dispatch(UdpEvent.Opened.INSTANCE);
        flush(Integer.MAX_VALUE);
        updateInterest();
    }

    void connectFailed(ConnectionError error) {
        connecting = null;
        notice(CONNECT_FAILED);
        end(CloseReason.failed(initiatorOf(error), error));
    }

    // ---------------------------------------------------------------- the two directions

    @Override
    public void onReady(int ops) {
        if ((ops & Handle.WRITE) != 0) {
            flush(options.datagramsPerTurn());
        }
        if ((ops & Handle.READ) != 0 && state == ConnectionState.OPEN) {
            in.read();
        }
    }

    @Override
    public void onFailure(Throwable failure) {
        fail(
                Initiator.LOCAL,
                ConnectionError.of(Kind.INTERNAL, "serving the socket failed inside: " + failure, failure));
    }

    private void flush(int atMost) {
        out.flush(atMost);
        if (state == ConnectionState.CLOSING && !out.isWaiting()) {
            end(CloseReason.clean(Initiator.LOCAL));
        } else {
            updateInterest();
        }
    }

    void updateInterest() {
        DatagramHandle socket = handle;
        if (socket != null) {
            int reading = state == ConnectionState.OPEN && !in.isPaused() ? Handle.READ : 0;
            socket.interest(out.isWaiting() ? reading | Handle.WRITE : reading);
        }
    }

    void received(int length) {
        lastIoNanos = manager.loop().now();
        manager.probe().event("received", id, length);
    }

    void sent(int length) {
        lastIoNanos = manager.loop().now();
        manager.probe().event("sent", id, length);
    }

    void sendFailed(@Nullable InetSocketAddress receiver, int length, Exception failure) {
        InetSocketAddress whom = receiver != null ? receiver : Objects.requireNonNull(peer);
        ArrayDeque<UdpEvent> waiting = failures;
        if (waiting == null) {
            waiting = new ArrayDeque<>(1);
            failures = waiting;
        }
        if (waiting.size() < MOST_FAILURES) {
            waiting.add(new UdpEvent.SendFailed(
                    whom, length, IoErrors.ofTransfer("sending to " + Sockets.text(whom), failure)));
        }
        notice(0);
    }

    void portUnreachable() {
        notice(UNREACHABLE);
    }

    void tellPortUnreachable() {
        dispatch(new UdpEvent.PortUnreachable(Objects.requireNonNull(peer)));
    }

    // ---------------------------------------------------------------- telling the handler

    void notice(int bit) {
        notices |= bit;
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
        if ((due & OPEN) != 0 && state.compareTo(ConnectionState.OPEN) < 0) {
            open();
            due &= ~OPEN;
        }
        if ((due & UNREACHABLE) != 0 && isOpen()) {
            tellPortUnreachable();
        }
        ArrayDeque<UdpEvent> failed = failures;
        failures = null;
        for (UdpEvent event; failed != null && isOpen() && (event = failed.poll()) != null; ) {
            dispatch(event);
        }
        if ((due & DRAINED) != 0 && isOpen() && !out.isAboveMark()) {
            dispatch(UdpEvent.Drained.INSTANCE);
        }
    }

    private void tellEnd(boolean connectHasFailed) {
        CloseReason why = Objects.requireNonNull(reason);
        manager.udp().ended(this); // first, so that a handler that makes another one finds room
        if (connectHasFailed) {
            dispatch(new UdpEvent.ConnectFailed(why.error().orElseThrow()));
        }
        dispatch(new UdpEvent.Closed(why));
        manager.probe().event("udp-closed", id, 0);
    }

    void dispatch(UdpEvent event) {
        try {
            handler.onEvent(this, event);
        } catch (Throwable e) {
            manager.report(ErrorHook.Source.HANDLER, Optional.empty(), e);
            fail(
                    Initiator.LOCAL,
                    ConnectionError.of(
                            Kind.HANDLER_FAILED,
                            "the handler threw on " + event.getClass().getSimpleName() + ": " + e,
                            e));
        }
    }

    void tick() {
        if (ticking && isOpen()) {
            dispatch(UdpEvent.Tick.INSTANCE);
        }
    }

    // ---------------------------------------------------------------- ending

    private void closeHere(long timeoutNanos) {
        switch (state) {
            case RESOLVING, CONNECTING, HANDSHAKING, OPEN -> {
                if (state != ConnectionState.OPEN && peer != null) {
                    cancel("closed");
                    return;
                }
                if (!out.isWaiting()) {
                    end(CloseReason.clean(Initiator.LOCAL));
                    return;
                }
                enter(ConnectionState.CLOSING);
                manager.loop().disarm(userTimer);
                manager.loop().arm(closeTimer, manager.loop().deadlineIn(timeoutNanos));
                updateInterest();
            }
            case CLOSING -> {
                long deadline = manager.loop().deadlineIn(timeoutNanos);
                if (deadline < closeTimer.deadlineNanos()) {
                    manager.loop().arm(closeTimer, deadline);
                }
            }
            case LINGERING, CLOSED -> {
                // done
            }
        }
    }

    private void abortHere() {
        if (state.compareTo(ConnectionState.OPEN) < 0 && peer != null) {
            cancel("aborted");
        } else {
            fail(Initiator.LOCAL, ConnectionError.of(Kind.ABORTED, "aborted by this program"));
        }
    }

    private void cancel(String how) {
        connectFailed(ConnectionError.of(Kind.CANCELLED, how + " by this program before it was opened"));
    }

    void fail(Initiator initiator, ConnectionError error) {
        end(CloseReason.failed(initiator, error));
    }

    /** The manager closes: what fits into the socket leaves. */
    void endWithManager() {
        out.flush(Integer.MAX_VALUE);
        ConnectionError error = ConnectionError.of(Kind.MANAGER_CLOSED, "the event manager was closed");
        if (state.compareTo(ConnectionState.OPEN) < 0 && peer != null) {
            connectFailed(error);
        } else if (out.isWaiting()) {
            fail(Initiator.MANAGER, error);
        } else {
            end(CloseReason.clean(Initiator.MANAGER));
        }
    }

    /** The last step of every ending: releases what is held, and has the handler told, once. */
    private void end(CloseReason why) {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        if (ticking) {
            ticking = false;
            manager.udp().ticker().left();
        }
        reason = why;
        enter(ConnectionState.CLOSED);
        UdpConnecting looking = connecting;
        connecting = null;
        if (looking != null) {
            looking.end();
        }
        DatagramHandle socket = handle;
        handle = null;
        if (socket != null) {
            Sockets.closeQuietly(socket);
        }
        out.discard();
        failures = null;
        manager.loop().disarm(userTimer);
        manager.loop().disarm(closeTimer);
        notice(CLOSED);
    }

    private void enter(ConnectionState next) {
        assert next.compareTo(state) >= 0 : state + " -> " + next;
        state = next;
    }

    private static Initiator initiatorOf(ConnectionError error) {
        return switch (error.fault()) {
            case LOCAL -> error.kind() == Kind.MANAGER_CLOSED ? Initiator.MANAGER : Initiator.LOCAL;
            case PEER -> Initiator.PEER;
            case NETWORK -> Initiator.NETWORK;
        };
    }

    private void endFromAnywhere(Runnable ending) {
        if (manager.inLoop()) {
            ending.run();
        } else if (!manager.tryPost(ending) && !endOnItsWay) {
            endOnItsWay = true; // a full mailbox takes one such request
            manager.postInternal(() -> {
                endOnItsWay = false;
                ending.run();
            });
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
        endFromAnywhere(() -> closeHere(nanos));
    }

    @Override
    public void abort() {
        endFromAnywhere(this::abortHere);
    }

    // ---------------------------------------------------------------- timers

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        if (node == userTimer) {
            dispatch(new UdpEvent.TimerFired(deadlineNanos));
            return;
        }
        flush(Integer.MAX_VALUE); // a time-out of zero comes before the end of the turn
        if (state == ConnectionState.CLOSING) {
            fail(
                    Initiator.LOCAL,
                    ConnectionError.of(
                            Kind.CLOSE_TIMEOUT, out.pending() + " bytes could not be sent within the close time-out"));
        }
    }

    @Override
    public Optional<Duration> setTimer(Duration delay) {
        Optional<Duration> before = timer();
        if (state.compareTo(ConnectionState.OPEN) <= 0) {
            manager.loop().arm(userTimer, manager.loop().deadlineIn(Nanos.of(delay)));
        }
        return before;
    }

    @Override
    public Optional<Duration> clearTimer() {
        Optional<Duration> before = timer();
        manager.loop().disarm(userTimer);
        return before;
    }

    @Override
    public Optional<Duration> timer() {
        manager.checkThread("UdpSocket timer");
        return userTimer.isArmed()
                ? Optional.of(Duration.ofNanos(EventLoop.until(
                        userTimer.deadlineNanos(), manager.loop().now())))
                : Optional.empty();
    }

    // ---------------------------------------------------------------- sending

    private UdpSocket sendHere(@Nullable InetSocketAddress receiver, ByteBuffer payload) {
        manager.checkThread("UdpSocket.send");
        out.check(payload.remaining(), receiver);
        out.send(payload, receiver);
        return this;
    }

    private UdpSocket sendAnywhere(@Nullable InetSocketAddress receiver, Bytes payload) {
        out.check(payload.length(), receiver);
        if (manager.inLoop()) {
            out.send(payload.asByteBuffer(), receiver);
        } else {
            out.sendFromElsewhere(payload, receiver);
        }
        return this;
    }

    private UdpSocket sendHere(@Nullable InetSocketAddress receiver, ReceiveBuffer payload) {
        int count = payload.size();
        if (payload instanceof ReceiveQueue queue) {
            sendHere(receiver, queue.raw());
            queue.consumed(count);
        } else {
            sendHere(receiver, payload.view());
            payload.discard(count);
        }
        return this;
    }

    @Override
    public UdpSocket sendTo(InetSocketAddress receiver, Bytes payload) {
        return sendAnywhere(Objects.requireNonNull(receiver, "target"), payload);
    }

    @Override
    public UdpSocket sendTo(InetSocketAddress receiver, byte[] payload) {
        return sendHere(Objects.requireNonNull(receiver, "target"), ByteBuffer.wrap(payload));
    }

    @Override
    public UdpSocket sendTo(InetSocketAddress receiver, ByteBuffer payload) {
        return sendHere(Objects.requireNonNull(receiver, "target"), payload);
    }

    @Override
    public UdpSocket sendTo(InetSocketAddress receiver, ReceiveBuffer payload) {
        return sendHere(Objects.requireNonNull(receiver, "target"), payload);
    }

    @Override
    public UdpSocket send(Bytes payload) {
        return sendAnywhere(null, payload);
    }

    @Override
    public UdpSocket send(byte[] payload) {
        return sendHere(null, ByteBuffer.wrap(payload));
    }

    @Override
    public UdpSocket send(ByteBuffer payload) {
        return sendHere(null, payload);
    }

    @Override
    public UdpSocket send(ReceiveBuffer payload) {
        return sendHere(null, payload);
    }

    @Override
    public int pendingBytes() {
        manager.checkThread("UdpSocket.pendingBytes");
        return out.pending();
    }

    @Override
    public boolean isWritable() {
        manager.checkThread("UdpSocket.isWritable");
        return isOpen() && !out.isAboveMark();
    }

    // ---------------------------------------------------------------- receiving

    @Override
    public void pauseReading() {
        manager.checkThread("UdpSocket.pauseReading");
        in.pause(true);
    }

    @Override
    public void resumeReading() {
        manager.checkThread("UdpSocket.resumeReading");
        in.pause(false);
    }

    @Override
    public boolean isReadingPaused() {
        manager.checkThread("UdpSocket.isReadingPaused");
        return in.isPaused();
    }

    // ---------------------------------------------------------------- groups

    /** What is asked of the system about a group. */
    private interface GroupCall {
        void on(DatagramHandle socket) throws IOException;
    }

    @Override
    public void join(InetAddress group, String networkInterface) {
        manager.checkThread("UdpSocket.join");
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException(group.getHostAddress() + " is not a multicast address");
        }
        if (handle == null || state.compareTo(ConnectionState.OPEN) > 0) {
            throw new ConnectionClosedException(this + ": cannot join a group in state " + state);
        }
        callGroup("join", group, networkInterface, socket -> socket.join(group, networkInterface));
    }

    @Override
    public void leave(InetAddress group, String networkInterface) {
        manager.checkThread("UdpSocket.leave");
        callGroup("leave", group, networkInterface, socket -> socket.leave(group, networkInterface));
    }

    private void callGroup(String what, InetAddress group, String networkInterface, GroupCall call) {
        DatagramHandle socket = handle;
        if (socket == null) {
            return;
        }
        String where = networkInterface.isEmpty() ? "" : " on " + networkInterface;
        String message = this + ": cannot " + what + " " + group.getHostAddress() + where + ": ";
        try {
            call.on(socket);
        } catch (IOException e) {
            throw new MulticastException(message + e.getMessage(), e);
        } catch (UnsupportedOperationException e) {
            throw new MulticastException(message + "not supported here", new IOException(e));
        }
    }

    // ---------------------------------------------------------------- asking

    @Override
    public long id() {
        return id;
    }

    @Override
    public EventManager manager() {
        return manager;
    }

    @Override
    public ConnectionState state() {
        return state;
    }

    @Override
    public Optional<CloseReason> closeReason() {
        manager.checkThread("UdpSocket.closeReason");
        return Optional.ofNullable(reason);
    }

    @Override
    public InetSocketAddress localAddress() {
        manager.checkThread("UdpSocket.localAddress");
        return local;
    }

    @Override
    public Optional<InetSocketAddress> remoteAddress() {
        return Optional.ofNullable(peer);
    }

    @Override
    public Instant lastIo() {
        manager.checkThread("UdpSocket.lastIo");
        return manager.wallTime().minusNanos(manager.loop().now() - lastIoNanos);
    }

    @Override
    public UdpOptions options() {
        return options;
    }

    @Override
    public Optional<NetworkChannel> channel() {
        manager.checkThread("UdpSocket.channel");
        DatagramHandle socket = handle;
        return socket == null ? Optional.empty() : socket.networkChannel();
    }

    @Override
    public void attach(@Nullable Object newAttachment) {
        manager.checkThread("UdpSocket.attach");
        attachment = newAttachment;
    }

    @Override
    public <T> @Nullable T attachment(Class<T> type) {
        manager.checkThread("UdpSocket.attachment");
        return type.cast(attachment);
    }

    /** Stable text without addresses, so that traces can be compared. */
    @Override
    public String toString() {
        return manager.options().name() + "/udp-" + id;
    }
}
