package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectionState;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.ListenOptions;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** One turn after the other: waiting, waking, tasks, and what an idle loop costs. */
abstract class LoopRules extends ManagerRules {
    // ---- a turn

    @Test
    void aTurnWithoutAWaitDoesNotBlock() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        assertEquals(0, manager().runOnce(Duration.ZERO));
        assertEquals(List.of(0L), List.copyOf(transport.waits));
    }

    @Test
    void aTurnTellsHowMuchItDid() {
        manager().post(() -> {});
        manager().post(() -> {});
        assertEquals(2, manager().runOnce(Duration.ZERO));
        assertEquals(0, manager().runOnce(Duration.ZERO));
    }

    @Test
    void aNegativeWaitIsMisuse() {
        assertThrows(IllegalArgumentException.class, () -> manager().runOnce(Duration.ofNanos(-1)));
    }

    @Test
    void nobodyDrivesFromInsideACallback() {
        List<Throwable> thrown = new ArrayList<>();
        inTurn(() -> thrown.add(
                assertThrows(IllegalStateException.class, () -> manager().runOnce(Duration.ZERO))));
        assertTrue(
                thrown.get(0).getMessage().contains("driven already"),
                thrown.get(0).getMessage());
    }

    @Test
    void timeStandsStillDuringATurn() {
        List<Long> times = new ArrayList<>();
        manager().post(() -> times.add(manager().nanoTime()));
        manager().post(() -> times.add(manager().nanoTime()));
        manager().runOnce(Duration.ZERO);
        assertEquals(times.get(0), times.get(1));
        assertTrue(manager().nanoTime() >= times.get(1), "monotonic");
    }

    @Test
    void aForeignLoopMaySleepUntilTheNearestTimer() {
        assertEquals(Optional.empty(), manager().timeToNextTimer());
        manager().schedule(LONG, () -> {});
        Duration toGo = manager().timeToNextTimer().orElseThrow();
        assertTrue(toGo.compareTo(LONG) <= 0 && toGo.compareTo(LONG.minusMinutes(1)) > 0, toGo::toString);
        manager().schedule(Duration.ZERO, () -> {});
        assertEquals(Optional.of(Duration.ZERO), manager().timeToNextTimer());
    }

    /** Beginning another turn for it would ask the system once more, in vain. */
    @Test
    void whatIsPostedDuringAWaitRunsInTheSameTurn() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        List<Long> turns = new ArrayList<>();
        transport.during(
                () -> manager().post(() -> turns.add(manager().statistics().turns())));
        assertEquals(1, manager().runOnce(Duration.ZERO));
        assertEquals(List.of(1L), turns);
        assertEquals(List.of(0L), List.copyOf(transport.waits));
    }

    /** As workers do whose tasks end while it has others to serve. */
    @Test
    void whoPostsToABusyLoopDoesNotWakeIt() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        int[] wakes = new int[2];
        manager().post(() -> {
            wakes[0] = transport.wakes.get();
            manager().post(() -> {});
            manager().post(() -> {});
            wakes[1] = transport.wakes.get();
        });
        assertEquals(1, transport.wakes.get(), "nobody drives it yet");
        assertEquals(3, manager().runOnce(Duration.ZERO));
        assertEquals(wakes[0], wakes[1]);
    }

    // ---- an idle loop

    @Test
    void idleConnectionsAndAcceptorsMakeNoWork() {
        Script script = script();
        manager().listen(arm.host() + ":0", script());
        accepted(script);
        settle();
        assertEquals(0, manager().runOnce(Duration.ZERO));
    }

    @Test
    void aPausedConnectionWithWaitingInputMakesNoWork() {
        Script script = script().on(TcpEvent.Opened.class, (connection, event) -> connection.pauseReading());
        accepted(script).send("waits").shutdownOutput();
        settle();
        assertEquals(0, manager().runOnce(Duration.ZERO));
        assertFalse(script.has(TcpEvent.Received.class));
    }

    @Test
    void aFullReceiveBufferMakesNoWork() {
        Script script = script().leavingInput();
        accepted(listening(options -> options.receiveLimit(4)), script).send("more than four");
        until("the first four bytes", () -> script.has(TcpEvent.Received.class));
        settle();
        assertEquals(0, manager().runOnce(Duration.ZERO));
        assertEquals(1, script.count(TcpEvent.Received.class));
    }

    @Test
    void aHalfClosedConnectionMakesNoWork() {
        Script script = script();
        accepted(listening(options -> options.halfClose(true)), script).shutdownOutput();
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        settle();
        assertEquals(0, manager().runOnce(Duration.ZERO));
        assertEquals(ConnectionState.OPEN, script.connection().state());
    }

    @Test
    void aSlowPeerMakesNoWork() {
        Script script = script();
        accepted(listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())), SMALL_PEER, script)
                .stopReading();
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)));
        settle();
        assertEquals(0, manager().runOnce(Duration.ZERO));
        assertTrue(script.connection().pendingBytes() > 0);
    }

    @Test
    void aPausingAcceptorMakesNoWork() {
        Script script = script();
        var acceptor = listen(ListenOptions.builder().maxConnections(1).build(), script);
        peer(acceptor);
        peer(acceptor);
        until("one of the two", script::isOpened);
        settle();
        assertEquals(0, manager().runOnce(Duration.ZERO));
        assertFalse(acceptor.isAccepting());
    }

    // ---- posted tasks

    @Test
    void tasksRunInTheOrderInWhichTheyWerePosted() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            manager().post(() -> order.add(number));
        }
        assertEquals(List.of(), order, "not before the next turn");
        until("three tasks", () -> order.size() == 3);
        assertEquals(List.of(0, 1, 2), order);
    }

    @Test
    void aTaskPostedByATaskRunsBehindThoseThatWait() {
        List<String> order = new ArrayList<>();
        manager().post(() -> {
            manager().post(() -> order.add("posted by the first"));
            order.add("first");
        });
        manager().post(() -> order.add("second"));
        until("three tasks", () -> order.size() == 3);
        assertEquals(List.of("first", "second", "posted by the first"), order);
    }

    @Test
    void aTurnRunsNoMoreTasksThanItMay() {
        use(options -> options.tasksPerTurn(2));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            manager().post(() -> order.add(number));
        }
        manager().runOnce(Duration.ZERO);
        assertEquals(List.of(0, 1), order);
        manager().runOnce(Duration.ZERO);
        assertEquals(List.of(0, 1, 2), order);
    }

    @Test
    void theMailboxTakesItsLimitAndNoMore() {
        use(options -> options.mailboxLimit(2));
        List<String> order = new ArrayList<>();
        manager().post(() -> order.add("first"));
        manager().post(() -> order.add("second"));
        assertEquals(2, manager().statistics().waitingTasks());
        assertThrows(RejectedExecutionException.class, () -> manager().post(() -> order.add("third")));
        assertThrows(RejectedExecutionException.class, () -> manager().submit(() -> order.add("fourth")));
        manager().runOnce(Duration.ZERO);
        manager().post(() -> order.add("fifth"));
        manager().runOnce(Duration.ZERO);
        assertEquals(List.of("first", "second", "fifth"), order);
    }

    @Test
    void aTaskThatThrowsIsReportedOnceAndTheNextOneRuns() {
        List<String> order = new ArrayList<>();
        IllegalStateException broken = new IllegalStateException("broken task");
        manager().post(() -> {
            throw broken;
        });
        manager().post(() -> order.add("next"));
        until("the next task", () -> order.size() == 1);
        Failure failure = takeFailure();
        assertEquals(ErrorHook.Source.TASK, failure.source());
        assertEquals(Optional.empty(), failure.connection());
        assertSame(broken, failure.thrown());
    }

    @Test
    void anErrorHookThatThrowsHarmsNobody() {
        use(options -> options.errorHook((source, connection, failure) -> {
            throw new IllegalStateException("broken hook");
        }));
        boolean[] ran = new boolean[1];
        manager().post(() -> {
            throw new IllegalStateException("broken task");
        });
        manager().post(() -> ran[0] = true);
        until("the next task", () -> ran[0]);
    }

    @Test
    void submitTellsTheResult() {
        CompletableFuture<String> result = manager().submit(() -> "result");
        assertFalse(result.isDone(), "not before the next turn");
        until("the result", result::isDone);
        assertEquals("result", result.join());
    }

    @Test
    void submitTellsTheFailureToItsCallerOnly() {
        IllegalStateException broken = new IllegalStateException("broken task");
        CompletableFuture<String> result = manager().submit(() -> {
            throw broken;
        });
        until("the failure", result::isDone);
        assertSame(broken, assertThrows(CompletionException.class, result::join).getCause());
    }

    // ---- tasks that block

    @Test
    void aTaskThatBlocksRunsElsewhereAndItsResultIsToldOnTheLoop() {
        use(options -> options.mailboxLimit(1));
        List<String> order = new ArrayList<>();
        CompletableFuture<Void> told = manager()
                .submitBlocking(() -> {
                    order.add("ran, " + (arm.isVirtual() || !manager().inLoop()));
                    return "result";
                })
                .thenAccept(result -> order.add(result + ", " + manager().inLoop()));
        assertFalse(told.isDone(), "not before the loop has turned");
        until("the result", told::isDone);
        assertEquals(List.of("ran, true", "result, true"), order);
    }

    @Test
    void whatATaskThatBlocksThrowsIsToldToItsCallerOnly() {
        IllegalStateException broken = new IllegalStateException("broken task");
        CompletableFuture<String> result = manager().submitBlocking(() -> {
            throw broken;
        });
        until("the failure", result::isDone);
        assertSame(broken, assertThrows(CompletionException.class, result::join).getCause());
    }

    @Test
    void ifEveryWorkerIsBusyThatIsToldOnTheLoopToo() {
        use(options -> {}, runtime -> BusyWorkers.full(runtime).in(runtime));
        CompletableFuture<String> result = manager().submitBlocking(() -> "");
        assertFalse(result.isDone());
        until("the refusal", result::isDone);
        assertTrue(
                assertThrows(CompletionException.class, result::join).getCause() instanceof RejectedExecutionException);
    }

    @Test
    void aTaskThatBlocksIsNotTakenByAClosedManager() {
        manager().close();
        assertThrows(ManagerClosedException.class, () -> manager().submitBlocking(() -> ""));
    }

    // ---- what hangs on a manager

    @Test
    void aManagerCarriesAnAttachment() {
        assertNull(manager().attachment(String.class));
        manager().attach("ours");
        assertEquals("ours", manager().attachment(String.class));
        assertThrows(ClassCastException.class, () -> manager().attachment(Integer.class));
        manager().attach(null);
        assertNull(manager().attachment(String.class));
    }

    @Test
    void aManagerKnowsItsOptionsAndItsRuntime() {
        EventManager named = use(options -> options.name("suricate"));
        assertEquals("suricate", named.options().name());
        assertTrue(named.toString().contains("suricate"));
        Duration apart =
                Duration.between(named.wallTime(), named.runtime().time().wallTime());
        assertTrue(apart.abs().compareTo(Duration.ofMinutes(1)) < 0, apart::toString);
    }
}
