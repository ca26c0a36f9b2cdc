package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.httpio.Later;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.ClosedBy;
import dev.meerkat.websocket.WebSocketError;
import dev.meerkat.websocket.WebSocketEvent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * How a WebSocket ends, whoever begins: the program, the peer, the manager, a time-out, a rule that was broken, a
 * handler that failed. Each way leads through {@link #end} or past it to {@link #over}, once.
 */
abstract class Closer extends Sender {
    static final CloseStatus TOO_SLOW = new CloseStatus(CloseStatus.TRY_AGAIN_LATER, "too slow");
    private static final CloseStatus IDLE = new CloseStatus(CloseStatus.GOING_AWAY, "idle");
    private static final CloseStatus FAILED = CloseStatus.of(CloseStatus.INTERNAL_ERROR);

    private @Nullable Ending ending;
    private @Nullable Attendants attendants;

    Closer(Site site, @Nullable ServedProtocol protocol) {
        super(site, protocol);
    }

    /** Tells the handler. */
    abstract void tell(Event event);

    /** What still comes is for nobody. */
    abstract void endReading();

    // ---------------------------------------------------------------- with a goodbye

    /** Sends a close frame, once, and waits for what belongs to it. */
    final void end(CloseStatus status, ClosedBy by, Duration timeout, @Nullable WebSocketError error) {
        site.room.settle();
        Connection below = connection;
        if (state != State.OPEN || below == null || !below.isOpen()) {
            return; // it ends already
        }
        state = State.CLOSING;
        Ending now = new Ending(status, by, error);
        ending = now;
        endAll();
        try {
            writeClose(below, status);
        } catch (SendLimitException e) {
            below.abort(ConnectionError.of(Kind.SLOW_RECEIVER, "no room for a close frame: " + e.getMessage(), e));
            return;
        } catch (ConnectionClosedException e) {
            below.close(timeout); // the program has ended the output below
            return;
        }
        now.begin(below, timeout);
        endReading();
    }

    private void endAll() {
        leave();
        Attendants others = attendants;
        attendants = null;
        if (others != null) {
            others.closed();
        }
        endSending();
    }

    private void writeClose(Connection below, CloseStatus status) {
        byte[] payload = status.code() == CloseStatus.NONE
                ? new byte[0]
                : FrameEncoder.closePayload(status.code(), FrameEncoder.shortened(status.reason()));
        site.writer.write(below, FrameEncoder.head(Opcode.CLOSE, true, false), ByteBuffer.wrap(payload));
    }

    private void end(CloseStatus status, ClosedBy by) {
        end(status, by, site.options.closeTimeout(), null);
    }

    /**
     * The program has failed: that is the end of this WebSocket and of nothing else.
     *
     * @param failure what is told to the error hook
     */
    @Override
    public final void failed(Throwable failure) {
        Connection below = connection;
        if (below != null) {
            site.manager.report(below, failure);
        } else {
            boolean unused = Later.run(site.manager, () -> Closer.<RuntimeException>rethrow(failure));
        }
        end(FAILED, ClosedBy.LOCAL);
    }

    /** For the error hook, which knows no WebSocket that has no connection. */
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void rethrow(Throwable failure) throws E {
        throw (E) failure;
    }

    @Override
    final void endSlow() {
        end(TOO_SLOW, ClosedBy.MANAGER);
    }

    @Override
    final void idle() {
        end(IDLE, ClosedBy.MANAGER);
    }

    /** There is no room for something that the peer needs. */
    final void overloaded(String what) {
        end(new CloseStatus(CloseStatus.TRY_AGAIN_LATER, FrameEncoder.shortened(what)), ClosedBy.MANAGER);
    }

    final void shuttingDown() {
        end(CloseStatus.of(CloseStatus.GOING_AWAY), ClosedBy.MANAGER);
    }

    /** The peer has broken a rule. */
    final void broken(WebSocketError error) {
        Connection below = connection;
        if (state == State.OPEN) {
            CloseStatus status = new CloseStatus(error.closeCode(), FrameEncoder.shortened(error.message()));
            end(status, ClosedBy.PEER, site.options.closeTimeout(), error);
        } else if (below != null) {
            below.close(); // its close frame cannot be told from rubbish any more
        }
    }

    /** The peer's close frame has come. */
    final void closedByPeer(CloseStatus status) {
        end(status, ClosedBy.PEER);
        Ending now = ending;
        Connection below = connection;
        if (now != null && below != null) {
            now.answered(below, protocol != null);
        }
    }

    // ---------------------------------------------------------------- without

    @Override
    final boolean isSending() {
        Connection below = connection;
        return below != null && below.pendingBytes() > 0;
    }

    @Override
    final Duration sinceMoved() {
        Connection below = connection;
        return below == null ? Duration.ZERO : Duration.between(below.lastIo(), site.manager.wallTime());
    }

    /** The peer gives no sign of life. */
    @Override
    final void silent() {
        Connection below = connection;
        if (state != State.OPEN || below == null || !below.isOpen()) {
            return;
        }
        state = State.CLOSING;
        ending = new Ending(CloseStatus.of(CloseStatus.ABNORMAL), ClosedBy.MANAGER, null);
        endAll();
        below.abort(ConnectionError.of(
                Kind.TIMED_OUT, "no sign of life within " + site.options.pongTimeout() + " after a ping"));
    }

    /** The peer has ended its side of the connection. A WebSocket has no half: without a close frame it has failed. */
    final void inputOver(Connection below) {
        if (below.isOpen()) {
            below.close();
        }
    }

    /** Another handler has taken the connection: for this WebSocket it has ended, as soon as nobody is being told. */
    final void takenAway() {
        site.room.settle();
        if (state == State.OPEN || state == State.CLOSING) {
            state = State.CLOSING;
            endAll();
            site.later(() -> over(new TcpEvent.Closed(CloseReason.clean(CloseReason.Initiator.LOCAL))));
        }
    }

    /** The connection has ended. */
    final void over(TcpEvent.Closed closed) {
        if (state == State.OVER) {
            return; // given up before, or given back
        }
        boolean wasOpened = state != State.NEW;
        state = State.OVER;
        endAll();
        endReading();
        Ending known = ending;
        ending = null;
        WebSocketEvent.Closed last =
                known == null ? Ending.withoutGoodbye(closed.reason()) : known.over(closed.reason());
        ServedProtocol served = protocol;
        if (served != null) {
            served.gone((RealWebSocket) this, wasOpened);
        } else {
            boolean unused = site.part();
        }
        if (wasOpened || served == null) {
            tell(last);
        }
    }

    /** The server's answer to the handshake has not left, or another one in its place. */
    final void neverLeft() {
        ServedProtocol served = protocol;
        if (served != null && state == State.NEW) {
            state = State.OVER;
            endSending();
            served.gone((RealWebSocket) this, false);
        }
    }

    // ---------------------------------------------------------------- those who send beside the handler

    /**
     * Has somebody send to this WebSocket beside its handler.
     *
     * @param attendant is told when to go on, and when it is over
     * @throws IllegalStateException if it is not open
     */
    public final void attend(Attendant attendant) {
        requireAttendable();
        Attendants present = attendants;
        if (present == null) {
            present = new Attendants();
            attendants = present;
        }
        present.add(attendant);
    }

    /**
     * Checks the thread, and that it is open.
     *
     * @throws IllegalStateException if it is not open
     */
    public final void requireAttendable() {
        checkThread("Topic.subscribe");
        if (state != State.OPEN) {
            throw new IllegalStateException(this + " is not open: it cannot subscribe");
        }
    }

    /**
     * Ends {@link #attend}.
     *
     * @param attendant hears nothing more
     */
    public final void dismiss(Attendant attendant) {
        Attendants present = attendants;
        if (present != null && present.remove(attendant)) {
            attendants = null;
        }
    }

    /** The connection takes more. */
    final void drained() {
        goOnSending();
        Attendants others = attendants;
        if (others != null) {
            others.drained();
        }
    }

    // ---------------------------------------------------------------- what the program asks for

    /** Any thread. A full mailbox keeps nobody from ending a WebSocket, but from saying goodbye. */
    final void closeWith(CloseStatus status, Duration timeout) {
        if (!CloseStatus.isSendable(status.code())) {
            throw new IllegalArgumentException("a close frame cannot contain the code " + status.code());
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be positive: " + timeout);
        }
        if (site.manager.inLoop()) {
            closeHere(status, timeout);
            return;
        }
        try {
            site.manager.post(() -> closeHere(status, timeout));
        } catch (RejectedExecutionException full) {
            abort();
        } catch (ManagerClosedException closed) {
            // and so is this
        }
    }

    private void closeHere(CloseStatus status, Duration timeout) {
        if (state == State.NEW) {
            abort();
        } else {
            end(status, ClosedBy.LOCAL, timeout, null);
        }
    }

    /** Any thread. Ends it at once. */
    public abstract void abort();
}
