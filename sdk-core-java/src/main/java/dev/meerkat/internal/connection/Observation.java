package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.ErrorHook;
import dev.meerkat.ManagerObserver;
import dev.meerkat.ObserveOptions;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.internal.jfr.Flight;
import dev.meerkat.internal.loop.TurnListener;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Transport.Capability;
import dev.meerkat.tls.TlsSession;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the observer of a manager, and the flight recorder, what happens. A manager whose options ask for neither has
 * none of these; one that could be recorded and is not does nothing but ask the recorder, once a turn.
 */
final class Observation implements TurnListener {
    private final RealEventManager manager;
    private final @Nullable ManagerObserver observer;
    private final @Nullable Flight flight;
    private final long slowNanos;
    /** Handlers are timed at present: for the observer always, for a recording while it runs. */
    private boolean timesHandlers;

    private boolean recordsHandlers;

    private Observation(
            RealEventManager manager, @Nullable ManagerObserver observer, @Nullable Flight flight, long slowNanos) {
        this.manager = manager;
        this.observer = observer;
        this.flight = flight;
        this.slowNanos = observer == null ? 0 : slowNanos;
        refresh();
    }

    /** Answers null if nobody could ever be told anything. */
    static @Nullable Observation of(RealEventManager manager, ObserveOptions options, ManagerRuntime runtime) {
        // a virtual world has a time of its own, which the recorder does not know
        boolean real = runtime.transport().capabilities().contains(Capability.BLOCKING_POLL);
        Flight flight = real && options.flightRecorder() ? Flight.find() : null;
        if (flight == null && options.observer() == null) {
            return null;
        }
        return new Observation(manager, options.observer(), flight, Nanos.of(options.slowHandler()));
    }

    private void refresh() {
        recordsHandlers = flight != null && flight.recordsHandlers();
        timesHandlers = slowNanos > 0 || recordsHandlers;
    }

    private void tell(Consumer<ManagerObserver> what) {
        ManagerObserver told = observer;
        if (told != null) {
            try {
                what.accept(told);
            } catch (Throwable e) {
                manager.report(ErrorHook.Source.OBSERVER, Optional.empty(), e);
            }
        }
    }

    /** The manager's time, which in a virtual world stands still during a turn but for what a test wants spent. */
    private long time() {
        return manager.runtime().time().nanoTime() + manager.probe().spentNanos();
    }

    // ---------------------------------------------------------------- connections

    /** Answers the meter to use from now on; it has one already if more waited than allowed before it was opened. */
    @Nullable
    Meter opened(RealConnection connection, @Nullable Meter present) {
        Flight recorder = flight;
        Object life = recorder == null ? null : recorder.opened(connection);
        if (observer == null && life == null) {
            return present;
        }
        tell(told -> told.opened(connection));
        Meter meter = present == null ? new Meter() : present;
        meter.recordedLife = life;
        return meter;
    }

    void connectFailed(RealConnection connection, @Nullable Meter meter, ConnectionError error) {
        if (meter != null) {
            unstalled(connection, meter, false);
        }
        tell(told -> told.connectFailed(connection, error));
    }

    void closed(RealConnection connection, @Nullable Meter meter, CloseReason reason) {
        if (meter != null) {
            unstalled(connection, meter, false);
        }
        Flight recorder = flight;
        if (recorder != null) {
            recorder.closed(
                    meter == null ? null : meter.recordedLife,
                    connection,
                    reason,
                    meter == null || meter.recordedLife == null ? -1 : meter.received,
                    meter == null || meter.recordedLife == null ? -1 : meter.sent);
        }
        if (observer != null) { // else not even a lambda is made, decision 0067
            tell(told -> told.closed(connection, reason));
        }
    }

    /** The two that come with every read and write are spelled out, so that nothing is allocated. */
    void received(RealConnection connection, Meter meter, int count) {
        meter.received += count;
        ManagerObserver told = observer;
        if (told != null) {
            try {
                told.received(connection, count);
            } catch (Throwable e) {
                manager.report(ErrorHook.Source.OBSERVER, Optional.empty(), e);
            }
        }
    }

    void sent(RealConnection connection, Meter meter, long count) {
        meter.sent += count;
        ManagerObserver told = observer;
        if (told != null) {
            try {
                told.sent(connection, count);
            } catch (Throwable e) {
                manager.report(ErrorHook.Source.OBSERVER, Optional.empty(), e);
            }
        }
    }

    /** Answers the meter to use from now on. */
    @Nullable
    Meter stalled(RealConnection connection, @Nullable Meter present, int pendingBytes) {
        Object begun = flight == null ? null : flight.stalled();
        if (begun == null && observer == null) {
            return present;
        }
        Meter meter = present == null ? new Meter() : present;
        if (beginsToStall(meter, begun, pendingBytes)) {
            tell(told -> told.stalled(connection, pendingBytes));
        }
        return meter;
    }

    void unstalled(RealConnection connection, Meter meter, boolean drained) {
        if (meter.stalled) {
            long nanos = stallEnds(connection, meter, drained);
            tell(told -> told.drained(connection, nanos));
        }
    }

    private boolean beginsToStall(Meter meter, @Nullable Object begun, int pendingBytes) {
        if (meter.stalled) {
            return false;
        }
        meter.recordedStall = begun;
        meter.stalled = true;
        meter.stalledPending = pendingBytes;
        meter.stalledSince = manager.loop().now();
        return true;
    }

    /** Answers how long it was. */
    private long stallEnds(Watched socket, Meter meter, boolean drained) {
        meter.stalled = false;
        Object begun = meter.recordedStall;
        if (begun != null && flight != null) {
            flight.stallEnds(begun, socket, meter.stalledPending, drained);
            meter.recordedStall = null;
        }
        return manager.loop().now() - meter.stalledSince;
    }

