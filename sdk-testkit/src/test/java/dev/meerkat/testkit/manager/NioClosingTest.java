package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.event.TcpEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** With real sockets the one who closes may be another thread than the one that runs. */
class NioClosingTest extends ClosingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void aClosedManagerDoesNotRun() {
        manager().close();
        assertThrows(ManagerClosedException.class, () -> manager().run());
        assertThrows(ManagerClosedException.class, () -> manager().start());
    }

    @Test
    void closingFromAnotherThreadReturnsWhenEverybodyHasBeenTold() throws InterruptedException {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch opened = new CountDownLatch(6);
        EventManager manager = use(options -> options.name("suricate"));
        arm.leaveAlone(manager);
        Acceptor acceptor = manager.listen("127.0.0.1:0", (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                opened.countDown();
            } else if (event instanceof TcpEvent.Closed) {
                told.add(Thread.currentThread().getName());
            }
        });
        for (int i = 0; i < 3; i++) {
            manager.connect("127.0.0.1:" + acceptor.port(), (connection, event) -> {
                if (event instanceof TcpEvent.Opened) {
                    opened.countDown();
                } else if (event instanceof TcpEvent.Closed) {
                    told.add(Thread.currentThread().getName());
                }
            });
        }
        manager.start();
        opened.await(20, TimeUnit.SECONDS);
        manager.close();
        assertEquals(Collections.nCopies(6, "suricate"), told);
        manager.close();
    }

    @Test
    void aManagerWhoseThreadHasDiedIsClosed() throws InterruptedException {
        use(options -> {}, transport::install);
        CountDownLatch told = new CountDownLatch(1);
        accepted(script().on(TcpEvent.Closed.class, (connection, event) -> told.countDown()));
        EventManager manager = manager();
        arm.leaveAlone(manager);
        transport.during(() -> {
            throw new InternalError("a bug");
        });
        manager.start();
        assertTrue(told.await(20, TimeUnit.SECONDS), "who is connected is told");
        assertTrue(manager.isClosed());
        manager.close();
    }

    @Test
    void severalThreadsMayCloseAtOnce() {
        Script script = script();
        accepted(script);
        EventManager manager = manager();
        arm.leaveAlone(manager);
        manager.start();
        List<CompletableFuture<Integer>> closers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            closers.add(Threads.start(() -> {
                manager.close();
                return script.count(TcpEvent.Closed.class);
            }));
        }
        closers.forEach(closer -> assertEquals(1, closer.join()));
    }

    @Test
    void anotherThreadMayCloseWhatNobodyDrives() {
        Script script = script();
        accepted(script);
        EventManager manager = manager();
        arm.leaveAlone(manager);
        Threads.elsewhere(() -> {
            manager.close();
            return null;
        });
        assertEquals(List.of("Opened", "Closed"), script.kinds());
    }

    @Test
    void whoIsInterruptedWhileClosingClosesAndStaysInterrupted() {
        Script script = script();
        accepted(script);
        EventManager manager = manager();
        arm.leaveAlone(manager);
        manager.start();
        Thread.currentThread().interrupt();
        manager.close();
        assertEquals(true, Thread.interrupted());
        assertEquals(1, script.count(TcpEvent.Closed.class));
    }

    @Test
    void everyTaskThatWasAcceptedRuns() {
        EventManager manager = manager();
        arm.leaveAlone(manager);
        AtomicInteger ran = new AtomicInteger();
        CountDownLatch posting = new CountDownLatch(3);
        List<CompletableFuture<Integer>> posters = new ArrayList<>();
        manager.start();
        for (int i = 0; i < 3; i++) {
            posters.add(Threads.start(() -> {
                int accepted = 0;
                try {
                    while (true) {
                        manager.post(ran::incrementAndGet);
                        accepted++;
                        posting.countDown();
                        Thread.onSpinWait();
                    }
                } catch (ManagerClosedException expected) {
                    return accepted;
                } catch (RejectedExecutionException full) {
                    return accepted;
                }
            }));
        }
        Threads.elsewhere(() -> posting.await(20, TimeUnit.SECONDS));
        manager.close();
        assertEquals(posters.stream().mapToInt(CompletableFuture::join).sum(), ran.get());
    }
}
