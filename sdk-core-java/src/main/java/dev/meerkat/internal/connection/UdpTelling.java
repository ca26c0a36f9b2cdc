package dev.meerkat.internal.connection;

import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.ManagerObserver;
import dev.meerkat.UdpHandler;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.internal.loop.Deferred;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the handler of a UDP socket is told, and whoever watches: as {@link Telling}, never inside another callback.
 * What is caused in a turn is noted, and told later in it.
 */
final class UdpTelling implements Deferred, Hearing<UdpEvent> {
    // What is to be told or done later in the turn.
    static final int DRAINED = 1;
    static final int OPEN = 1 << 1;
    static final int CONNECT_FAILED = 1 << 2;
    static final int CLOSED = 1 << 3;
    private static final int UNREACHABLE = 1 << 4;

    /** How many failures to send are told a turn. */
    private static final int MOST_FAILURES = 256;

    private final UdpLife socket;
    private final RealEventManager manager;
    private UdpHandler handler;
    private @Nullable ArrayDeque<UdpEvent> failures;
    private boolean deferred;
    /** Whoever watches was told of the opening. */
    private boolean opened;

    private int notices;
    /** What is counted while somebody wants to know. */
    private @Nullable DatagramMeter meter;

    UdpTelling(UdpLife socket, UdpHandler handler) {
        this.socket = socket;
        this.manager = socket.owner();
        this.handler = handler;
    }

    @Override
    public UdpHandler handler() {
        return handler;
    }

    @Override
    public Watched whose() {
        return socket;
    }

    /** Tells somebody else from now on. */
    void exchange(UdpHandler replacement) {
        UdpHandler before = handler;
        handler = replacement;
        if (before != replacement) {
            before.onReplaced(socket);
        }
    }

    // ---------------------------------------------------------------- what happened

    /** It is bound, and connected if there is a peer: it is counted from now on, if anybody wants to know. */
    void opened() {
        opened = true;
        Observation observation = manager.observation();
        if (observation != null) {
            meter = observation.opened(socket, meter);
        }
        notice(OPEN);
    }

    void received(int length) {
        socket.touch();
        manager.countReceived(length);
        manager.probe().event("received", socket.id(), length);
        DatagramMeter counting = meter;
        if (counting != null) {
            manager.observed().received(socket, counting, length);
        }
    }

    void sent(int length) {
        socket.touch();
        manager.countSent(length);
        manager.probe().event("sent", socket.id(), length);
        DatagramMeter counting = meter;
        if (counting != null) {
            manager.observed().sent(socket, counting, length);
        }
    }

    void sendFailed(@Nullable InetSocketAddress receiver, int length, Exception failure) {
        ArrayDeque<UdpEvent> waiting = failures;
        if (waiting == null) {
            waiting = new ArrayDeque<>(1);
            failures = waiting;
        }
        boolean told = waiting.size() < MOST_FAILURES;
        if (told || meter != null) {
            InetSocketAddress whom = receiver != null ? receiver : Objects.requireNonNull(socket.peer());
            ConnectionError error = IoErrors.ofTransfer("sending to " + Sockets.text(whom), failure);
            if (told) {
                waiting.add(new UdpEvent.SendFailed(whom, length, error));
            }
            failed(error);
        }
        notice(0);
    }

    /** A failure of which the handler hears, or has heard too often in this turn. */
    void failed(ConnectionError error) {
        DatagramMeter counting = meter;
        if (counting != null) {
            manager.observed().failed(socket, counting, error);
        }
    }

    /** Found out while sending. */
    void portUnreachable() {
        notice(UNREACHABLE);
    }

    /** Found out while receiving, which is where events are told anyway. */
    void tellPortUnreachable() {
        InetSocketAddress peer = Objects.requireNonNull(socket.peer());
        if (meter != null) {
            failed(ConnectionError.of(Kind.REFUSED, "nobody listens on " + Sockets.text(peer)));
        }
        dispatch(new UdpEvent.PortUnreachable(peer));
    }

    /** More waits than the high-water mark allows. */
    void stalled() {
        Observation observation = manager.observation();
        if (observation != null) {
            meter = observation.stalled(socket, meter, socket.out.pending());
        }
    }

    /** What waits has fallen to the low-water mark. */
    void drained() {
        DatagramMeter counting = meter;
        if (counting != null) {
            manager.observed().unstalled(socket, counting, true);
        }
        notice(DRAINED);
    }

    // ---------------------------------------------------------------- telling the handler

    /** Has something told or done later in this turn, never inside a callback. */
    void notice(int bit) {
        notices |= bit;
        if (!deferred) {
            deferred = true;
            manager.loop().defer(this);
        }
    }

    void forget(int bit) {
        notices &= ~bit;
    }

    @Override
    public void runDeferred() {
        deferred = false;
        int due = notices;
        notices = 0;
        if ((due & CLOSED) != 0) {
            failures = null;
            tellEnd((due & CONNECT_FAILED) != 0);
            return;
        }
        if ((due & OPEN) != 0 && socket.state().compareTo(ConnectionState.OPEN) < 0) {
            socket.open();
        }
        if ((due & UNREACHABLE) != 0 && socket.isOpen()) {
            tellPortUnreachable();
        }
        ArrayDeque<UdpEvent> failed = failures;
        failures = null;
        for (UdpEvent event; failed != null && socket.isOpen() && (event = failed.poll()) != null; ) {
            dispatch(event);
        }
        if ((due & DRAINED) != 0 && socket.isOpen() && !socket.out.isAboveMark()) {
            dispatch(UdpEvent.Drained.INSTANCE);
        }
    }

    private void tellEnd(boolean connectHasFailed) {
        CloseReason reason = Objects.requireNonNull(socket.reason);
        manager.udp().ended(socket); // first, so that a handler that makes another one finds room
        Observation observation = manager.observation();
        if (observation != null) {
            if (opened) {
                observation.closed(socket, meter, reason);
            } else {
                reason.error().ifPresent(error -> observation.connectFailed(socket, meter, error));
            }
        }
        if (connectHasFailed) {
            dispatch(new UdpEvent.ConnectFailed(reason.error().orElseThrow()));
        }
        dispatch(new UdpEvent.Closed(reason));
        manager.probe().event("udp-closed", socket.id(), 0);
    }

    void dispatch(UdpEvent event) {
        Observation observation = manager.observation();
        if (observation != null && observation.timesHandlers()) {
            observation.timed(this, event);
        } else {
            call(event);
        }
    }

    @Override
    public void call(UdpEvent event) {
        try {
            handler.onEvent(socket, event);
        } catch (Throwable e) {
            manager.report(ErrorHook.Source.HANDLER, Optional.empty(), e);
            socket.fail(
                    Initiator.LOCAL,
                    ConnectionError.of(
                            Kind.HANDLER_FAILED,
                            "the handler threw on " + event.getClass().getSimpleName() + ": " + e,
                            e));
        }
    }

    @Override
    public void tellSlow(ManagerObserver observer, UdpEvent event, long nanos) {
        observer.slowHandler(socket, event, nanos);
    }
}
