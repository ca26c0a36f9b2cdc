package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.httpio.Later;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.ws.RealWebSocket.State;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.ClosedBy;
import dev.meerkat.websocket.WebSocketError;
import dev.meerkat.websocket.WebSocketEvent;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which a WebSocket ends, whoever begins: the program, the peer, the manager, a time-out, a rule that was
 * broken, a handler that failed. Each leads through {@link #end} or past it to {@link #over}, once. Holds nothing: what
 * there is to remember until then is the WebSocket's {@link Ending}. Loop thread, but for {@link #close}.
 */
final class Closer {
    private static final CloseStatus TOO_SLOW = new CloseStatus(CloseStatus.TRY_AGAIN_LATER, "too slow");
    private static final CloseStatus IDLE = new CloseStatus(CloseStatus.GOING_AWAY, "idle");
    private static final CloseStatus FAILED = CloseStatus.of(CloseStatus.INTERNAL_ERROR);

    private Closer() {}

    // ---------------------------------------------------------------- with a goodbye

    /** Sends a close frame, once, and waits for what belongs to it. */
    private static void end(
            RealWebSocket webSocket,
            CloseStatus status,
            ClosedBy by,
            Duration timeout,
            @Nullable WebSocketError error) {
        webSocket.site.room.settle();
        Connection below = webSocket.openConnection();
        if (below == null) {
            return; // it ends already
        }
        Ending now = new Ending(status, by, error);
        webSocket.closing(now);
        try {
            ControlFrames.sendClose(webSocket, below, status);
        } catch (SendLimitException e) {
            below.abort(ConnectionError.of(Kind.SLOW_RECEIVER, "no room for a close frame: " + e.getMessage(), e));
            return;
        } catch (ConnectionClosedException e) {
            below.close(timeout); // the program has ended the output below
            return;
        }
        now.begin(below, timeout);
        webSocket.incoming.end();
    }

    private static void end(RealWebSocket webSocket, CloseStatus status, ClosedBy by) {
        end(webSocket, status, by, webSocket.options().closeTimeout(), null);
    }

    /** The program has failed: that is the end of this WebSocket and of nothing else. */
    static void failed(RealWebSocket webSocket, Throwable failure) {
        Connection below = webSocket.connectionIfAny();
        if (below != null) {
            webSocket.site.manager.report(below, failure);
        } else {
            boolean unused = Later.run(webSocket.site.manager, () -> Closer.<RuntimeException>rethrow(failure));
        }
        end(webSocket, FAILED, ClosedBy.LOCAL);
    }

    /** For the error hook, which knows no WebSocket that has no connection. */
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void rethrow(Throwable failure) throws E {
        throw (E) failure;
    }

    /** The peer is too slow for what many or other threads send. */
    static void tooSlow(RealWebSocket webSocket) {
        end(webSocket, TOO_SLOW, ClosedBy.MANAGER);
    }

    /** No message has come or gone in time. */
    static void idle(RealWebSocket webSocket) {
        end(webSocket, IDLE, ClosedBy.MANAGER);
    }

    /** There is no room for something that the peer needs. */
    static void overloaded(RealWebSocket webSocket, String what) {
        end(webSocket, new CloseStatus(CloseStatus.TRY_AGAIN_LATER, FrameEncoder.shortened(what)), ClosedBy.MANAGER);
    }

    static void shuttingDown(RealWebSocket webSocket) {
        end(webSocket, CloseStatus.of(CloseStatus.GOING_AWAY), ClosedBy.MANAGER);
    }

    /** The peer has broken a rule. */
    static void broken(RealWebSocket webSocket, WebSocketError error) {
        Connection below = webSocket.connectionIfAny();
        if (webSocket.state() == State.OPEN) {
            CloseStatus status = new CloseStatus(error.closeCode(), FrameEncoder.shortened(error.message()));
            end(webSocket, status, ClosedBy.PEER, webSocket.options().closeTimeout(), error);
        } else if (below != null) {
            below.close(); // its close frame cannot be told from rubbish any more
        }
    }

    /** The peer's close frame has come. */
    static void closedByPeer(RealWebSocket webSocket, CloseStatus status) {
        end(webSocket, status, ClosedBy.PEER);
        Ending now = webSocket.ending();
        Connection below = webSocket.connectionIfAny();
        if (now != null && below != null) {
            now.answered(below, webSocket.served() != null);
        }
    }

    // ---------------------------------------------------------------- what the program asks for

    /** Any thread. A full mailbox keeps nobody from ending a WebSocket, but from saying goodbye. */
    static void close(RealWebSocket webSocket, CloseStatus status, Duration timeout) {
        if (!CloseStatus.isSendable(status.code())) {
            throw new IllegalArgumentException("a close frame cannot contain the code " + status.code());
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be positive: " + timeout);
        }
        if (webSocket.site.manager.inLoop()) {
            closeHere(webSocket, status, timeout);
            return;
        }
        try {
            webSocket.site.manager.post(() -> closeHere(webSocket, status, timeout));
        } catch (RejectedExecutionException full) {
            webSocket.abort();
        } catch (ManagerClosedException closed) {
            // and so is this
        }
    }

    private static void closeHere(RealWebSocket webSocket, CloseStatus status, Duration timeout) {
        if (webSocket.state() == State.NEW) {
            webSocket.abort();
        } else {
            end(webSocket, status, ClosedBy.LOCAL, timeout, null);
        }
    }

    // ---------------------------------------------------------------- without a goodbye

    /** The peer gives no sign of life. */
    static void silent(RealWebSocket webSocket) {
        Connection below = webSocket.openConnection();
        if (below == null) {
            return;
        }
        webSocket.closing(new Ending(CloseStatus.of(CloseStatus.ABNORMAL), ClosedBy.MANAGER, null));
        below.abort(ConnectionError.of(
                Kind.TIMED_OUT, "no sign of life within " + webSocket.options().pongTimeout() + " after a ping"));
    }

    /** The peer has ended its side of the connection. A WebSocket has no half: without a close frame it has failed. */
    static void inputOver(Connection below) {
        if (below.isOpen()) {
            below.close();
        }
    }

    /** Another handler has taken the connection: for this WebSocket it has ended, as soon as nobody is being told. */
    static void takenAway(RealWebSocket webSocket) {
        webSocket.site.room.settle();
        if (webSocket.state() == State.OPEN || webSocket.state() == State.CLOSING) {
            webSocket.closing(webSocket.ending());
            TcpEvent.Closed closed = new TcpEvent.Closed(CloseReason.clean(CloseReason.Initiator.LOCAL));
            webSocket.site.later(() -> over(webSocket, closed));
        }
    }

    /** The connection has ended. */
    static void over(RealWebSocket webSocket, TcpEvent.Closed closed) {
        State before = webSocket.state();
        if (before == State.OVER) {
            return; // given up before, or given back
        }
        Ending known = webSocket.ending();
        webSocket.over();
        WebSocketEvent.Closed last =
                known == null ? Ending.withoutGoodbye(closed.reason()) : known.over(closed.reason());
        boolean wasOpened = before != State.NEW;
        ServedProtocol served = webSocket.served();
        if (served != null) {
            served.gone(webSocket, wasOpened);
        } else {
            boolean unused = webSocket.site.part();
        }
        if (wasOpened || served == null) {
            webSocket.tell(last);
        }
    }
}
