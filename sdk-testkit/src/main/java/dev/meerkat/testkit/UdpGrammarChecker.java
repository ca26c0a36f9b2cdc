package dev.meerkat.testkit;

import dev.meerkat.UdpHandler;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.UdpEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A UDP handler that passes every event on to another one and checks that they come in the order that is promised:
 * {@code Opened (…)* Closed} for a bound socket, {@code TimerFired* (Opened (…)* | ConnectFailed) Closed} for a
 * connected one, and {@code Closed} exactly once and last. A bound socket that is closed before it has told of its
 * opening tells of {@code Closed} alone.
 */
public final class UdpGrammarChecker implements UdpHandler {
    private enum State {
        NEW,
        OPEN,
        FAILED,
        ELSEWHERE,
        CLOSED
    }

    private final UdpHandler delegate;
    private final Map<Long, State> states = new LinkedHashMap<>();

    private UdpGrammarChecker(UdpHandler delegate) {
        this.delegate = delegate;
    }

    /**
     * Puts a checker in front of a handler.
     *
     * @param delegate who receives the events
     * @return the checker, for the sockets of one manager
     */
    public static UdpGrammarChecker of(UdpHandler delegate) {
        return new UdpGrammarChecker(Objects.requireNonNull(delegate, "delegate"));
    }

    /**
     * Checks an event and passes it on.
     *
     * @throws AssertionError if it may not come now; the socket is then aborted, as after every failure of a handler
     */
    @Override
    public void onEvent(UdpSocket socket, UdpEvent event) throws Exception {
        State state = states.getOrDefault(socket.id(), State.NEW);
        State next = next(state, event, socket.remoteAddress().isPresent());
        if (next == null) {
            throw new AssertionError(socket + ": " + event + " may not come when its events are " + state);
        }
        states.put(socket.id(), next);
        delegate.onEvent(socket, event);
    }

    /** Passed on. The socket's end is not awaited here any more; if it comes back, its events are checked again. */
    @Override
    public void onReplaced(UdpSocket socket) {
        states.put(socket.id(), State.ELSEWHERE);
        delegate.onReplaced(socket);
    }

    private static @Nullable State next(State state, UdpEvent event, boolean connected) {
        return switch (state) {
            case NEW -> {
                if (event instanceof UdpEvent.Opened) {
                    yield State.OPEN;
                }
                if (event instanceof UdpEvent.ConnectFailed) {
                    yield connected ? State.FAILED : null;
                }
                if (event instanceof UdpEvent.Closed) {
                    yield connected ? null : State.CLOSED;
                }
                yield event instanceof UdpEvent.TimerFired ? State.NEW : null;
            }
            case OPEN, ELSEWHERE -> {
                if (event instanceof UdpEvent.Closed) {
                    yield State.CLOSED;
                }
                yield event instanceof UdpEvent.Opened || event instanceof UdpEvent.ConnectFailed ? null : State.OPEN;
            }
            case FAILED -> event instanceof UdpEvent.Closed ? State.CLOSED : null;
            case CLOSED -> null;
        };
    }

    /**
     * How many sockets have had an event and not yet {@code Closed}, and have no other handler now.
     *
     * @return the count
     */
    public long unfinished() {
        return states.values().stream()
                .filter(state -> state != State.CLOSED && state != State.ELSEWHERE)
                .count();
    }

    /**
     * Fails unless every socket that had an event has been closed, or has another handler now.
     *
     * @throws AssertionError naming the sockets that miss their {@code Closed}
     */
    public void assertFinished() {
        if (unfinished() > 0) {
            states.values().removeIf(state -> state == State.CLOSED || state == State.ELSEWHERE);
            throw new AssertionError("sockets without Closed: " + states);
        }
    }
}
