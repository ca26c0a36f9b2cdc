package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectOptions;
import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.GroupAcceptor;
import dev.meerkat.ManagerOptions;
import dev.meerkat.ShutdownResult;
import dev.meerkat.Spread;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NioGroupTest extends GroupRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Override
    void holdUp(EventManager manager) {
        arm.leaveAlone(manager);
    }

    @Override
    void letGo(EventManager manager) {
        for (int i = 0; i < 3; i++) {
            manager.runOnce(Duration.ZERO);
        }
    }

    @Test
    void aGroupHas1To1024Managers() {
        EventManagerGroup.Builder builder = EventManagerGroup.builder();
        assertThrows(IllegalArgumentException.class, () -> builder.managers(0));
        assertThrows(IllegalArgumentException.class, () -> builder.managers(1025));
        assertSame(builder, builder.managers(1024));
        try (EventManagerGroup one = builder.managers(1).build()) {
            assertEquals(1, one.managers().size());
        }
        try (EventManagerGroup asProcessors = EventManagerGroup.create()) {
            assertEquals(
                    Runtime.getRuntime().availableProcessors(),
                    asProcessors.managers().size());
        }
    }

    /** Threads of its own, sockets of the machine's, whatever way it takes by itself. */
    @Test
    void aStartedGroupServesOnItsThreads() throws Exception {
        for (Spread spread : Spread.values()) {
            Set<String> threads = ConcurrentHashMap.newKeySet();
            CountDownLatch echoed = new CountDownLatch(30);
            try (EventManagerGroup group = EventManagerGroup.builder()
                    .managers(2)
                    .spread(spread)
                    .options(ManagerOptions.builder().name("served").build())
                    .build()
                    .start()) {
                GroupAcceptor acceptor = group.listen("127.0.0.1:0", (connection, event) -> {
                    if (event instanceof TcpEvent.Received received) {
                        threads.add(Thread.currentThread().getName());
                        connection.send(received.take());
                    }
                });
                for (int i = 0; i < 30; i++) {
                    group.connect("127.0.0.1:" + acceptor.port(), ConnectOptions.DEFAULT, (connection, event) -> {
                        if (event instanceof TcpEvent.Opened) {
                            connection.send("x");
                        } else if (event instanceof TcpEvent.Received received) {
                            received.take();
                            echoed.countDown();
                            connection.close();
                        }
                    });
                }
                assertTrue(echoed.await(20, TimeUnit.SECONDS));
                assertEquals(Set.of("served-1", "served-2"), threads);
                ShutdownResult result = group.shutdown(Duration.ofSeconds(20)).get(30, TimeUnit.SECONDS);
                assertEquals(0, result.cut());
            }
        }
    }

    /** Two loops that waited for each other would wait for ever. */
    @Test
    void aLoopThreadMayCloseTheGroupButNotListenWithIt() throws Exception {
        try (EventManagerGroup group =
                EventManagerGroup.builder().managers(2).build().start()) {
            CountDownLatch closed = new CountDownLatch(2);
            group.managers().forEach(each -> each.onClose(closed::countDown));
            group.managers()
                    .get(0)
                    .submit(() -> assertThrows(
                            IllegalStateException.class, () -> group.listen("127.0.0.1:0", (connection, event) -> {})))
                    .get(20, TimeUnit.SECONDS);
            group.postAll(group::close);
            assertTrue(closed.await(20, TimeUnit.SECONDS));
        }
    }
}