    // ---------------------------------------------------------------- UDP sockets

    /** Answers the meter to use from now on; it has one already if more waited than allowed before it was opened. */
    @Nullable
    DatagramMeter opened(UdpLife socket, @Nullable DatagramMeter present) {
        Flight recorder = flight;
        Object life = recorder == null ? null : recorder.udpOpened(socket);
        if (observer == null && life == null) {
            return present;
        }
        tell(told -> told.opened(socket));
        DatagramMeter meter = present == null ? new DatagramMeter() : present;
        meter.recordedLife = life;
        return meter;
    }

    void connectFailed(UdpLife socket, @Nullable DatagramMeter meter, ConnectionError error) {
        if (meter != null) {
            unstalled(socket, meter, false);
        }
        tell(told -> told.connectFailed(socket, error));
    }

    void closed(UdpLife socket, @Nullable DatagramMeter meter, CloseReason reason) {
        if (meter != null) {
            unstalled(socket, meter, false);
        }
        Flight recorder = flight;
        if (recorder != null) {
            Object life = meter == null ? null : meter.recordedLife;
            recorder.udpClosed(
                    life,
                    socket,
                    reason,
                    meter == null || life == null
                            ? Flight.Traffic.UNKNOWN
                            : new Flight.Traffic(
                                    meter.datagramsReceived,
                                    meter.received,
                                    meter.datagramsSent,
                                    meter.sent,
                                    meter.failures));
        }
        tell(told -> told.closed(socket, reason));
    }

    void received(UdpLife socket, DatagramMeter meter, int length) {
        meter.datagramsReceived++;
        meter.received += length;
        ManagerObserver told = observer;
        if (told != null) {
            try {
                told.received(socket, length);
            } catch (Throwable e) {
                manager.report(ErrorHook.Source.OBSERVER, Optional.empty(), e);
            }
        }
    }

    void sent(UdpLife socket, DatagramMeter meter, int length) {
        meter.datagramsSent++;
        meter.sent += length;
        ManagerObserver told = observer;
        if (told != null) {
            try {
                told.sent(socket, length);
            } catch (Throwable e) {
                manager.report(ErrorHook.Source.OBSERVER, Optional.empty(), e);
            }
        }
    }

    void failed(UdpLife socket, DatagramMeter meter, ConnectionError error) {
        meter.failures++;
        tell(told -> told.failed(socket, error));
    }

    /** Answers the meter to use from now on. */
    @Nullable
    DatagramMeter stalled(UdpLife socket, @Nullable DatagramMeter present, int pendingBytes) {
        Object begun = flight == null ? null : flight.stalled();
        if (begun == null && observer == null) {
            return present;
        }
        DatagramMeter meter = present == null ? new DatagramMeter() : present;
        if (beginsToStall(meter, begun, pendingBytes)) {
            tell(told -> told.stalled(socket, pendingBytes));
        }
        return meter;
    }

    void unstalled(UdpLife socket, DatagramMeter meter, boolean drained) {
        if (meter.stalled) {
            long nanos = stallEnds(socket, meter, drained);
            tell(told -> told.drained(socket, nanos));
        }
    }

    // ---------------------------------------------------------------- handshakes of TLS

    @Nullable
    Object handshakeBegins() {
        return flight == null ? null : flight.handshakeBegins();
    }

    void handshakeDone(RealConnection connection, Object begun, TlsSession session) {
        if (flight != null) {
            List<X509Certificate> chain = session.peerCertificates();
            flight.handshakeDone(
                    begun,
                    connection,
                    session.version().jdkName(),
                    session.cipherSuite(),
                    chain.isEmpty()
                            ? null
                            : chain.get(0).getSubjectX500Principal().getName());
        }
    }

    void handshakeFailed(RealConnection connection, Object begun, ConnectionError error) {
        if (flight != null) {
            flight.handshakeFailed(begun, connection, error);
        }
    }

    // ---------------------------------------------------------------- acceptors

    @Nullable
    Object acceptPaused(Acceptor acceptor, boolean full) {
        tell(told -> told.acceptPaused(acceptor, full));
        return flight == null ? null : flight.acceptPaused();
    }

    /** Also for an acceptor that is closed while it pauses. */
    void acceptResumed(Acceptor acceptor, @Nullable Object begun, boolean full, long nanos) {
        if (begun != null && flight != null) {
            flight.acceptPauseEnds(begun, manager.options().name(), acceptor.toString(), full);
        }
        tell(told -> told.acceptResumed(acceptor, nanos));
    }

    // ---------------------------------------------------------------- handlers and turns

    boolean timesHandlers() {
        return timesHandlers;
    }

    /** Calls a handler with the watch in hand. */
    <E> void timed(Hearing<E> hearing, E event) {
        Flight recorder = recordsHandlers ? flight : null;
        Object called = hearing.handler();
        Object recorded = recorder == null ? null : recorder.handlerBegins();
        long begun = slowNanos > 0 ? time() : 0;
        hearing.call(event);
        long nanos = slowNanos > 0 ? time() - begun : 0;
        if (recorder != null && recorded != null) {
            recorder.handlerEnds(recorded, hearing.whose(), event, called);
        }
        if (slowNanos > 0 && nanos >= slowNanos) {
            tell(told -> hearing.tellSlow(told, event, nanos));
        }
    }

    @Override
    public void turnEnded(long polledNanos, int work) {
        refresh();
        ManagerObserver told = observer;
        if (told != null) {
            try {
                told.turn(time() - polledNanos, work);
            } catch (Throwable e) {
                manager.report(ErrorHook.Source.OBSERVER, Optional.empty(), e);
            }
        }
    }
}
