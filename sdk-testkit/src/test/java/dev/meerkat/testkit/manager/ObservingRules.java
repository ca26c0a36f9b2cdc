package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.ErrorHook;
import dev.meerkat.ListenOptions;
import dev.meerkat.ManagerObserver;
import dev.meerkat.ObserveOptions;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ListenerHandle;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an observer is told. */
abstract class ObservingRules extends ManagerRules {
    /** Notes what it is told, without numbers that depend on the machine. */
    static class Notes implements ManagerObserver {
        final List<String> lines = new ArrayList<>();
        final List<Long> slow = new ArrayList<>();
        final List<Long> stalls = new ArrayList<>();
        final List<Long> pauses = new ArrayList<>();
        final List<Long> turns = new ArrayList<>();
        long in;
        long out;
        int work;

        @Override
        public void opened(Connection connection) {
            lines.add("opened " + connection.id());
        }

        @Override
        public void connectFailed(Connection connection, ConnectionError error) {
            lines.add("connect failed " + error.kind());
        }

        @Override
        public void closed(Connection connection, CloseReason reason) {
            lines.add("closed " + connection.id() + " " + reason.initiator());
        }

        @Override
        public void received(Connection connection, int count) {
            in += count;
        }

        @Override
        public void sent(Connection connection, long count) {
            out += count;
        }

        @Override
        public void stalled(Connection connection, int pendingBytes) {
            lines.add("stalled " + pendingBytes);
        }

        @Override
        public void drained(Connection connection, long nanos) {
            lines.add("drained");
            stalls.add(nanos);
        }

        @Override
        public void acceptPaused(Acceptor acceptor, boolean full) {
            lines.add("paused " + (full ? "full" : "by the system"));
        }

        @Override
        public void acceptResumed(Acceptor acceptor, long nanos) {
            lines.add("resumed");
            pauses.add(nanos);
        }

        @Override
        public void slowHandler(Connection connection, Event event, long nanos) {
            lines.add("slow " + event.getClass().getSimpleName());
            slow.add(nanos);
        }

        @Override
        public void turn(long nanos, int work) {
            turns.add(nanos);
            this.work += work;
        }
    }

    final Notes notes = new Notes();

    final void observe(Change<ObserveOptions.Builder> change) {
        ObserveOptions.Builder builder =
                ObserveOptions.builder().observer(notes).slowHandler(Duration.ZERO);
        change.apply(builder);
        use(options -> options.observe(builder.build()));
    }

    @Test
    void everyConnectionIsToldOnceAtItsBeginningAndOnceAtItsEnd() {
        observe(options -> {});
        Script script = script();
        Peer peer = accepted(script);
        peer.close();
        untilClosed(script);
        Script other = script();
        connected(other).reset();
        untilClosed(other);
        assertEquals(List.of("opened 1", "closed 1 PEER", "opened 2", "closed 2 PEER"), notes.lines);
    }

    @Test
    void aConnectThatFailedIsNoConnection() throws IOException {
        observe(options -> {});
        ListenerHandle listener = peerListener();
        String address = addressOf(listener);
        listener.close();
        Script script = script();
        manager().connect(address, script);
        untilClosed(script);
        Script cancelled = script();
        manager().connect(address, cancelled).close();
        untilClosed(cancelled);
        assertEquals(List.of("connect failed REFUSED", "connect failed CANCELLED"), notes.lines);
    }

    @Test
    void everyByteIsCounted() {
        observe(options -> {});
        Script script =
                script().on(TcpEvent.Received.class, (connection, received) -> connection.send(received.buffer()));
        Peer peer = accepted(script);
        peer.send(pattern(100_000));
        until("the echo", () -> peer.receivedCount() == 100_000);
        assertEquals(100_000, notes.in);
        assertEquals(100_000, notes.out);
    }

