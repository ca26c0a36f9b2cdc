package dev.meerkat.testkit.manager;

import dev.meerkat.Connection;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;

/**
 * The order of events of one connection. Inbound {@code (Opened (…)* HandshakeFailed? | HandshakeFailed) Closed};
 * outbound {@code TimerFired* (Opened (…)* HandshakeFailed? | ConnectFailed) Closed}.
 */
final class Grammar {
    private enum State {
        NEW,
        OPEN,
        INPUT_CLOSED,
        FAILED,
        ENDED
    }

    private final boolean inbound;
    private State state = State.NEW;
    private boolean told;

    Grammar(Connection connection) {
        this.inbound = connection.acceptor().isPresent();
    }

    /** Takes note of the next event; answers whether it may come now. */
    boolean permits(Event event) {
        if (event instanceof TcpEvent.Opened) {
            return go(state == State.NEW, State.OPEN);
        }
        if (event instanceof TcpEvent.ConnectFailed) {
            return go(state == State.NEW && !inbound, State.FAILED);
        }
        if (event instanceof TcpEvent.HandshakeFailed) {
            return go(state == State.OPEN || (state == State.NEW && inbound), State.FAILED);
        }
        if (event instanceof TcpEvent.ShuttingDown) {
            boolean first = !told;
            told = true;
            return first && (state == State.OPEN || state == State.INPUT_CLOSED);
        }
        if (event instanceof TcpEvent.Closed) {
            return go(state != State.NEW && state != State.ENDED, State.ENDED);
        }
        if (event instanceof TcpEvent.TimerFired && state == State.NEW) {
            return !inbound;
        }
        if (event instanceof TcpEvent.InputClosed) {
            return go(state == State.OPEN, State.INPUT_CLOSED);
        }
        return state == State.OPEN || (state == State.INPUT_CLOSED && !(event instanceof TcpEvent.Received));
    }

    private boolean go(boolean permitted, State next) {
        state = next;
        return permitted;
    }

    boolean hasEnded() {
        return state == State.ENDED;
    }
}
