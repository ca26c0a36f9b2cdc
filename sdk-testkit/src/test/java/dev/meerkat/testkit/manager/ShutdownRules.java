package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.CloseHook;
import dev.meerkat.ErrorHook;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.ShutdownResult;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The graceful end of a manager, and what runs when it closes. */
abstract class ShutdownRules extends ManagerRules {
    private static final Duration LONG = Duration.ofHours(1);

    private static ShutdownResult resultOf(CompletableFuture<ShutdownResult> future) {
        assertTrue(future.isDone());
        return future.join();
    }

    // ---- graceful end

    @Test
    void connectionsAreToldAndTheLastToEndClosesTheManager() {
        Script polite = script().on(
                        TcpEvent.ShuttingDown.class,
                        (connection, event) -> connection.send("bye").close());
        Peer one = accepted(polite);
        Script slow = script();
        Peer two = accepted(slow);
        CompletableFuture<ShutdownResult> result = manager().shutdown(LONG);
        until("the goodbye", () -> one.hasEnded() && slow.has(TcpEvent.ShuttingDown.class));
        assertEquals("bye", one.text());
        one.close();
        settle();
        assertFalse(manager().isClosed(), "one is left");
        assertFalse(result.isDone());
        two.shutdownOutput();
        until("the end", result::isDone);
        assertEquals(new ShutdownResult(2, 0), resultOf(result));
        assertTrue(manager().isClosed());
        assertEquals(List.of("Opened", "ShuttingDown", "InputClosed", "Closed"), slow.kinds());
    }

    @Test
    void whoIsLeftAtTheDeadlineIsCutAndCounted() {
        Script ending = script().on(TcpEvent.ShuttingDown.class, (connection, event) -> connection.abort());
        accepted(ending);
        Script staying = script();
        accepted(staying);
        accepted(staying);
        CompletableFuture<ShutdownResult> result = manager().shutdown(Duration.ofMillis(20));
        until("the deadline", result::isDone);
        assertEquals(new ShutdownResult(1, 2), resultOf(result));
        assertEquals(2, staying.count(TcpEvent.ShuttingDown.class));
        assertEquals(2, staying.count(TcpEvent.Closed.class));
    }

    @Test
    void aManagerWithoutConnectionsClosesAtOnce() {
        CompletableFuture<ShutdownResult> result = manager().shutdown(LONG);
        until("the end", result::isDone);
        assertEquals(new ShutdownResult(0, 0), resultOf(result));
    }

    @Test
    void graceOfZeroClosesAtTheEndOfTheTurn() {
        Script script = script();
        accepted(script);
        CompletableFuture<ShutdownResult> result = manager().shutdown(Duration.ZERO);
        until("the end", result::isDone);
        assertEquals(new ShutdownResult(0, 1), resultOf(result));
        assertEquals(List.of("Opened", "ShuttingDown", "Closed"), script.kinds());
    }

    @Test
    void nobodyIsAcceptedAnyMoreButWhoWaitsAlready() {
        Script script = script();
        accepted(script);
        Script waiting = script();
        Acceptor acceptor = listen(waiting);
        Peer first = peer(acceptor);
        inTurn(() -> {
            // whether the peer has been accepted by now or waits: it is let in
            CompletableFuture<ShutdownResult> unused = manager().shutdown(LONG);
            assertThrows(IllegalArgumentException.class, () -> manager().shutdown(Duration.ofNanos(-1)));
        });
        until("ShuttingDown", () -> script.has(TcpEvent.ShuttingDown.class));
        assertFalse(acceptor.isAccepting());
        assertThrows(ManagerClosedException.class, () -> listen(script));
        Peer late = peer(acceptor);
        until("the refusal", () -> late.failure() != null);
        settle();
        assertEquals(first.isConnected() && first.failure() == null, waiting.isOpened());
        assertEquals(waiting.count(TcpEvent.Opened.class), waiting.count(TcpEvent.ShuttingDown.class));
    }

    @Test
    void aConnectionThatOpensMeanwhileIsToldBehindOpened() {
        Script keeping = script();
        accepted(keeping);
        CompletableFuture<ShutdownResult> result = manager().shutdown(LONG);
        until("ShuttingDown", () -> keeping.has(TcpEvent.ShuttingDown.class));
        Script outbound = script();
        connected(outbound);
        assertEquals(List.of("Opened", "ShuttingDown"), outbound.kinds());
        manager().close();
        assertEquals(new ShutdownResult(0, 2), resultOf(result));
    }

