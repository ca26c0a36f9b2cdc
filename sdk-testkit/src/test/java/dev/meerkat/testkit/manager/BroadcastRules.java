package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.BroadcastLimitException;
import dev.meerkat.BroadcastResult;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.SlowReceiverPolicy;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One message for all: whom it reaches, in which order, what becomes of the slow ones, and how large it may be. */
abstract class BroadcastRules extends ManagerRules {
    private BroadcastResult result(CompletableFuture<BroadcastResult> broadcast) {
        until("the broadcast", broadcast::isDone);
        return broadcast.join();
    }

    private static List<String> messages(Script script) {
        return script.all(TcpEvent.Broadcast.class).stream()
                .map(event -> event.bytes().utf8())
                .toList();
    }

    // ---- whom it reaches

    @Test
    void everyOpenConnectionHearsItOnce() {
        Script inbound = script();
        Peer first = accepted(inbound);
        Script outbound = script();
        Peer second = connected(outbound);
        Bytes message = Bytes.utf8("hear, hear");
        CompletableFuture<BroadcastResult> broadcast = manager().broadcast(message);
        assertFalse(broadcast.isDone(), "not before the next turn");
        assertEquals(new BroadcastResult(2, 0, 0), result(broadcast));
        settle();
        for (Script each : List.of(inbound, outbound)) {
            assertEquals(List.of("Opened", "Broadcast"), each.kinds());
            assertSame(message, each.all(TcpEvent.Broadcast.class).get(0).bytes(), "shared, not copied");
        }
        assertEquals(0, first.receivedCount() + second.receivedCount(), "nothing is sent by itself");
    }

    @Test
    void whatIsSentOnIsSharedByAll() {
        Script script = script().on(TcpEvent.Broadcast.class, (connection, event) -> connection.send(event.bytes()));
        List<Peer> peers = Stream.generate(() -> accepted(script)).limit(3).toList();
        Bytes message = Bytes.copyOf(pattern(50_000));
        assertEquals(new BroadcastResult(3, 0, 0), result(manager().broadcast(message)));
        until("all of them", () -> peers.stream().allMatch(peer -> peer.receivedCount() == 50_000));
        assertEquals(Bytes.copyOf(peers.get(2).received()), message);
        assertEquals(0, manager().statistics().segmentsPooled(), "no segment was ever needed");
    }

    @Test
    void withNobodyThereItReachesNobody() {
        assertEquals(new BroadcastResult(0, 0, 0), result(manager().broadcast(Bytes.utf8("hello?"))));
    }

