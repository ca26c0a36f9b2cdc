package dev.meerkat.internal.connection;

import dev.meerkat.Address;
import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.UdpHandler;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.internal.loop.Deferred;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.Handle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The life of a UDP socket: where readiness, the two directions, the timers and the handler meet; what programs ask for
 * is {@link RealUdpSocket}. {@link #enter} is the one place that changes its state:
 *
 * <pre>
 *   RESOLVING ─► CONNECTING ─► OPEN ─► CLOSING ─► CLOSED
 * </pre>
 *
 * <p>where a bound socket begins with CONNECTING, any state may lead to CLOSED, and CLOSING is left out if nothing
 * waits to be sent.
 */
abstract class UdpLife implements UdpSocket, ReadyListener, Deferred, TimerTask {
    // What is to be told or done later in the turn.
    static final int DRAINED = 1;
    private static final int OPEN = 1 << 1;
    private static final int CONNECT_FAILED = 1 << 2;
    private static final int CLOSED = 1 << 3;
    private static final int UNREACHABLE = 1 << 4;

    /** How many failures to send are told a turn. */
    private static final int MOST_FAILURES = 256;

    private static final InetSocketAddress NO_ADDRESS = new InetSocketAddress(0);

    final RealEventManager manager;
    final long id;
    private final UdpOptions options;
    private final UdpHandler handler;
    final UdpInbound in = new UdpInbound(this);
    final UdpOutbound out = new UdpOutbound(this);
    final TimerNode userTimer = new TimerNode(this);
    final TimerNode closeTimer = new TimerNode(this);
    /** Any thread reads. */
    private volatile ConnectionState state = ConnectionState.CONNECTING;
    /** Any thread reads. Unresolved while the name is looked up. */
    volatile @Nullable InetSocketAddress peer;

    InetSocketAddress local = NO_ADDRESS;

    @Nullable
    DatagramHandle handle;

    private @Nullable Address target;
    private @Nullable UdpConnecting connecting;
    private @Nullable ArrayDeque<UdpEvent> failures;

    @Nullable
    CloseReason reason;

    private boolean deferred;
    private boolean ticking;
    private int notices;
    long lastIoNanos;

    UdpLife(RealEventManager manager, long id, UdpOptions options, UdpHandler handler) {
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
        end(CloseReason.failed(Lifecycle.initiatorOf(error), error));
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
        manager.countReceived(length);
        manager.probe().event("received", id, length);
    }

    void sent(int length) {
        lastIoNanos = manager.loop().now();
        manager.countSent(length);
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

    void fail(Initiator initiator, ConnectionError error) {
        end(CloseReason.failed(initiator, error));
    }

    /** The last step of every ending: releases what is held, and has the handler told, once. */
    void end(CloseReason why) {
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

    void enter(ConnectionState next) {
        assert next.compareTo(state) >= 0 : state + " -> " + next;
        state = next;
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
    public ConnectionState state() {
        return state;
    }

    @Override
    public UdpOptions options() {
        return options;
    }

    /** Stable text without addresses, so that traces can be compared. */
    @Override
    public String toString() {
        return manager.options().name() + "/udp-" + id;
    }
}