    @Test
    void aSecondCallMayBringTheEndNearerButNotFurtherAway() {
        Script script = script();
        accepted(script);
        CompletableFuture<ShutdownResult> first = manager().shutdown(LONG);
        CompletableFuture<ShutdownResult> second = manager().shutdown(Duration.ofMillis(5));
        CompletableFuture<ShutdownResult> third = manager().shutdown(LONG);
        until("the end", first::isDone);
        assertEquals(new ShutdownResult(0, 1), resultOf(first));
        assertEquals(resultOf(first), resultOf(second));
        assertEquals(resultOf(first), resultOf(third));
        assertEquals(1, script.count(TcpEvent.ShuttingDown.class));
    }

    @Test
    void closingMeanwhileEndsItAtOnce() {
        Script script = script();
        accepted(script);
        CompletableFuture<ShutdownResult> result = manager().shutdown(LONG);
        until("ShuttingDown", () -> script.has(TcpEvent.ShuttingDown.class));
        manager().close();
        assertEquals(new ShutdownResult(0, 1), resultOf(result));
        assertEquals(new ShutdownResult(0, 1), resultOf(manager().shutdown(LONG)));
    }

    @Test
    void ofAClosedManagerNothingIsLeft() {
        manager().close();
        assertEquals(new ShutdownResult(0, 0), resultOf(manager().shutdown(LONG)));
    }

    @Test
    void aHandlerThatConnectsAgainWhenItsConnectionEndsKeepsTheManager() {
        Script again = script();
        Script script = script().on(TcpEvent.ShuttingDown.class, (connection, event) -> connection.abort())
                .on(TcpEvent.Closed.class, (connection, event) -> manager().connect(arm.foreignHost() + ":9", again));
        accepted(script);
        CompletableFuture<ShutdownResult> result = manager().shutdown(LONG);
        untilClosed(script);
        manager().close();
        assertEquals(new ShutdownResult(1, 1), resultOf(result));
        assertEquals(List.of("ConnectFailed", "Closed"), again.kinds());
    }

    // ---- when it closes

    @Test
    void hooksRunInOrderAfterEveryClosedAndBeforeCloseReturns() {
        List<String> heard = new ArrayList<>();
        Script script = script().on(TcpEvent.Closed.class, (connection, event) -> heard.add("closed"));
        accepted(script);
        manager().onClose(() -> {
            heard.add("one");
            assertTrue(manager().inLoop());
            assertTrue(manager().isClosed());
            assertThrows(ManagerClosedException.class, () -> manager().schedule(Duration.ZERO, () -> {}));
        });
        CloseHook forgotten = manager().onClose(() -> heard.add("forgotten"));
        manager().onClose(() -> heard.add("two"));
        manager().post(() -> heard.add("task"));
        forgotten.cancel();
        forgotten.cancel();
        manager().close();
        assertEquals(List.of("task", "closed", "one", "two"), heard);
        manager().close();
        assertEquals(4, heard.size());
        assertThrows(ManagerClosedException.class, () -> manager().onClose(() -> {}));
    }

    @Test
    void aHookThatThrowsIsReportedAndKeepsNoOtherFromRunning() {
        List<String> heard = new ArrayList<>();
        RuntimeException failure = new RuntimeException("on purpose");
        manager().onClose(() -> {
            throw failure;
        });
        manager().onClose(() -> heard.add("other"));
        manager().close();
        assertEquals(List.of("other"), heard);
        Failure reported = takeFailure();
        assertSame(failure, reported.thrown());
        assertEquals(ErrorHook.Source.TASK, reported.source());
    }

    @Test
    void aHookMayCancelAnotherAndRegisterOneMore() {
        List<String> heard = new ArrayList<>();
        CloseHook[] other = new CloseHook[1];
        manager().onClose(() -> {
            other[0].cancel();
            manager().onClose(() -> heard.add("late"));
        });
        other[0] = manager().onClose(() -> heard.add("other"));
        manager().close();
        assertEquals(List.of("late"), heard);
    }

    @Test
    void thereIsALimitOfHooks() {
        CloseHook last = null;
        for (int i = 0; i < 1_000_000; i++) {
            last = manager().onClose(() -> {});
        }
        assertThrows(IllegalStateException.class, () -> manager().onClose(() -> {}));
        last.cancel();
        manager().onClose(() -> {});
    }
}
