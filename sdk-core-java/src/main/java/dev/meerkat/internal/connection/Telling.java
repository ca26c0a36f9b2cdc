package dev.meerkat.internal.connection;

import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.Handler;
import dev.meerkat.ManagerObserver;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.blocking.ThreadedConnections;
import dev.meerkat.internal.loop.Deferred;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the handler of a connection is told, and whoever watches: in which order, and never inside another callback.
 * What is caused in a turn is noted, and told later in it.
 */
final class Telling implements Deferred, Hearing<Event> {
    // What is to be told or done later in the turn; bits, because they come in any combination.
    static final int DRAINED = 1;
    static final int SENT = 1 << 1;
    static final int ANNOUNCE = 1 << 2;
    static final int RECHECK = 1 << 3;
    static final int CONNECT_FAILED = 1 << 4;
    static final int CLOSED = 1 << 5;
    static final int HANDSHAKE_FAILED = 1 << 6;
    static final int SECURED = 1 << 7;

    private final RealConnection connection;
    private Handler handler;
    /** Queued with the loop as {@link Deferred}. */
    private boolean deferred;
    /** The handler was told of {@code Opened}. */
    private boolean opened;
    /** {@code Writable} was asked for and not yet told. */
    private boolean writableAsked;

    private short notices;
    /** What is counted while somebody wants to know. */
    private @Nullable Meter meter;

    Telling(RealConnection connection, Handler handler) {
        this.connection = connection;
        this.handler = handler;
    }

    private RealEventManager manager() {
        return connection.owner();
    }

    private Outbound out() {
        return connection.out();
    }

    @Override
    public Handler handler() {
        return handler;
    }

    @Override
    public Watched whose() {
        return connection;
    }

    /** Tells somebody else from now on; what is unread he hears of, too. */
    void exchange(Handler replacement) {
        Handler before = handler;
        handler = replacement;
        connection.in().announceLater();
        if (before != replacement) {
            before.onReplaced(connection);
        }
    }

    /** Whether unread bytes are still to be told of: they come before what arrives, the end of input above all. */
    boolean hasToAnnounce() {
        return (notices & ANNOUNCE) != 0;
    }

    /** {@code Writable} is wanted, once. */
    void askWritable() {
        if (!writableAsked) {
            writableAsked = true;
            if (connection.isOpen()) {
                tellWritableSoon();
            }
        }
    }

    // ---------------------------------------------------------------- what happened

    void received(int count) {
        RealEventManager manager = manager();
        connection.touch();
        manager.countReceived(count);
        manager.probe().event("received", connection.id(), count);
        Meter counting = meter;
        if (counting != null) {
            manager.observed().received(connection, counting, count);
        }
    }

    void sent(long count) {
        RealEventManager manager = manager();
        connection.touch();
        manager.countSent(count);
        manager.probe().event("sent", connection.id(), count);
        Meter counting = meter;
        if (counting != null) {
            manager.observed().sent(connection, counting, count);
        }
    }

    /** Established: it is counted from now on, if anybody wants to know. */
    void opened() {
        opened = true;
        manager().probe().event("opened", connection.id(), 0);
        Observation observation = manager().observation();
        if (observation != null) {
            meter = observation.opened(connection, meter);
        }
    }

    /** More waits than the high-water mark allows. */
    void stalled() {
        Observation observation = manager().observation();
        if (observation != null) {
            meter = observation.stalled(connection, meter, out().pending());
        }
    }

    void unstalled() {
        Meter counting = meter;
        if (counting != null) {
            manager().observed().unstalled(connection, counting, true);
        }
    }

    // ---------------------------------------------------------------- telling the handler