    @Test
    void aSlowPeerIsToldWithHowLongItWasSlow() {
        observe(options -> {});
        Script script = script();
        Peer peer = accepted(
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())), SMALL_PEER, script)
                .stopReading();
        inTurn(() -> script.connection().send(new byte[MORE_THAN_FITS]));
        settle();
        assertEquals(List.of("opened 1", "stalled " + MORE_THAN_FITS), notes.lines);
        if (arm.isVirtual()) {
            arm.advance(Duration.ofSeconds(3));
        }
        peer.startReading();
        until("all of it", () -> script.has(TcpEvent.Drained.class));
        assertEquals("drained", notes.lines.get(2));
        assertTrue(
                notes.stalls.get(0) >= (arm.isVirtual() ? Duration.ofSeconds(3).toNanos() : 1), notes.stalls::toString);
    }

    @Test
    void aStallThatBeganBeforeTheConnectionWasMadeEndsToo() {
        observe(options -> {});
        ListenerHandle listener = peerListener();
        Script script = script();
        int tooMuch = 100_001;
        manager()
                .connect(
                        addressOf(listener),
                        connecting(options -> options.highWaterMark(100_000).lowWaterMark(0)),
                        script)
                .send(new byte[tooMuch]);
        Peer peer = accept(listener);
        until("all of it", () -> peer.receivedCount() == tooMuch);
        until("Drained", () -> script.has(TcpEvent.Drained.class));
        assertEquals(List.of("stalled " + tooMuch, "opened 1", "drained"), notes.lines);
    }

    @Test
    void aStallEndsWithAConnectThatFails() throws IOException {
        observe(options -> {});
        ListenerHandle listener = peerListener();
        String address = addressOf(listener);
        listener.close();
        Script script = script();
        manager()
                .connect(
                        address, connecting(options -> options.highWaterMark(10).lowWaterMark(0)), script)
                .send(new byte[11]);
        untilClosed(script);
        assertEquals(List.of("stalled 11", "drained", "connect failed REFUSED"), notes.lines);
    }

    @Test
    void aStallEndsWithItsConnection() {
        observe(options -> {});
        Script script = script();
        accepted(listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())), SMALL_PEER, script)
                .stopReading();
        inTurn(() -> script.connection().send(new byte[MORE_THAN_FITS]));
        settle();
        script.connection().abort();
        untilClosed(script);
        assertEquals(List.of("opened 1", "stalled " + MORE_THAN_FITS, "drained", "closed 1 LOCAL"), notes.lines);
    }

    @Test
    void anAcceptorAtItsLimitTellsThatItPauses() {
        observe(options -> {});
        Script script = script();
        Acceptor acceptor = listen(ListenOptions.builder().maxConnections(1).build(), script);
        Peer first = peer(acceptor);
        peer(acceptor);
        until("the pause", () -> notes.lines.contains("paused full"));
        assertEquals(List.of("opened 1", "paused full"), notes.lines);
        first.close();
        until("the next", () -> script.count(TcpEvent.Opened.class) == 2);
        assertEquals("resumed", notes.lines.get(notes.lines.indexOf("closed 1 PEER") - 1));
        assertEquals(1, notes.pauses.size());
    }

    @Test
    void everyTurnIsTold() {
        observe(options -> {});
        long before = manager().statistics().turns();
        inTurn(() -> {});
        inTurn(() -> {});
        assertEquals(manager().statistics().turns() - before, notes.turns.size());
        assertTrue(notes.work >= 2, "work " + notes.work);
        assertTrue(notes.turns.stream().allMatch(nanos -> nanos >= 0), notes.turns::toString);
    }

    @Test
    void anObserverThatThrowsHarmsNobody() {
        ManagerObserver bad = new ManagerObserver() {
            @Override
            public void opened(Connection connection) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void received(Connection connection, int count) {
                throw new IllegalStateException("on purpose");
            }
        };
        use(options -> options.observe(ObserveOptions.observedBy(bad)));
        Script script = script();
        Peer peer = accepted(script);
        peer.send("fine");
        until("the bytes", () -> script.text().equals("fine"));
        assertEquals(
                List.of(ErrorHook.Source.OBSERVER, ErrorHook.Source.OBSERVER),
                takeFailures().stream().map(Failure::source).toList());
    }

    @Test
    void aNegativeThresholdIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> ObserveOptions.builder().slowHandler(Duration.ofNanos(-1)).build());
    }
}
