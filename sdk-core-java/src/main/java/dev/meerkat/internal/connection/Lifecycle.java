package dev.meerkat.internal.connection;

import dev.meerkat.ConnectionState;
import dev.meerkat.Tap;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.internal.secure.Outcome;
import dev.meerkat.internal.secure.SecureStream;
import dev.meerkat.internal.tls.TlsEngine;
import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The life of a connection, from the first look-up to its end: which state it is in, which socket it has, who ends it
 * and why. {@link Inbound} and {@link Outbound} are machines of their own; closing is what follows when both have
 * ended. {@link #enter} is the one place that changes the state.
 *
 * <p>Belongs to the loop thread, save where a method says that any thread may call.
 */
final class Lifecycle {
    private static final InetSocketAddress NO_ADDRESS = new InetSocketAddress(0);

    private final RealConnection connection;
    /** Any thread reads, {@link #enter} writes. */
    private volatile ConnectionState state;
    /** Any thread: a request to end the connection waits although the mailbox is full. */
    private volatile boolean endOnItsWay;
    /** The peer ended its direction before we ended ours: then it is the one who closed. */
    private boolean peerEndedFirst;

    private @Nullable StreamHandle handle;
    /** The stream that encrypts, from the beginning of its handshake. */
    private @Nullable SecureStream secure;
    /** What only a connection holds that is not yet open, or no more. */
    private @Nullable Edges edges;

    private @Nullable UserTimer userTimer;

    Lifecycle(RealConnection connection, ConnectionState state) {
        this.connection = connection;
        this.state = state;
    }

    private RealEventManager manager() {
        return connection.owner();
    }

    private Outbound out() {
        return connection.out();
    }

    private Edges edges() {
        Edges present = edges;
        if (present == null) {
            present = new Edges();
            edges = present;
        }
        return present;
    }

    /** Any thread. */
    ConnectionState state() {
        return state;
    }

    boolean isOver() {
        return state == ConnectionState.CLOSED;
    }

    @Nullable
    StreamHandle handle() {
        return handle;
    }

    @Nullable
    CloseReason reason() {
        Edges present = edges;
        return present == null ? null : present.reason;
    }

    // ---------------------------------------------------------------- beginning

    /** Has the connection encrypted once there is a socket, before the handler hears of it. */
    void secureWith(Securing how) {
        edges().securing = how;
    }

    void connectWith(Connecting newConnector, SocketAddress target) {
        Edges beginning = edges();
        beginning.targetHost = target instanceof InetSocketAddress inet ? inet.getHostString() : "";
        beginning.connector = newConnector;
        beginning.remoteAddress = target;
        newConnector.start();
    }

    String targetHost() {
        Edges present = edges;
        return present == null ? "" : present.targetHost;
    }

    void becomeConnecting(SocketAddress remote) {
        edges().remoteAddress = remote;
        enter(ConnectionState.CONNECTING);
    }

    void connectFailed(ConnectionError error) {
        edges().connector = null;
        connection.telling().notice(Telling.CONNECT_FAILED);
        end(CloseReason.failed(initiatorOf(error), error));
    }

    /** Accepted or connected; to be encrypted, perhaps. */
    void established(StreamHandle stream) {
        Edges beginning = edges;
        if (beginning == null) {
            opened(stream);
            return;
        }
        beginning.connector = null;
        Securing how = beginning.securing;
        if (how == null) {
            opened(stream);
        } else {
            handshake(how, stream);
        }
    }

    private void handshake(Securing how, StreamHandle raw) {
        try {
            edges().remoteAddress = raw.remoteAddress();
        } catch (IOException e) {
            edges().remoteAddress = NO_ADDRESS;
        }
        connection.touch();
        enter(ConnectionState.HANDSHAKING);
        SecureStream stream;
        try {
            stream = how.wrap(raw);
        } catch (RuntimeException e) {
            Sockets.abortQuietly(raw);
            handshakeEnded(ConnectionError.of(Kind.TLS_FAILED, "TLS failed in this program: " + e, e));
            return;
        }
        secure = stream;
        Outcome outcome = new Outcome() {
            @Override
            public void secured() {
                edges().securing = null;
                connection.handshakeOver();
                opened(stream);
            }

            @Override
            public void handshakeFailed(IOException failure) {
                handshakeEnded(IoErrors.ofTransfer("TLS handshake", failure));
            }
        };
        how.begin(stream, ByteBuffer.allocate(0), null, RecordedHandshake.of(connection, stream, outcome));
    }

    /** Before it was opened: by failure, or because nobody wants it any more. */
    private void handshakeEnded(ConnectionError error) {
        SecureStream stream = secure;
        secure = null;
        if (stream != null) {
            Sockets.abortQuietly(stream);
        }
        connection.handshakeOver();
        connection
                .telling()
                .notice(connection.acceptor().isPresent() ? Telling.HANDSHAKE_FAILED : Telling.CONNECT_FAILED);
        end(CloseReason.failed(initiatorOf(error), error));
    }

    /** Has an open connection encrypted; its handler hears of it. */
    void startTls(Securing how) {
        StreamHandle head = Objects.requireNonNull(handle);
        SecureStream stream = how.wrap(TappedStream.bare(head));
        secure = stream;
        handle = TappedStream.rebase(head, stream);
        stream.attach(connection);
        ByteBuffer received = connection.in().surrender();
        SendQueue clear = out().surrender();
        if (clear != null) {
            TappedStream.leaving(head, clear);
        }
        Outcome outcome = new Outcome() {
            @Override
            public void secured() {
                if (state == ConnectionState.OPEN) {
                    connection.telling().notice(Telling.SECURED);
                }
            }

            @Override
            public void handshakeFailed(IOException failure) {
                connection.telling().notice(state == ConnectionState.OPEN ? Telling.HANDSHAKE_FAILED : 0);
                failTransfer("TLS handshake", failure);
            }
        };
        how.begin(stream, received, clear, RecordedHandshake.of(connection, stream, outcome));
        connection.updateInterest();
    }

    /** The engine of an encrypted connection, when its handshake is done. */
    @Nullable
    TlsEngine tls() {
        SecureStream stream = secure;
        return stream == null || handle == null || stream.isHandshaking() ? null : stream.engine();
    }

    boolean tlsWasStarted() {
        return secure != null;
    }

    /** The handler hears of it before a byte is read. */
    private void opened(StreamHandle stream) {
        leaveTheBeginning();
        handle = tapped(stream);
        connection.touch();
        stream.attach(connection);
        enter(ConnectionState.OPEN);
        connection.telling().opened();
        connection.ticker().joined(connection.limits());
        connection.telling().dispatch(TcpEvent.Opened.INSTANCE);
        manager().shutdown().opened(connection);
        connection.updateInterest();
        out().resumeAfterConnect();
        connection.telling().tellWritableSoon();
    }

    private void leaveTheBeginning() {
        Edges beginning = edges;
        if (beginning == null || beginning.targetHost.isEmpty()) {
            edges = null;
        } else {
            beginning.remoteAddress = null;
        }
    }

    private StreamHandle tapped(StreamHandle stream) {
        List<Tap> taps = manager().options().observe().taps();
        StreamHandle head = stream;
        for (int i = taps.size() - 1; i >= 0; i--) {
            Tap.Mark first = connection.isInbound() ? Tap.Mark.ACCEPTED : Tap.Mark.CONNECTED;
            head = TappedStream.around(connection, taps.get(i), head, first);
        }
        return head;
    }

    void addTap(Tap tap) {
        StreamHandle stream = Tapped.tappable(handle, connection, state);
        handle = TappedStream.around(connection, tap, stream, Tap.Mark.JOINED);
    }

    void removeTap(Tap tap) {
        StreamHandle stream = handle;
        if (stream != null) {
            handle = Tapped.without(stream, tap);
        }
    }

    // ---------------------------------------------------------------- ending

    /** Any thread. */
    void close(long nanos) {
        if (manager().inLoop()) {
            closeHere(nanos);
        } else {
            postEnd(() -> closeHere(nanos));
        }
    }

    /** Any thread. */
    void abort() {
        abort(ConnectionError.of(Kind.ABORTED, "aborted by this program"));
    }

    /** Any thread. */
    void abort(ConnectionError why) {
        if (manager().inLoop()) {
            abortHere(why);
        } else {
            postEnd(() -> abortHere(why));
        }
    }

    /**
     * Any thread. A full mailbox does not keep anybody from ending a connection, but takes one such request of each.
     */
    private void postEnd(Runnable ending) {
        if (manager().tryPost(ending) || endOnItsWay) {
            return;
        }
        endOnItsWay = true;
        manager().postInternal(() -> {
            endOnItsWay = false;
            ending.run();
        });
    }

    void inputHasEnded() {
        switch (state) {
            case OPEN -> {
                peerEndedFirst = out().isOpen();
                manager().probe().event("input-closed", connection.id(), 0);
                connection.telling().dispatch(TcpEvent.InputClosed.INSTANCE);
                if (state != ConnectionState.OPEN) {
                    return;
                }
                if (out().isShut()) {
                    finish(cleanEnd());
                } else if (!connection.limits().halfClose() || !out().isOpen()) {
                    closeHere(Nanos.of(connection.limits().closeTimeout()));
                }
            }
            case LINGERING -> finish(cleanEnd());
            default -> {
                // closing: the flush that is under way ends it
            }
        }
    }

    void outputHasEnded() {
        if (connection.in().hasEnded()) {
            finish(cleanEnd());
        } else if (state == ConnectionState.CLOSING) {
            linger();
        }
    }

    private void closeHere(long timeoutNanos) {
        connection.memory().settle();
        switch (state) {
            case RESOLVING, CONNECTING, HANDSHAKING -> cancelConnect("closed");
            case OPEN -> {
                enter(ConnectionState.CLOSING);
                connection.in().release();
                forgetTimer(); // nothing but the end is told from now on
                closing().within(timeoutNanos);
                OutboundFiles files = out().files();
                boolean unused = files != null && files.hasMoved(); // before this
                out().close();
                connection.updateInterest();
            }
            case CLOSING -> closing().withinAtMost(timeoutNanos);
            case LINGERING, CLOSED -> {
                // under way, or done
            }
        }
    }

    private void linger() {
        long nanos = Nanos.of(connection.limits().lingerTimeout());
        if (nanos == 0) {
            finish(cleanEnd());
        } else {
            enter(ConnectionState.LINGERING);
            closing().within(nanos);
        }
    }

    private Closing closing() {
        Edges end = edges();
        Closing present = end.closing;
        if (present == null) {
            present = new Closing(this, manager().loop());
            end.closing = present;
        }
        return present;
    }

    void closingTimedOut() {
        if (state == ConnectionState.LINGERING) {
            finish(cleanEnd());
        } else if (state == ConnectionState.CLOSING) {
            OutboundFiles files = out().files();
            if (files != null && files.hasMoved()) {
                closing().again(); // a large file takes its time
                return;
            }
            out().flushAll(); // a time-out of zero comes before the end of the turn, and what fits may still leave
        }
        if (state == ConnectionState.CLOSING) {
            fail(
                    Initiator.LOCAL,
                    ConnectionError.of(
                            Kind.CLOSE_TIMEOUT,
                            out().pending() + " bytes could not be sent within the close time-out"));
        }
    }

    private void abortHere(ConnectionError why) {
        switch (state) {
            case RESOLVING, CONNECTING, HANDSHAKING -> cancelConnect("aborted");
            case OPEN, CLOSING, LINGERING -> fail(Initiator.LOCAL, why);
            case CLOSED -> {
                // done
            }
        }
    }

    private void cancelConnect(String how) {
        abandonConnect(ConnectionError.of(Kind.CANCELLED, how + " by this program before it was established"));
    }

    private void abandonConnect(ConnectionError error) {
        if (state == ConnectionState.HANDSHAKING) {
            handshakeEnded(error);
            return;
        }
        Connecting under = edges().connector;
        if (under != null) {
            under.end();
        }
        connectFailed(error);
    }

    private boolean isConnecting() {
        Edges present = edges;
        return present != null && present.connector != null;
    }

    void failTransfer(String operation, IOException failure) {
        ConnectionError error = IoErrors.ofTransfer(operation, failure);
        fail(initiatorOf(error), error);
    }

    /** Ends with a reset, for whatever reason; before it is established by giving up. */
    void fail(Initiator initiator, ConnectionError error) {
        if (isConnecting() || state == ConnectionState.HANDSHAKING) {
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
            edges().remoteAddress = remoteAddress();
            handle = null;
        }
        return stream;
    }

    /** The last step of every ending: releases what is held, and has the handler told, once. */
    private void end(CloseReason why) {
        if (state == ConnectionState.CLOSED) {
            return;
        }
        if (state.compareTo(ConnectionState.OPEN) >= 0) {
            connection.ticker().left(connection.limits());
        }
        Edges end = edges();
        end.reason = why;
        enter(ConnectionState.CLOSED);
        out().release();
        connection.in().release();
        forgetTimer();
        Closing closing = end.closing;
        if (closing != null) {
            closing.over();
        }
        connection.telling().notice(Telling.CLOSED);
    }

    /** The manager closes: what fits into the socket leaves. */
    void endWithManager() {
        ConnectionError error = ConnectionError.of(Kind.MANAGER_CLOSED, "the event manager was closed");
        if (isConnecting() || state == ConnectionState.HANDSHAKING) {
            abandonConnect(error);
            return;
        }
        if (!out().isEmpty()) {
            out().flushAll();
        }
        finish(out().isEmpty() ? CloseReason.clean(Initiator.MANAGER) : CloseReason.failed(Initiator.MANAGER, error));
    }

    private CloseReason cleanEnd() {
        return CloseReason.clean(peerEndedFirst ? Initiator.PEER : Initiator.LOCAL);
    }

    static Initiator initiatorOf(ConnectionError error) {
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

    // ---------------------------------------------------------------- the handler's timer

    /** The timer that a handler may set, if it ever did. */
    @Nullable
    UserTimer userTimer() {
        return userTimer;
    }

    void setTimer(Duration delay) {
        if (state.compareTo(ConnectionState.OPEN) > 0) {
            return;
        }
        UserTimer timer = userTimer;
        if (timer == null) {
            timer = new UserTimer(connection, manager().loop());
            userTimer = timer;
        }
        timer.set(delay);
    }

    void forgetTimer() {
        UserTimer timer = userTimer;
        if (timer != null) {
            timer.clear();
        }
    }

    // ---------------------------------------------------------------- addresses

    SocketAddress localAddress() {
        StreamHandle stream = handle;
        try {
            return stream == null ? NO_ADDRESS : stream.localAddress();
        } catch (IOException e) {
            return NO_ADDRESS;
        }
    }

    Optional<NetworkChannel> channel() {
        StreamHandle stream = handle;
        return stream == null ? Optional.empty() : stream.networkChannel();
    }

    Optional<PeerCredentials> peerCredentials() {
        StreamHandle stream = handle;
        try {
            return stream == null ? Optional.empty() : stream.peerCredentials();
        } catch (IOException e) {
            return Optional.empty(); // the system does not tell
        }
    }

    SocketAddress remoteAddress() {
        Edges present = edges;
        SocketAddress known = present == null ? null : present.remoteAddress;
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
}
