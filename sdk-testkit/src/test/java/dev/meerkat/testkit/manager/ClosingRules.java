package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.BroadcastResult;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ErrorHook;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.Timer;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The end of a manager: everybody is told once, what can leave leaves, and whoever comes later is told so. */
abstract class ClosingRules extends ManagerRules {
    private static final String NOBODY = "192.0.2.1";

    final FaultyTransport transport = new FaultyTransport();
    private final Names names = new Names();

    // ---- everybody is told

    @Test
    void everyLivingConnectionIsToldOnce() {
        use(options -> {}, runtime -> names.install(transport.install(runtime)));
        transport.silence(NOBODY);
        Script inbound = script();
        Peer accepted = accepted(inbound);
        Script outbound = script();
        Peer connected = connected(outbound);
        Script connecting = script();
        manager().connect(NOBODY + ":80", connecting);
        Script resolving = script();
        manager().connect("meerkat.example:80", resolving);
        Script ended = script();
        accepted(ended);
        ended.connection().abort();
        untilClosed(ended);
        until("the look-up", () -> !names.asked.isEmpty());

        manager().close();

        assertEquals(List.of("Opened", "Closed"), inbound.kinds());
        assertEquals(List.of("Opened", "Closed"), outbound.kinds());
        assertEquals(List.of("ConnectFailed", "Closed"), connecting.kinds());
        assertEquals(List.of("ConnectFailed", "Closed"), resolving.kinds());
        assertEquals(List.of("Opened", "Closed"), ended.kinds());
        assertEquals(CloseReason.clean(Initiator.MANAGER), inbound.closeReason());
        assertEquals(CloseReason.clean(Initiator.MANAGER), outbound.closeReason());
        for (Script failed : List.of(connecting, resolving)) {
            assertEquals(Kind.MANAGER_CLOSED, failed.errorKind());
            assertEquals(Initiator.MANAGER, failed.closeReason().initiator());
        }
        assertTrue(names.pending().isCancelled());
        until("both peers to learn of it", () -> accepted.hasEnded() && connected.hasEnded());
    }

