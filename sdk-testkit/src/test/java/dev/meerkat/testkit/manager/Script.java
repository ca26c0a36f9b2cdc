package dev.meerkat.testkit.manager;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A handler that notes every event, checks that their order is the promised one, and reacts as a test says. What it is
 * not told to treat otherwise it takes out of the receive buffer.
 */
final class Script implements Handler {
    /** What to do about an event. */
    @FunctionalInterface
    interface Reaction<E extends Event> {
        void to(Connection connection, E event) throws Exception;
    }

    /** One event of one connection. The buffer of a {@code Received} in it is no longer to be touched. */
    record Entry(Connection connection, Event event) {}

    private final Map<Class<?>, Reaction<Event>> reactions = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private final Map<Connection, Grammar> grammars = new LinkedHashMap<>();
    private final Map<Connection, ByteArrayOutputStream> taken = new HashMap<>();
    private final List<String> violations = new ArrayList<>();
    private boolean hearsAll = true;

    /** Sets what to do about a kind of event, in place of what was said before. */
    <E extends Event> Script on(Class<E> kind, Reaction<? super E> reaction) {
        reactions.put(kind, (connection, event) -> reaction.to(connection, kind.cast(event)));
        return this;
    }

    /** Leaves what arrives in the receive buffer. */
    Script leavingInput() {
        return on(TcpEvent.Received.class, (connection, event) -> {});
    }

    /** This handler takes the place of another one, or is replaced: the order of all events is not for it to check. */
    Script hearingAPart() {
        hearsAll = false;
        return this;
    }

    @Override
    public void onEvent(Connection connection, Event event) throws Exception {
        Grammar grammar = grammars.computeIfAbsent(connection, Grammar::new);
        if (!grammar.permits(event)) {
            violations.add(connection + ": " + event + " must not come after " + eventsOf(connection));
        }
        entries.add(new Entry(connection, event));
        Reaction<Event> reaction = reactions.get(event.getClass());
        if (reaction != null) {
            reaction.to(connection, event);
        } else if (event instanceof TcpEvent.Received received) {
            take(connection, received);
        }
    }

    /** Takes the input as if no reaction had been set. */
    void take(Connection connection, TcpEvent.Received received) {
        taken.computeIfAbsent(connection, any -> new ByteArrayOutputStream())
                .writeBytes(received.take().toByteArray());
    }

    // ---- what has happened

    List<Entry> entries() {
        return entries;
    }

    /** The connections in the order of their first event. */
    List<Connection> connections() {
        return List.copyOf(grammars.keySet());
    }

    /** The one connection that this handler has. */
    Connection connection() {
        if (grammars.size() != 1) {
            throw new AssertionError("expected one connection, found " + grammars.keySet());
        }
        return connections().get(0);
    }

    List<Event> eventsOf(Connection connection) {
        return entries.stream()
                .filter(entry -> entry.connection == connection)
                .map(Entry::event)
                .toList();
    }

    <E extends Event> List<E> all(Class<E> kind) {
        return entries.stream()
                .map(Entry::event)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    int count(Class<? extends Event> kind) {
        return all(kind).size();
    }

    boolean has(Class<? extends Event> kind) {
        return count(kind) > 0;
    }

    boolean isOpened() {
        return has(TcpEvent.Opened.class);
    }

    boolean isClosed() {
        return has(TcpEvent.Closed.class);
    }

    /** Names of the kinds of all events, in order. */
    List<String> kinds() {
        return entries.stream()
                .map(entry -> entry.event.getClass().getSimpleName())
                .toList();
    }

    CloseReason closeReason() {
        List<TcpEvent.Closed> ends = all(TcpEvent.Closed.class);
        if (ends.size() != 1) {
            throw new AssertionError("expected one Closed, found " + ends);
        }
        return ends.get(0).reason();
    }

    ConnectionError.Kind errorKind() {
        return closeReason()
                .error()
                .orElseThrow(() -> new AssertionError("a clean end"))
                .kind();
    }

    byte[] bytes(Connection connection) {
        ByteArrayOutputStream bytes = taken.get(connection);
        return bytes == null ? new byte[0] : bytes.toByteArray();
    }

    byte[] bytes() {
        return grammars.isEmpty() ? new byte[0] : bytes(connection());
    }

    /** What the one connection has received. */
    String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /** What was wrong with the order of events; also that a connection has not ended, if all should have. */
    List<String> violations(boolean allHaveEnded) {
        List<String> found = new ArrayList<>();
        if (!hearsAll) {
            return found;
        }
        found.addAll(violations);
        if (allHaveEnded) {
            grammars.forEach((connection, grammar) -> {
                if (!grammar.hasEnded()) {
                    found.add(connection + ": Closed is missing after " + eventsOf(connection));
                }
            });
        }
        return found;
    }

    @Override
    public String toString() {
        int skipped = Math.max(0, entries.size() - 20);
        return "script: " + (skipped == 0 ? "" : "after " + skipped + " more ")
                + entries.subList(skipped, entries.size());
    }
}
