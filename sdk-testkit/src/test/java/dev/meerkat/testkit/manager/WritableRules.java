package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ErrorHook;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ListenerHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Asking for room, ticks of one acceptor, initial attachments, walking the connections, hanging up by id. */
abstract class WritableRules extends ManagerRules {
    // ---- requestWritable

    @Test
    void whoAsksWhileThereIsRoomIsToldOnceInTheNextTurn() {
        Script script = script();
        accepted(script);
        long[] turns = new long[2];
        script.on(
                TcpEvent.Writable.class,
                (connection, writable) -> turns[1] = manager().statistics().turns());
        inTurn(() -> {
            turns[0] = manager().statistics().turns();
            script.connection().requestWritable();
            script.connection().requestWritable();
        });
        until("the answer", () -> script.has(TcpEvent.Writable.class));
        settle();
        assertEquals(1, script.count(TcpEvent.Writable.class));
        assertEquals(turns[0] + 1, turns[1]);
    }

    @Test
    void whoAsksAboveTheMarkIsToldAfterDrained() {
        Script script = script();
        Peer peer = accepted(
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())), SMALL_PEER, script)
                .stopReading();
        inTurn(() -> script.connection().send(new byte[MORE_THAN_FITS]).requestWritable());
        settle();
        assertEquals(List.of("Opened"), script.kinds());
        peer.startReading();
        until("the answer", () -> script.has(TcpEvent.Writable.class));
        assertEquals(List.of("Opened", "Drained", "Writable"), script.kinds());
    }

    @Test
    void aHandlerThatAsksAgainEachTimeSendsAllAndHoldsNobodyUp() {
        int pieces = 500;
        int[] sent = new int[1];
        Script script = script().on(TcpEvent.Opened.class, (connection, opened) -> connection.requestWritable())
                .on(TcpEvent.Writable.class, (connection, writable) -> {
                    connection.send("piece ");
                    if (++sent[0] < pieces) {
                        connection.requestWritable();
                    }
                });
        Peer peer = accepted(script);
        until("all pieces", () -> peer.receivedCount() == pieces * "piece ".length());
        assertEquals(pieces, script.count(TcpEvent.Writable.class));
    }

    @Test
    void whatIsAskedBeforeOpenedIsToldAfterIt() {
        ListenerHandle listener = peerListener();
        Script script = script();
        manager().connect(addressOf(listener), script).requestWritable();
        until("the answer", () -> script.has(TcpEvent.Writable.class));
        assertEquals(List.of("Opened", "Writable"), script.kinds());
    }

    @Test
    void whoMaySendNoMoreIsNotToldAndMayNotAsk() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        inTurn(() -> {
            connection.requestWritable();
            connection.shutdownOutput();
        });
        settle();
        assertEquals(0, script.count(TcpEvent.Writable.class));
        assertThrows(ConnectionClosedException.class, connection::requestWritable);
        connection.abort();
        assertThrows(ConnectionClosedException.class, connection::requestWritable);
        untilClosed(script);
    }

    @Test
    void itCanBeAskedForAllConnectionsOfAnAcceptor() {
        Script wanted = script();
        Script other = script();
        Acceptor acceptor = listen(wanted);
        peer(acceptor);
        peer(acceptor);
        accepted(other);
        until("three", () -> wanted.count(TcpEvent.Opened.class) == 2);
        inTurn(() -> assertEquals(
                2, manager().requestWritable(connection -> connection.acceptor().equals(Optional.of(acceptor)))));
        until("both", () -> wanted.count(TcpEvent.Writable.class) == 2);
        settle();
        assertEquals(0, other.count(TcpEvent.Writable.class));
    }

    // ---- ticks of one acceptor

    @Test
    void anAcceptorCanHaveAnIntervalOfItsOwn() {
        use(options -> options.tickInterval(LONG));
        Script often = script();
        Script seldom = script();
        ConnectionOptions ticking = connection(options -> options.ticks(true));
        accepted(ListenOptions.builder().connection(ticking).tickInterval(SHORT).build(), often);
        accepted(ListenOptions.builder().connection(ticking).build(), seldom);
        until("three ticks", () -> often.count(TcpEvent.Tick.class) >= 3);
        assertEquals(0, seldom.count(TcpEvent.Tick.class));
        assertThrows(
                IllegalArgumentException.class,
                () -> ListenOptions.builder().tickInterval(Duration.ZERO).build());
    }

    // ---- initial attachments

    @Test
    void everyConnectionStartsWithAnAttachmentOfItsOwn() {
        List<Object> seen = new ArrayList<>();
        Script script = script().on(
                        TcpEvent.Opened.class,
                        (connection, opened) -> seen.add(connection.attachment(StringBuilder.class)));
        ConnectionOptions options = connection(each -> each.attachment(StringBuilder::new));
        Acceptor acceptor = listen(ListenOptions.builder().connection(options).build(), script);
        peer(acceptor);
        peer(acceptor);
        until("two", () -> seen.size() == 2);
        assertNotSame(seen.get(0), seen.get(1));
        ListenerHandle listener = peerListener();
        Connection outbound = manager()
                .connect(
                        addressOf(listener),
                        ConnectOptions.builder().connection(options).build(),
                        script());
        assertEquals("", String.valueOf(outbound.attachment(StringBuilder.class)));
    }

    @Test
    void anAttachmentThatCannotBeMadeRefusesTheConnection() {
        ConnectionOptions options = connection(each -> each.attachment(() -> {
            throw new IllegalStateException("on purpose");
        }));
        Script script = script();
        Acceptor acceptor = listen(ListenOptions.builder().connection(options).build(), script);
        Peer peer = peer(acceptor);
        until("the refusal", () -> peer.wasReset() || peer.hasEnded());
        assertEquals(ErrorHook.Source.HANDLER, takeFailure().source());
        assertEquals(0, acceptor.connectionCount());
        ConnectOptions connecting = ConnectOptions.builder().connection(options).build();
        assertThrows(IllegalStateException.class, () -> manager().connect("127.0.0.1:1", connecting, script));
    }

    // ---- walking, and hanging up

    @Test
    void theConnectionsAreWalkedWhileTheyComeAndGo() {
        Script script = script();
        Acceptor acceptor = listen(script);
        for (int i = 0; i < 5; i++) {
            peer(acceptor);
        }
        until("five", () -> script.count(TcpEvent.Opened.class) == 5);
        List<Long> walked = new ArrayList<>();
        for (Optional<Connection> next = manager().nextConnection(0);
                next.isPresent();
                next = manager().nextConnection(next.get().id())) {
            walked.add(next.get().id());
            if (next.get().id() == 2) {
                manager().connection(3).orElseThrow().abort();
                next.get().abort();
            }
        }
        assertEquals(List.of(1L, 2L, 4L, 5L), walked);
        until("two ends", () -> script.count(TcpEvent.Closed.class) == 2);
        assertEquals(1L, manager().nextConnection(0).orElseThrow().id());
        assertEquals(4L, manager().nextConnection(1).orElseThrow().id());
        assertTrue(manager().nextConnection(5).isEmpty());
        assertEquals(
                List.of(4L, 5L),
                manager().connections(connection -> connection.id() > 3).stream()
                        .map(Connection::id)
                        .toList());
    }

    @Test
    void aConnectionIsHungUpByItsId() {
        Script script = script();
        Peer peer = accepted(script);
        long id = script.connection().id();
        assertEquals(true, manager().hangUp(id).join());
        untilClosed(script);
        until("the reset", peer::wasReset);
        assertEquals(false, manager().hangUp(id).join());
    }
}