    @Test
    void whoIsNotOpenDoesNotHearIt() {
        Names names = new Names();
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, runtime -> names.install(transport.install(runtime)));
        transport.silence("192.0.2.1");
        Script resolving = script();
        manager().connect("meerkat.example:80", resolving);
        Script connecting = script();
        manager().connect("192.0.2.1:80", connecting);
        Script closing = script();
        accepted(listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())), SMALL_PEER, closing)
                .stopReading();
        inTurn(() -> closing.connection().send(pattern(MORE_THAN_FITS)).close());
        Script lingering = script();
        Peer peer = accepted(listening(options -> options.lingerTimeout(LONG)), lingering);
        inTurn(() -> lingering.connection().close());
        until("the end", peer::hasEnded);
        settle();
        assertEquals(ConnectionState.CLOSING, closing.connection().state());
        assertEquals(ConnectionState.LINGERING, lingering.connection().state());
        assertEquals(new BroadcastResult(0, 0, 0), result(manager().broadcast(Bytes.EMPTY)));
        assertEquals(
                0L,
                Stream.of(resolving, connecting, closing, lingering)
                        .filter(script -> script.has(TcpEvent.Broadcast.class))
                        .count());
    }

    @Test
    void aFilterChooses() {
        Script script = script();
        List<Peer> peers = Stream.generate(() -> accepted(script)).limit(3).toList();
        List<Connection> connections = script.connections();
        connections.get(0).attach("yes");
        connections.get(2).attach("yes");
        Predicate<Connection> chosen = connection -> connection.attachment(String.class) != null;
        assertEquals(new BroadcastResult(2, 0, 0), result(manager().broadcast(Bytes.EMPTY, chosen)));
        assertEquals(
                List.of(connections.get(0), connections.get(2)),
                script.entries().stream()
                        .filter(entry -> entry.event() instanceof TcpEvent.Broadcast)
                        .map(Script.Entry::connection)
                        .toList());
        assertEquals(3, peers.size());
    }

    @Test
    void aFilterThatThrowsCountsAsNoAndIsReported() {
        for (Throwable broken : List.of(new IllegalStateException("broken filter"), new AssertionError("worse"))) {
            Script script = script();
            accepted(script);
            CompletableFuture<BroadcastResult> broadcast = manager().broadcast(Bytes.EMPTY, connection -> {
                if (broken instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) broken;
            });
            assertEquals(new BroadcastResult(0, 0, 0), result(broadcast));
            Failure failure = takeFailure();
            assertEquals(ErrorHook.Source.FILTER, failure.source());
            assertSame(script.connection(), failure.connection().orElseThrow());
            assertSame(broken, failure.thrown());
            assertTrue(script.connection().isOpen());
            script.connection().abort();
        }
    }

    @Test
    void aConnectionThatTheFilterEndsDoesNotHearIt() {
        Script script = script();
        accepted(script);
        CompletableFuture<BroadcastResult> broadcast = manager().broadcast(Bytes.EMPTY, connection -> {
            connection.abort();
            return true;
        });
        assertEquals(new BroadcastResult(0, 0, 0), result(broadcast));
        untilClosed(script);
        assertEquals(List.of("Opened", "Closed"), script.kinds());
    }

    @Test
    void aConnectionThatAnotherEndsMeanwhileDoesNotHearIt() {
        Script script = script();
        script.on(
                TcpEvent.Broadcast.class,
                (connection, event) -> script.connections().stream()
                        .filter(other -> other != connection)
                        .forEach(Connection::abort));
        List<Peer> peers = Stream.generate(() -> accepted(script)).limit(4).toList();
        assertEquals(new BroadcastResult(1, 0, 0), result(manager().broadcast(Bytes.EMPTY)));
        until("the others to end", () -> script.count(TcpEvent.Closed.class) == 3);
        assertEquals(1, script.count(TcpEvent.Broadcast.class));
        assertEquals(1, manager().connections().size());
        assertEquals(4, peers.size());
    }

    @Test
    void aReceiverThatThrowsDoesNotKeepItFromTheOthers() {
        Script broken = script().on(TcpEvent.Broadcast.class, (connection, event) -> {
            throw new IllegalStateException("broken handler");
        });
        accepted(broken);
        Script healthy = script();
        accepted(healthy);
        assertEquals(new BroadcastResult(2, 0, 0), result(manager().broadcast(Bytes.EMPTY)));
        assertTrue(healthy.has(TcpEvent.Broadcast.class));
        assertEquals(Kind.HANDLER_FAILED, broken.errorKind());
        takeFailure();
    }

    // ---- in which order

    @Test
    void allHearAllInTheSameOrder() {
        Script script = script();
        List<Peer> peers = Stream.generate(() -> accepted(script)).limit(3).toList();
        List<CompletableFuture<BroadcastResult>> results = new ArrayList<>();
        script.on(TcpEvent.Broadcast.class, (connection, event) -> {
            if (event.bytes().utf8().equals("1")
                    && connection == script.connections().get(0)) {
                results.add(manager().broadcast(Bytes.utf8("caused by 1")));
            }
        });
        inTurn(() -> {
            results.add(manager().broadcast(Bytes.utf8("1")));
            results.add(manager().broadcast(Bytes.utf8("2")));
        });
        until("three broadcasts", () -> script.count(TcpEvent.Broadcast.class) == 9);
        for (Connection each : script.connections()) {
            List<String> heard = script.eventsOf(each).stream()
                    .filter(TcpEvent.Broadcast.class::isInstance)
                    .map(event -> ((TcpEvent.Broadcast) event).bytes().utf8())
                    .toList();
            assertEquals(List.of("1", "2", "caused by 1"), heard);
        }
        assertEquals(3, peers.size());
    }

    @Test
    void fromAHandlerItComesAfterTheHandlerInTheSameTurn() {
        List<Long> turns = new ArrayList<>();
        Script script = script();
        script.on(TcpEvent.Received.class, (connection, event) -> {
            script.take(connection, event);
            manager().broadcast(Bytes.utf8("heard " + script.text()));
            turns.add(manager().statistics().turns());
            assertFalse(script.has(TcpEvent.Broadcast.class), "never nested");
        });
        script.on(
                TcpEvent.Broadcast.class,
                (connection, event) -> turns.add(manager().statistics().turns()));
        accepted(script).send("x");
        until("the broadcast", () -> script.has(TcpEvent.Broadcast.class));
        assertEquals(List.of("heard x"), messages(script));
        assertEquals(turns.get(0), turns.get(1));
    }

    // ---- how large

    @Test
    void theLimitIsAllowedAndNoMore() {
        use(options -> options.broadcastLimit(100));
        Script script = script();
        accepted(script);
        BroadcastLimitException thrown =
                assertThrows(BroadcastLimitException.class, () -> manager().broadcast(Bytes.copyOf(pattern(101))));
        assertTrue(thrown.getMessage().contains("101") && thrown.getMessage().contains("100"), thrown::getMessage);
        assertEquals(new BroadcastResult(1, 0, 0), result(manager().broadcast(Bytes.copyOf(pattern(100)))));
        assertEquals(new BroadcastResult(1, 0, 0), result(manager().broadcast(Bytes.EMPTY)));
        settle();
        assertEquals(2, script.count(TcpEvent.Broadcast.class));
    }

    // ---- who is slow

    private static final int HIGH = 100_000;

    /** A connection above its high-water mark: more waits than its sockets hold. */
    private Script slow(Change<ConnectionOptions.Builder> change) {
        Script script = script();
        accepted(
                        listening(options -> {
                            options.sendBufferBytes(SMALL_PEER.sendBufferBytes())
                                    .highWaterMark(HIGH)
                                    .lowWaterMark(1);
                            change.apply(options);
                        }),
                        SMALL_PEER,
                        script)
                .stopReading();
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)));
        settle();
        assertFalse(script.connection().isWritable());
        return script;
    }

    @Test
    void aSlowReceiverGoesWithoutByDefault() {
        Script slow = slow(options -> {});
        Script healthy = script();
        accepted(healthy);
        assertEquals(new BroadcastResult(1, 1, 0), result(manager().broadcast(Bytes.utf8("news"))));
        assertFalse(slow.has(TcpEvent.Broadcast.class));
        assertTrue(slow.connection().isOpen());
        assertTrue(healthy.has(TcpEvent.Broadcast.class));
    }

    @Test
    void aSlowReceiverIsClosedIfItsOptionsSaySo() {
        Script slow = slow(options -> options.slowReceiver(SlowReceiverPolicy.CLOSE));
        Script healthy = script();
        accepted(healthy);
        assertEquals(new BroadcastResult(1, 0, 1), result(manager().broadcast(Bytes.utf8("news"))));
        untilClosed(slow);
        assertFalse(slow.has(TcpEvent.Broadcast.class));
        assertEquals(Kind.SLOW_RECEIVER, slow.errorKind());
        assertEquals(Initiator.MANAGER, slow.closeReason().initiator());
        assertTrue(healthy.connection().isOpen());
    }

    @Test
    void aSlowReceiverHearsItWhileItsSendLimitHasRoomIfItsOptionsSaySo() {
        Script slow =
                slow(options -> options.slowReceiver(SlowReceiverPolicy.KEEP).sendLimit(MORE_THAN_FITS));
        Connection connection = slow.connection();
        int room = MORE_THAN_FITS - connection.pendingBytes();
        assertEquals(new BroadcastResult(1, 0, 0), result(manager().broadcast(Bytes.copyOf(new byte[room]))));
        assertEquals(new BroadcastResult(0, 1, 0), result(manager().broadcast(Bytes.copyOf(new byte[room + 1]))));
        assertEquals(1, slow.count(TcpEvent.Broadcast.class));
        assertTrue(connection.isOpen());
    }

    @Test
    void whoIsAtTheMarkIsNotSlow() {
        Script script = script();
        accepted(listening(options -> options.highWaterMark(10).lowWaterMark(1)), script);
        inTurn(() -> {
            script.connection().send(pattern(10));
            manager().broadcast(Bytes.EMPTY);
        });
        until("the broadcast", () -> script.has(TcpEvent.Broadcast.class));
    }

    @Test
    void whoWasSlowAndIsNotAnyMoreHearsTheNext() {
        Script script = script();
        Peer peer = accepted(
                        listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())
                                .highWaterMark(HIGH)
                                .lowWaterMark(1)),
                        SMALL_PEER,
                        script)
                .stopReading();
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)));
        settle();
        assertEquals(new BroadcastResult(0, 1, 0), result(manager().broadcast(Bytes.utf8("missed"))));
        peer.startReading();
        until("Drained", () -> script.has(TcpEvent.Drained.class));
        assertEquals(new BroadcastResult(1, 0, 0), result(manager().broadcast(Bytes.utf8("heard"))));
        assertEquals(List.of("heard"), messages(script));
    }
}
