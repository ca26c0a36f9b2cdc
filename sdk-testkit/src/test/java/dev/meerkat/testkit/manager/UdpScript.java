package dev.meerkat.testkit.manager;

import dev.meerkat.UdpHandler;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.testkit.UdpGrammarChecker;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A UDP handler that notes every event, checks their order, and reacts as a test says. */
final class UdpScript implements UdpHandler {
    /** What to do about an event. */
    @FunctionalInterface
    interface Reaction<E extends UdpEvent> {
        void to(UdpSocket socket, E event) throws Exception;
    }

    /** A datagram as it was received, in a copy. */
    record Datagram(InetSocketAddress sender, byte[] payload, boolean truncated) {}

    private final Map<Class<?>, Reaction<UdpEvent>> reactions = new HashMap<>();
    private final UdpGrammarChecker checker = UdpGrammarChecker.of(this::react);
    private final List<String> violations = new ArrayList<>();
    final List<UdpEvent> events = new ArrayList<>();
    final List<Datagram> datagrams = new ArrayList<>();

    <E extends UdpEvent> UdpScript on(Class<E> kind, Reaction<? super E> reaction) {
        reactions.put(kind, (socket, event) -> reaction.to(socket, kind.cast(event)));
        return this;
    }

    @Override
    public void onEvent(UdpSocket socket, UdpEvent event) throws Exception {
        try {
            checker.onEvent(socket, event);
        } catch (AssertionError e) {
            violations.add(e.getMessage());
            throw e;
        }
    }

    @Override
    public void onReplaced(UdpSocket socket) {
        checker.onReplaced(socket);
    }

    private void react(UdpSocket socket, UdpEvent event) throws Exception {
        events.add(event);
        if (event instanceof UdpEvent.Received received) {
            byte[] copy = new byte[received.buffer().size()];
            received.buffer().view().get(copy);
            datagrams.add(new Datagram(received.sender(), copy, received.truncated()));
        }
        Reaction<UdpEvent> reaction = reactions.get(event.getClass());
        if (reaction != null) {
            reaction.to(socket, event);
        }
    }

    <E extends UdpEvent> List<E> all(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    boolean has(Class<? extends UdpEvent> kind) {
        return !all(kind).isEmpty();
    }

    boolean isOpened() {
        return has(UdpEvent.Opened.class);
    }

    boolean isClosed() {
        return has(UdpEvent.Closed.class);
    }

    List<String> kinds() {
        return events.stream().map(event -> event.getClass().getSimpleName()).toList();
    }

    List<String> texts() {
        return datagrams.stream()
                .map(each -> new String(each.payload, java.nio.charset.StandardCharsets.UTF_8))
                .toList();
    }

    CloseReason closeReason() {
        return all(UdpEvent.Closed.class).get(0).reason();
    }

    ConnectionError.Kind errorKind() {
        return closeReason().error().orElseThrow().kind();
    }

    /** What was wrong with the order of events, or did not end. */
    List<String> violations() {
        List<String> found = new ArrayList<>(violations);
        if (checker.unfinished() > 0) {
            found.add("Closed is missing: " + kinds());
        }
        return found;
    }

    @Override
    public String toString() {
        return "udp script: " + kinds();
    }
}