    @Test
    void closingAndLingeringConnectionsAreToldToo() {
        Script closing = script();
        accepted(listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())), SMALL_PEER, closing)
                .stopReading();
        inTurn(() -> closing.connection().send(pattern(MORE_THAN_FITS)).close());
        Script lingering = script();
        Peer peer = accepted(listening(options -> options.lingerTimeout(LONG)), lingering);
        inTurn(() -> lingering.connection().close());
        until("the end", peer::hasEnded);
        manager().close();
        assertEquals(List.of("Opened", "Closed"), closing.kinds());
        assertEquals(List.of("Opened", "Closed"), lingering.kinds());
        assertEquals(Kind.MANAGER_CLOSED, closing.errorKind());
        assertTrue(lingering.closeReason().isClean());
    }

    @Test
    void closingInsideAHandlerTakesEffectAtTheEndOfTheTurn() {
        Script script = script();
        script.on(TcpEvent.Received.class, (connection, event) -> {
            event.take();
            manager().close();
            assertTrue(manager().isClosed());
            assertTrue(connection.isOpen(), "not yet");
            assertFalse(script.isClosed());
            connection.send("last words");
        });
        Script other = script();
        accepted(other);
        Peer peer = accepted(script).send("x");
        until("the end", peer::hasEnded);
        assertEquals("last words", peer.text());
        assertEquals(List.of("Opened", "Received", "Closed"), script.kinds());
        assertEquals(List.of("Opened", "Closed"), other.kinds());
    }

    @Test
    void closingInsideATimerTakesEffectAtTheEndOfTheTurn() {
        Script script = script();
        Peer peer = accepted(script);
        manager().schedule(SHORT, () -> {
            manager().close();
            assertTrue(script.connection().isOpen(), "not yet");
        });
        until("the end", peer::hasEnded);
        assertTrue(script.isClosed());
    }

    @Test
    void closingTwiceDoesNothingMore() {
        Script script = script().on(
                        TcpEvent.Closed.class, (connection, event) -> manager().close());
        accepted(script);
        manager().close();
        manager().close();
        assertEquals(List.of("Opened", "Closed"), script.kinds());
    }

    @Test
    void aManagerThatWasNeverDrivenCanBeClosed() {
        Script script = script();
        Acceptor acceptor = listen(script);
        Script connecting = script();
        manager().connect(NOBODY + ":80", connecting);
        manager().close();
        assertFalse(acceptor.isAccepting());
        assertEquals(List.of("ConnectFailed", "Closed"), connecting.kinds());
    }

    @Test
    void nobodyIsLetInAnyMore() {
        Acceptor acceptor = listen(script());
        manager().close();
        assertFalse(acceptor.isAccepting());
        if (arm.family() == Family.UNIX) {
            assertThrows(UncheckedIOException.class, () -> peer(acceptor)); // refused at once
            return;
        }
        Peer late = peer(acceptor);
        until("the refusal", () -> late.failure() != null);
    }

    // ---- what was sent

    @Test
    void whatWasSentAndFitsLeaves() {
        byte[] message = pattern(400_000);
        Script script = script();
        Peer peer = accepted(listening(options -> options.sendBufferBytes(1 << 20)), script);
        inTurn(() -> {
            script.connection().send(message);
            manager().close();
        });
        assertEquals(CloseReason.clean(Initiator.MANAGER), script.closeReason());
        until("the end", peer::hasEnded);
        assertArrayEquals(message, peer.received());
    }

    @Test
    void whatDoesNotFitIsLostAndSaidSo() {
        Script script = script();
        accepted(listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())), SMALL_PEER, script)
                .stopReading();
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)));
        settle();
        manager().close();
        assertEquals(Kind.MANAGER_CLOSED, script.errorKind());
        assertEquals(Initiator.MANAGER, script.closeReason().initiator());
    }

    // ---- what was asked for

    @Test
    void tasksThatWereAcceptedRun() {
        List<String> ran = new ArrayList<>();
        manager().post(() -> {
            ran.add("posted");
            assertThrows(ManagerClosedException.class, () -> manager().post(() -> ran.add("too late")));
        });
        CompletableFuture<String> submitted = manager().submit(() -> "submitted");
        manager().close();
        assertEquals(List.of("posted"), ran);
        assertEquals("submitted", submitted.join());
    }

    @Test
    void aBroadcastThatWasAcceptedIsDelivered() {
        Script script = script();
        accepted(script);
        CompletableFuture<BroadcastResult> result = manager().broadcast(Bytes.utf8("closing time"));
        manager().close();
        assertEquals(new BroadcastResult(1, 0, 0), result.join());
        assertEquals(List.of("Opened", "Broadcast", "Closed"), script.kinds());
    }

    @Test
    void timersDoNotFireAnyMore() {
        List<String> fired = new ArrayList<>();
        Timer timer = manager().schedule(Duration.ZERO, () -> fired.add("once"));
        Timer repeated =
                manager().scheduleAtFixedRate(Duration.ZERO, SHORT, Timer.Overrun.SKIP, () -> fired.add("repeated"));
        manager().close();
        assertEquals(List.of(), fired);
        assertFalse(timer.isArmed());
        assertFalse(repeated.isArmed());
        assertFalse(timer.cancel());
    }

    // ---- use after close

    @Test
    void useAfterCloseIsTyped() {
        manager().close();
        assertTrue(manager().isClosed());
        List<Executable> uses = List.of(
                () -> manager().listen(arm.host() + ":0", script()),
                () -> manager().connect(NOBODY + ":80", script()),
                () -> manager().runOnce(Duration.ZERO),
                () -> manager().post(() -> {}),
                () -> manager().submit(() -> ""),
                () -> manager().broadcast(Bytes.EMPTY),
                () -> manager().schedule(SHORT, () -> {}),
                () -> manager().scheduleAtFixedRate(SHORT, SHORT, Timer.Overrun.SKIP, () -> {}));
        for (Executable use : uses) {
            ManagerClosedException thrown = assertThrows(ManagerClosedException.class, use);
            assertTrue(thrown.getMessage().contains(manager().toString()), thrown::getMessage);
        }
    }

    @Test
    void whatIsLeftMayBeAskedAndEndedAfterClose() {
        Script script = script();
        Acceptor acceptor = listen(script);
        peer(acceptor);
        until("a connection", script::isOpened);
        Connection connection = script.connection();
        manager().close();
        manager().wake();
        manager().stop();
        acceptor.close();
        connection.close();
        connection.abort();
        assertThrows(ConnectionClosedException.class, () -> connection.send("too late"));
        assertEquals(List.of(), manager().connections());
        assertEquals(Optional.empty(), manager().connection(connection.id()));
        assertEquals(Optional.empty(), manager().timeToNextTimer());
        assertEquals(Optional.empty(), connection.setTimer(SHORT));
        assertEquals(0, acceptor.connectionCount());
        assertEquals(2, script.entries().size());
    }

    @Test
    void aHandlerThatThrowsWhenItHearsOfTheEndHarmsNobody() {
        Script broken = script().on(TcpEvent.Closed.class, (connection, event) -> {
            throw new IllegalStateException("broken handler");
        });
        accepted(broken);
        Script other = script();
        accepted(other);
        manager().close();
        assertTrue(broken.isClosed() && other.isClosed());
        assertEquals(ErrorHook.Source.HANDLER, takeFailure().source());
    }

    @Test
    void whoConnectsAgainWhenItHearsOfTheEndIsRefused() {
        List<Throwable> refused = new ArrayList<>();
        Script script = script().on(
                        TcpEvent.Closed.class,
                        (connection, event) -> refused.add(assertThrows(
                                ManagerClosedException.class, () -> manager().connect(NOBODY + ":80", script()))));
        accepted(script);
        manager().close();
        assertEquals(1, refused.size());
    }

    // ---- a transport that breaks

    @Test
    void aTransportThatKeepsFailingClosesTheManager() {
        use(options -> {}, transport::install);
        Script script = script();
        accepted(script);
        transport.failPolls();
        for (int turn = 0; turn < 100 && !manager().isClosed(); turn++) {
            manager().runOnce(Duration.ZERO);
        }
        assertTrue(manager().isClosed());
        assertTrue(script.isClosed());
        assertTrue(takeFailures().stream().allMatch(failure -> failure.source() == ErrorHook.Source.LOOP));
    }

    @Test
    void aTransportThatHasNoMemoryForAMomentEndsNothing() {
        use(options -> {}, transport::install);
        Script script = script();
        Peer peer = accepted(script);
        transport.during(() -> {
            throw new OutOfMemoryError("for a moment");
        });
        peer.send("x");
        until("what was sent to arrive", () -> script.text().equals("x"));
        assertEquals(ErrorHook.Source.LOOP, takeFailure().source());
    }
}
