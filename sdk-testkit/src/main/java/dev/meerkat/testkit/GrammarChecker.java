package dev.meerkat.testkit;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A handler that passes every event on to another one and checks that they come in the order that is promised:
 * {@code (Opened (…)* HandshakeFailed? | HandshakeFailed) Closed} for an accepted connection, {@code TimerFired*
 * (Opened (…)* HandshakeFailed? | ConnectFailed) Closed} for an outbound one, {@code Closed} exactly once and last, and
 * {@code InputClosed} once, without a {@code Received} after it.
 *
 * <p>The kit puts it in front of the handlers it is given. A handler that passes events on to others, a protocol of
 * your own for instance, can be tested with one between the two.
 */
public final class GrammarChecker implements Handler {
    /** Where a connection is in its grammar; a transition that is not in {@link #next} is a violation. */
    private enum State {
        NEW,
        OPEN,
        INPUT_CLOSED,
        FAILED,
        ELSEWHERE,
        CLOSED
    }

    private final Handler delegate;
    private final Map<Long, State> states = new LinkedHashMap<>();

    /** Who had {@code ShuttingDown}, which comes at most once. */
    private final Set<Long> told = new HashSet<>();

    private GrammarChecker(Handler delegate) {
        this.delegate = delegate;
    }

    /**
     * Puts a checker in front of a handler.
     *
     * @param delegate who receives the events
     * @return the checker, for the connections of one manager
     */
    public static GrammarChecker of(Handler delegate) {
        return new GrammarChecker(Objects.requireNonNull(delegate, "delegate"));
    }

    /**
     * Checks an event and passes it on.
     *
     * @throws AssertionError if it may not come now; the connection is then aborted, as after every failure of a
     *     handler
     */
    @Override
    public void onEvent(Connection connection, Event event) throws Exception {
        State state = states.getOrDefault(connection.id(), State.NEW);
        State next = next(state, event, connection.acceptor().isPresent());
        if (next == null) {
            throw new AssertionError(connection + ": " + event + " may not come when its events are " + state);
        }
        if (event instanceof TcpEvent.ShuttingDown && !told.add(connection.id())) {
            throw new AssertionError(connection + ": " + event + " may come once");
        }
        states.put(connection.id(), next);
        delegate.onEvent(connection, event);
    }

    /** Passed on. The connection's end is not awaited here any more; if it comes back, its events are checked again. */
    @Override
    public void onReplaced(Connection connection) {
        states.put(connection.id(), State.ELSEWHERE);
        delegate.onReplaced(connection);
    }

    private static @Nullable State next(State state, Event event, boolean accepted) {
        return switch (state) {
            case NEW -> {
                if (event instanceof TcpEvent.Opened) {
                    yield State.OPEN;
                }
                if (event instanceof TcpEvent.ConnectFailed) {
                    yield accepted ? null : State.FAILED;
                }
                if (event instanceof TcpEvent.HandshakeFailed) {
                    yield accepted ? State.FAILED : null;
                }
                yield event instanceof TcpEvent.TimerFired && !accepted ? State.NEW : null;
            }
            case OPEN, ELSEWHERE ->
                event instanceof TcpEvent.InputClosed ? State.INPUT_CLOSED : established(state, event);
            case INPUT_CLOSED ->
                event instanceof TcpEvent.InputClosed || event instanceof TcpEvent.Received
                        ? null
                        : established(state, event);
            case FAILED -> event instanceof TcpEvent.Closed ? State.CLOSED : null;
            case CLOSED -> null;
        };
    }

    /** What may come in every state between {@code Opened} and {@code Closed}. */
    private static @Nullable State established(State state, Event event) {
        if (event instanceof TcpEvent.Closed) {
            return State.CLOSED;
        }
        if (event instanceof TcpEvent.HandshakeFailed) {
            return State.FAILED; // of a handshake that began when it was open
        }
        return event instanceof TcpEvent.Opened || event instanceof TcpEvent.ConnectFailed ? null : state;
    }

    /**
     * How many connections have had an event and not yet {@code Closed}, and have no other handler now.
     *
     * @return the count
     */
    public long unfinished() {
        return states.values().stream()
                .filter(state -> state != State.CLOSED && state != State.ELSEWHERE)
                .count();
    }

    /**
     * Fails unless every connection that had an event has been closed, or has another handler now.
     *
     * @throws AssertionError naming the connections that miss their {@code Closed}
     */
    public void assertFinished() {
        if (unfinished() > 0) {
            states.values().removeIf(state -> state == State.CLOSED || state == State.ELSEWHERE);
            throw new AssertionError("connections without Closed: " + states);
        }
    }
}