    /** Has something told or done later in this turn, never inside a callback. */
    void notice(int bit) {
        notices |= (short) bit;
        if (!deferred) {
            deferred = true;
            manager().loop().defer(this);
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
        if ((due & SECURED) != 0 && connection.isOpen()) {
            dispatch(TcpEvent.Secured.INSTANCE);
        }
        if ((due & SENT) != 0 && connection.isOpen()) {
            dispatch(new TcpEvent.Sent(out().takeSentCount()));
        }
        if ((due & DRAINED) != 0 && connection.isOpen() && !out().isAboveMark()) {
            dispatch(TcpEvent.Drained.INSTANCE);
            tellWritable();
        }
        if ((due & ANNOUNCE) != 0 && connection.isOpen()) {
            connection.in().announce();
        }
        connection.in().settle();
        connection.updateInterest();
    }

    /**
     * Has {@code Writable} told in the next turn: in this one it would keep a handler that asks again going for ever.
     */
    void tellWritableSoon() {
        if (!writableAsked) {
            return;
        }
        if (manager().loop().isInTurn()) {
            manager()
                    .loop()
                    .defer(() -> manager().postInternal(this::tellWritable)); // posted tasks of this turn are over
        } else {
            manager().postInternal(this::tellWritable);
        }
    }

    boolean takesOutput() {
        return connection.isOpen() && out().isOpen();
    }

    private void tellWritable() {
        if (writableAsked && connection.isOpen() && out().isOpen() && !out().isAboveMark()) {
            writableAsked = false;
            dispatch(TcpEvent.Writable.INSTANCE);
        }
    }

    private void tellEnd(int due) {
        CloseReason reason = Objects.requireNonNull(connection.life().reason());
        manager()
                .ended(
                        connection,
                        connection.realAcceptor()); // first, so that a handler that connects again finds room
        Observation observation = manager().observation();
        if (observation != null) {
            if (!opened) {
                reason.error().ifPresent(error -> observation.connectFailed(connection, meter, error));
            } else {
                observation.closed(connection, meter, reason);
            }
        }
        if ((due & CONNECT_FAILED) != 0) {
            dispatch(new TcpEvent.ConnectFailed(reason.error().orElseThrow()));
        } else if ((due & HANDSHAKE_FAILED) != 0) {
            dispatch(new TcpEvent.HandshakeFailed(reason.error().orElseThrow()));
        }
        dispatch(new TcpEvent.Closed(reason));
        manager().probe().event("closed", connection.id(), 0);
    }

    void dispatch(Event event) {
        Observation observation = manager().observation();
        if (observation != null && observation.timesHandlers()) {
            observation.timed(this, event);
        } else {
            call(event);
        }
    }

    @Override
    public void call(Event event) {
        try {
            handler.onEvent(connection, event);
        } catch (Throwable e) {
            handlerFailed(event, e);
        }
    }

    @Override
    public void tellSlow(ManagerObserver observer, Event event, long nanos) {
        observer.slowHandler(connection, event, nanos);
    }

    void handlerFailed(Event event, Throwable failure) {
        manager().report(ErrorHook.Source.HANDLER, Optional.of(connection), failure);
        if (connection.life().state() == ConnectionState.CLOSED) {
            return;
        }
        connection
                .life()
                .fail(
                        Initiator.LOCAL,
                        ConnectionError.of(
                                Kind.HANDLER_FAILED,
                                "the handler threw on " + event.getClass().getSimpleName() + ": " + shown(failure),
                                failure));
    }

    /** What a failure says of itself; its class, if it cannot say anything. */
    static String shown(Throwable failure) {
        try {
            return failure.toString();
        } catch (Throwable mute) {
            return failure.getClass().getName();
        }
    }

    /** Delivers a broadcast; answers what became of it. */
    Delivery.Outcome broadcast(TcpEvent.Broadcast event) {
        boolean behind = ThreadedConnections.isBehind(handler);
        if (behind || out().isAboveMark()) {
            switch (connection.limits().slowReceiver()) {
                case DROP -> {
                    return Delivery.Outcome.DROPPED;
                }
                case CLOSE -> {
                    String found = behind
                            ? "a broadcast came, and the handler on its thread had not heard of too many before"
                            : out().pending() + " bytes waited to be sent when a broadcast came; the mark is "
                                    + connection.limits().highWaterMark();
                    connection.life().fail(Initiator.MANAGER, ConnectionError.of(Kind.SLOW_RECEIVER, found));
                    return Delivery.Outcome.CLOSED;
                }
                case KEEP -> {
                    if (behind || !out().hasRoomFor(event.bytes().length())) {
                        return Delivery.Outcome.DROPPED;
                    }
                }
            }
        }
        dispatch(event);
        return Delivery.Outcome.DELIVERED;
    }
}
