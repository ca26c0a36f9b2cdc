package dev.meerkat.internal.connection;

import dev.meerkat.Address;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionState;
import dev.meerkat.UdpHandler;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.internal.loop.ReadyListener;
import dev.meerkat.internal.observe.AddressText;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;
import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.Handle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
abstract class UdpLife implements UdpSocket, ReadyListener, TimerTask, Watched {
    private static final InetSocketAddress NO_ADDRESS = new InetSocketAddress(0);

    final RealEventManager manager;
    final long id;
    private final UdpOptions options;
    final UdpTelling telling;
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

    @Nullable
    CloseReason reason;

    private boolean ticking;
    long lastIoNanos;

    UdpLife(RealEventManager manager, long id, UdpOptions options, UdpHandler handler) {
        this.manager = manager;
        this.id = id;
        this.options = options;
        this.telling = new UdpTelling(this, handler);
        this.lastIoNanos = manager.loop().now();
    }

    @Override
    public RealEventManager owner() {
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
        telling.opened();
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
        telling.notice(UdpTelling.OPEN);
    }

    /** Later in the turn in which it was made. */
    void open() {
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
        telling.forget(UdpTelling.OPEN);
        enter(ConnectionState.OPEN);
        manager.probe().event("udp-opened", id, 0);
        if (options.ticks()) {
            ticking = true;
            manager.udp().ticker().joined();
        }
        telling.dispatch(UdpEvent.Opened.INSTANCE);
        flush(Integer.MAX_VALUE);
        updateInterest();
    }

    void connectFailed(ConnectionError error) {
        connecting = null;
        telling.notice(UdpTelling.CONNECT_FAILED);
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
                ConnectionError.of(
                        Kind.INTERNAL, "serving the socket failed inside: " + Telling.shown(failure), failure));
    }

    private void flush(int atMost) {
        out.flush(atMost);
        if (state == ConnectionState.CLOSING && !out.isWaiting()) {
            end(CloseReason.clean(Initiator.LOCAL));
        } else {
            updateInterest();
        }
    }

    void touch() {
        lastIoNanos = manager.loop().now();
    }

    void updateInterest() {
        DatagramHandle socket = handle;
        if (socket != null) {
            int reading = state == ConnectionState.OPEN && !in.isPaused() ? Handle.READ : 0;
            socket.interest(out.isWaiting() ? reading | Handle.WRITE : reading);
        }
    }

    void tick() {
        if (ticking && isOpen()) {
            telling.dispatch(UdpEvent.Tick.INSTANCE);
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
        manager.loop().disarm(userTimer);
        manager.loop().disarm(closeTimer);
        telling.notice(UdpTelling.CLOSED);
    }

    void enter(ConnectionState next) {
        assert next.compareTo(state) >= 0 : state + " -> " + next;
        state = next;
    }

    // ---------------------------------------------------------------- timers

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        if (node == userTimer) {
            telling.dispatch(new UdpEvent.TimerFired(deadlineNanos));
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
    public long id() {
        return id;
    }

    @Override
    public Optional<Connection> connection() {
        return Optional.empty();
    }

    @Override
    public String name() {
        return toString();
    }

    @Override
    public boolean isInbound() {
        return peer == null;
    }

    @Override
    public String local() {
        return AddressText.of(local);
    }

    @Override
    public String remote() {
        InetSocketAddress whom = peer;
        return whom == null ? "" : AddressText.of(whom);
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
