package dev.meerkat.internal.jfr;

import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The recorder of the JDK. Times are its own: the ticks of the machine, not the manager's clock.
 *
 * <p>Whether something is recorded is asked of one instance a kind that is never committed, so that nothing is
 * allocated while nothing is recorded.
 */
final class JfrFlight implements Flight {
    /** One of each kind. Made when a recorder is there, since the JDK takes tens of milliseconds to learn of them. */
    private static final class Kinds {
        static final Event OPENED = new ConnectionOpened();
        static final Event CLOSED = new ConnectionClosed();
        static final Event UDP_OPENED = new UdpOpened();
        static final Event UDP_CLOSED = new UdpClosed();
        static final Event SLOW = new SlowHandler();
        static final Event STALLED = new WriteStalled();
        static final Event HANDSHAKE = new TlsHandshake();
        static final Event PAUSED = new AcceptPaused();
    }

    /** The token between the beginning and the end of a handler; handlers are never nested, hence one is enough. */
    private @Nullable SlowHandler running;

    private JfrFlight() {}

    static Flight create() {
        boolean unused = isRecording(); // or there would be no error here in an image without the recorder
        return new JfrFlight();
    }

    /** Whether this process has ever recorded anything; before that nobody asks for events. */
    private static boolean isRecording() {
        return FlightRecorder.isInitialized();
    }

    @Override
    public @Nullable Object opened(Subject subject) {
        if (isRecording() && Kinds.OPENED.isEnabled()) {
            ConnectionOpened event = new ConnectionOpened();
            event.connection = subject.name();
            event.inbound = subject.isInbound();
            event.local = subject.local();
            event.remote = subject.remote();
            event.commit();
        }
        if (!(isRecording() && Kinds.CLOSED.isEnabled())) {
            return null;
        }
        ConnectionClosed life = new ConnectionClosed();
        life.begin();
        return life;
    }

    @Override
    public void closed(@Nullable Object token, Subject subject, CloseReason reason, long received, long sent) {
        if (!(isRecording() && Kinds.CLOSED.isEnabled())) {
            return;
        }
        ConnectionClosed event = token instanceof ConnectionClosed begun ? begun : new ConnectionClosed();
        event.connection = subject.name();
        event.inbound = subject.isInbound();
        event.remote = subject.remote();
        event.initiator = reason.initiator().name();
        ConnectionError error = reason.error().orElse(null);
        event.error = error == null ? null : error.kind().name();
        event.message = error == null ? null : error.message();
        event.received = received;
        event.sent = sent;
        event.commit();
    }

    @Override
    public @Nullable Object udpOpened(Subject subject) {
        if (isRecording() && Kinds.UDP_OPENED.isEnabled()) {
            UdpOpened event = new UdpOpened();
            event.socket = subject.name();
            event.local = subject.local();
            event.remote = remoteOf(subject);
            event.commit();
        }
        if (!(isRecording() && Kinds.UDP_CLOSED.isEnabled())) {
            return null;
        }
        UdpClosed life = new UdpClosed();
        life.begin();
        return life;
    }

    @Override
    public void udpClosed(@Nullable Object token, Subject subject, CloseReason reason, Traffic traffic) {
        if (!(isRecording() && Kinds.UDP_CLOSED.isEnabled())) {
            return;
        }
        UdpClosed event = token instanceof UdpClosed begun ? begun : new UdpClosed();
        event.socket = subject.name();
        event.local = subject.local();
        event.remote = remoteOf(subject);
        event.initiator = reason.initiator().name();
        ConnectionError error = reason.error().orElse(null);
        event.error = error == null ? null : error.kind().name();
        event.message = error == null ? null : error.message();
        event.datagramsReceived = traffic.datagramsReceived();
        event.received = traffic.received();
        event.datagramsSent = traffic.datagramsSent();
        event.sent = traffic.sent();
        event.failures = traffic.failures();
        event.commit();
    }

    private static @Nullable String remoteOf(Subject subject) {
        String remote = subject.remote();
        return remote.isEmpty() ? null : remote;
    }

    @Override
    public boolean recordsHandlers() {
        return isRecording() && Kinds.SLOW.isEnabled();
    }

    @Override
    public Object handlerBegins() {
        SlowHandler event = running;
        if (event == null) {
            event = new SlowHandler();
        }
        running = null;
        event.begin();
        return event;
    }

    @Override
    public void handlerEnds(Object token, Subject subject, Object event, Object handler) {
        SlowHandler slow = (SlowHandler) token;
        slow.end();
        if (slow.shouldCommit()) {
            slow.connection = subject.name();
            slow.event = event.getClass().getSimpleName();
            slow.handler = handler.getClass();
            slow.commit();
        } else {
            running = slow; // it was fast, as nearly all are: the next one takes it
        }
    }

    @Override
    public @Nullable Object stalled() {
        if (!(isRecording() && Kinds.STALLED.isEnabled())) {
            return null;
        }
        WriteStalled event = new WriteStalled();
        event.begin();
        return event;
    }

    @Override
    public void stallEnds(Object token, Subject subject, int pendingBytes, boolean drained) {
        WriteStalled event = (WriteStalled) token;
        event.end();
        if (event.shouldCommit()) {
            event.connection = subject.name();
            event.pending = pendingBytes;
            event.drained = drained;
            event.commit();
        }
    }

    @Override
    public @Nullable Object handshakeBegins() {
        if (!(isRecording() && Kinds.HANDSHAKE.isEnabled())) {
            return null;
        }
        TlsHandshake event = new TlsHandshake();
        event.begin();
        return event;
    }

    @Override
    public void handshakeDone(Object token, Subject subject, String protocol, String cipher, @Nullable String peer) {
        TlsHandshake event = (TlsHandshake) token;
        event.end();
        if (event.shouldCommit()) {
            describe(event, subject);
            event.protocol = protocol;
            event.cipher = cipher;
            event.peer = peer;
            event.commit();
        }
    }

    @Override
    public void handshakeFailed(Object token, Subject subject, ConnectionError error) {
        TlsHandshake event = (TlsHandshake) token;
        event.end();
        if (event.shouldCommit()) {
            describe(event, subject);
            event.error = error.kind().name();
            event.message = error.message();
            event.commit();
        }
    }

    private static void describe(TlsHandshake event, Subject subject) {
        event.connection = subject.name();
        event.inbound = subject.isInbound();
        event.remote = subject.remote();
    }

    @Override
    public @Nullable Object acceptPaused() {
        if (!(isRecording() && Kinds.PAUSED.isEnabled())) {
            return null;
        }
        AcceptPaused event = new AcceptPaused();
        event.begin();
        return event;
    }

    @Override
    public void acceptPauseEnds(Object token, String manager, String acceptor, boolean full) {
        AcceptPaused event = (AcceptPaused) token;
        event.end();
        if (event.shouldCommit()) {
            event.manager = manager;
            event.acceptor = acceptor;
            event.limit = full;
            event.commit();
        }
    }
}
