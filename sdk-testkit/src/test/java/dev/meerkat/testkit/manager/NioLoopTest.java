package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.Timer;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.TimeSource;
import dev.meerkat.runtime.Workers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** On real sockets a loop also waits, and a thread of its own may run it. */
class NioLoopTest extends LoopRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    private final FaultyTransport transport = new FaultyTransport();

    /** As soon as the manager waits, another thread does something. */
    private Thread whenItWaits(Runnable action) {
        Thread thread = new Thread(() -> {
            try {
                while (transport.waits.take() == 0) {
                    // a turn that did not wait
                }
                action.run();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        thread.start();
        return thread;
    }

    // ---- waiting

    @Test
    void aWaitEndsWithTheNearestTimer() {
        use(options -> {}, transport::install);
        boolean[] fired = new boolean[1];
        manager().schedule(SHORT, () -> fired[0] = true);
        while (!fired[0]) {
            manager().runOnce(LONG);
        }
        assertTrue(transport.waits.peek() > 0 && transport.waits.peek() <= SHORT.toNanos(), transport.waits::toString);
        assertTrue(
                manager().statistics().turns() <= 3,
                "turns: " + manager().statistics().turns());
    }

    /**
     * A clock counts from anywhere; a deadline that is farther away than a number says is no reason to run in circles.
     */
    @Test
    void aDeadlineBeyondAllNumbersIsFarAway() {
        TimeSource early = new TimeSource() {
            @Override
            public long nanoTime() {
                return Long.MIN_VALUE / 2;
            }

            @Override
            public Instant wallTime() {
                return Instant.EPOCH;
            }
        };
        use(options -> {}, runtime -> {
            ManagerRuntime real = transport.install(runtime);
            return new ManagerRuntime(
                    real.transport(), early, real.resolver(), real.entropy(), real.workers(), real.probe());
        });
        manager().schedule(Duration.ofNanos(Long.MAX_VALUE), () -> {});
        manager().runOnce(Duration.ofMillis(2));
        assertEquals(Duration.ofMillis(2).toNanos(), transport.waits.peek());
        assertEquals(Optional.of(Duration.ofNanos(Long.MAX_VALUE)), manager().timeToNextTimer());
    }

    @Test
    void aWaitEndsWithAPostedTask() throws InterruptedException {
        use(options -> {}, transport::install);
        boolean[] ran = new boolean[1];
        Thread other = whenItWaits(() -> manager().post(() -> ran[0] = true));
        manager().runOnce(LONG);
        assertTrue(ran[0], "in the turn that has waited");
        other.join();
    }

    @Test
    void aWaitEndsWithAWakeUp() throws InterruptedException {
        use(options -> {}, transport::install);
        Thread other = whenItWaits(manager()::wake);
        assertEquals(0, manager().runOnce(LONG));
        other.join();
    }

    @Test
    void aWakeUpBeforeAWaitEndsTheNextOne() {
        manager().wake();
        assertEquals(0, manager().runOnce(LONG));
    }

    @Test
    void aWaitEndsWithInput() {
        Script script = script();
        Peer peer = accepted(script);
        settle();
        peer.send("now");
        while (!script.has(TcpEvent.Received.class)) {
            manager().runOnce(LONG);
        }
    }

    @Test
    void aTurnThatHasRunATaskDoesNotWaitAsWell() {
        boolean[] ran = new boolean[1];
        manager().post(() -> ran[0] = true);
        assertEquals(1, manager().runOnce(LONG));
        assertTrue(ran[0]);
    }

    @Test
    void anIdleRunWaitsWithoutLimitAndMakesNoTurns() throws InterruptedException {
        EventManager manager = use(options -> {}, transport::install);
        accepted(script());
        settle();
        arm.leaveAlone(manager);
        transport.waits.clear();
        manager.start();
        awaitUnlimitedWait();
        transport.waits.clear();
        manager.wake();
        awaitUnlimitedWait();
        assertTrue(transport.waits.isEmpty(), "one wake-up, one turn");
        manager.close();
    }

    private void awaitUnlimitedWait() throws InterruptedException {
        Long wait = transport.waits.take();
        while (wait >= 0) {
            wait = transport.waits.take();
        }
    }

    // ---- running

    @Test
    void stopEndsARunAndItMayRunAgain() {
        List<String> order = new ArrayList<>();
        manager().post(() -> {
            order.add("first run");
            manager().stop();
        });
        manager().run();
        manager().post(() -> {
            order.add("second run");
            manager().stop();
        });
        manager().run();
        assertEquals(List.of("first run", "second run"), order);
        assertFalse(manager().isClosed());
    }

    @Test
    void stopFromAnotherThreadEndsARun() throws InterruptedException {
        use(options -> {}, transport::install);
        Thread other = whenItWaits(manager()::stop);
        manager().run();
        other.join();
    }

    @Test
    void closingInsideATaskEndsARun() {
        manager().post(() -> manager().close());
        manager().run();
        assertTrue(manager().isClosed());
    }

    @Test
    void anInterruptedRunDoesNotSpin() {
        EventManager manager = use(options -> {}, transport::install);
        Thread.currentThread().interrupt();
        manager.run();
        assertTrue(Thread.interrupted(), "the interrupt belongs to the caller");
        assertFalse(manager.isClosed());
        assertTrue(transport.waits.size() <= 2, transport.waits::toString);
    }

    @Test
    void startRunsOnANamedThreadOfItsOwn() throws Exception {
        EventManager manager = use(options -> options.name("suricate"));
        arm.leaveAlone(manager);
        assertTrue(manager.inLoop());
        manager.start();
        assertFalse(manager.inLoop());
        assertEquals(
                "suricate",
                manager.submit(() -> Thread.currentThread().getName()).get(20, TimeUnit.SECONDS));
        assertTrue(manager.submit(manager::inLoop).get(20, TimeUnit.SECONDS));
        manager.close();
    }

    @Test
    void aManagerIsStartedOnce() {
        EventManager manager = manager();
        arm.leaveAlone(manager);
        manager.start();
        assertThrows(IllegalStateException.class, manager::start);
        manager.close();
    }

    @Test
    void closingBeforeTheThreadHasBegunEndsItQuietly() throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        AtomicReference<Throwable> uncaught = new AtomicReference<>();
        AtomicReference<Thread> started = new AtomicReference<>();
        EventManager manager = use(
                options -> {},
                runtime -> withWorkers(runtime, new Workers() {
                    @Override
                    public <T> CompletableFuture<T> submit(Callable<T> task) {
                        return runtime.workers().submit(task);
                    }

                    @Override
                    public Thread startLoop(String name, Runnable loop) {
                        Thread thread = new Thread(() -> {
                            try {
                                closed.await();
                                loop.run();
                            } catch (Throwable e) {
                                uncaught.set(e);
                            }
                        });
                        started.set(thread);
                        thread.start();
                        return thread;
                    }

                    @Override
                    public void close() {
                        runtime.workers().close();
                    }
                }));
        arm.leaveAlone(manager);
        manager.start();
        manager.close();
        closed.countDown();
        started.get().join();
        assertNull(uncaught.get());
    }

    private static ManagerRuntime withWorkers(ManagerRuntime runtime, Workers workers) {
        return new ManagerRuntime(
                runtime.transport(), runtime.time(), runtime.resolver(), runtime.entropy(), workers, runtime.probe());
    }

    // ---- whose thread it is

    @Test
    void whoeverDrivesOwnsTheManager() {
        EventManager manager = manager();
        arm.leaveAlone(manager);
        assertTrue(Threads.elsewhere(() -> {
            assertThrows(WrongThreadException.class, manager::connections);
            manager.runOnce(Duration.ZERO);
            return manager.connections().isEmpty();
        }));
        assertThrows(WrongThreadException.class, manager::connections);
        manager.runOnce(Duration.ZERO);
        assertEquals(List.of(), manager.connections());
    }

    @Test
    void timersBelongToTheLoopToo() {
        Timer timer = manager().schedule(LONG, () -> {});
        Threads.elsewhere(() -> {
            assertThrows(WrongThreadException.class, timer::cancel);
            assertThrows(WrongThreadException.class, timer::isArmed);
            return assertThrows(WrongThreadException.class, timer::deadlineNanos);
        });
        assertTrue(timer.cancel());
    }

    @Test
    void twoThreadsDoNotDriveAtOnce() throws InterruptedException {
        EventManager manager = use(options -> {}, transport::install);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread other = whenItWaits(() -> {
            thrown.set(assertThrows(WrongThreadException.class, () -> manager.runOnce(Duration.ZERO)));
            manager.wake();
        });
        manager.runOnce(LONG);
        other.join();
        assertTrue(thrown.get().getMessage().contains(Thread.currentThread().getName()), thrown.get()::getMessage);
    }

    @Test
    void managersOnTheirOwnThreadsShareNothing() throws Exception {
        int pairs = 4;
        int rounds = 200;
        List<EventManager> started = new ArrayList<>();
        List<CompletableFuture<Integer>> results = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            EventManager manager = EventManager.create(
                    ManagerOptions.builder().name("manager-" + i).build());
            started.add(manager);
            results.add(pingPong(manager, rounds));
        }
        for (CompletableFuture<Integer> result : results) {
            assertEquals(rounds, result.get(20, TimeUnit.SECONDS));
        }
        for (EventManager manager : started) {
            assertEquals(2, manager.submit(() -> manager.connections().size()).get(20, TimeUnit.SECONDS));
            manager.close();
        }
    }

    @Test
    void createMakesAManagerOfDefaultsOnRealSockets() {
        try (EventManager manager = EventManager.create()) {
            assertEquals(ManagerOptions.DEFAULT, manager.options());
            boolean[] opened = new boolean[1];
            Acceptor acceptor = manager.listen("127.0.0.1:0", (connection, event) -> {});
            manager.connect("127.0.0.1:" + acceptor.port(), (connection, event) -> opened[0] = connection.isOpen());
            while (!opened[0]) {
                manager.runOnce(LONG);
            }
        }
    }

    /** A conversation of a manager with itself, on a thread of its own. */
    private static CompletableFuture<Integer> pingPong(EventManager manager, int rounds) {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        Acceptor acceptor = manager.listen("127.0.0.1:0", (connection, event) -> {
            if (event instanceof TcpEvent.Received received) {
                connection.send(received.buffer());
            }
        });
        int[] done = new int[1];
        manager.connect("127.0.0.1:" + acceptor.port(), (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                connection.send("x");
            } else if (event instanceof TcpEvent.Received received) {
                received.take();
                if (++done[0] == rounds) {
                    result.complete(done[0]);
                } else {
                    connection.send("x");
                }
            }
        });
        manager.start();
        return result;
    }
}
