package dev.meerkat.examples.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.foreign.ForeignLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.awt.EventQueue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What holds for a manager on any loop that is not its own, and talks to it with the JDK's blocking sockets. */
@Timeout(60)
class ForeignLoopsTest {
    /** One kind of foreign loop. Answers its manager; the loop runs until {@link #end}. */
    abstract static class Rules {
        abstract EventManager begin() throws Exception;

        /** Runs code on the loop's thread. */
        abstract void onLoop(Runnable task);

        abstract void end() throws Exception;

        private <T> T ask(Supplier<T> question) {
            CompletableFuture<T> answer = new CompletableFuture<>();
            onLoop(() -> {
                try {
                    answer.complete(question.get());
                } catch (Throwable e) {
                    answer.completeExceptionally(e);
                }
            });
            return answer.orTimeout(20, TimeUnit.SECONDS).join();
        }

        @Test
        void itsHandlersRunOnTheThreadOfTheLoop() throws Exception {
            EventManager manager = begin();
            try {
                Thread loop = ask(Thread::currentThread);
                CompletableFuture<Thread> handler = new CompletableFuture<>();
                Acceptor acceptor = ask(() -> manager.listen("tcp://127.0.0.1:0", (connection, event) -> {
                    if (event instanceof TcpEvent.Received received) {
                        handler.complete(Thread.currentThread());
                        connection.send(received.buffer());
                    }
                }));
                assertEquals("hello", line(acceptor.port(), "hello\n"));
                assertSame(loop, handler.get(20, TimeUnit.SECONDS));
            } finally {
                end();
            }
        }

        @Test
        void itsTimersEndTheLoopsWait() throws Exception {
            EventManager manager = begin();
            try {
                CountDownLatch fired = new CountDownLatch(3);
                ask(() -> manager.schedule(Duration.ofMillis(1), fired::countDown));
                ask(() -> manager.schedule(Duration.ofMillis(20), () -> {
                    fired.countDown();
                    manager.schedule(Duration.ofMillis(5), fired::countDown);
                }));
                assertTrue(fired.await(20, TimeUnit.SECONDS), "timers that did not fire: " + fired.getCount());
            } finally {
                end();
            }
        }

        /** Each task is posted only after the one before has run, so the loop is about to wait, or waits, each time. */
        @Test
        void noTaskOfAnotherThreadIsSleptOver() throws Exception {
            EventManager manager = begin();
            try {
                int tasks = 2_000;
                AtomicInteger done = new AtomicInteger();
                for (int i = 0; i < tasks; i++) {
                    manager.submit(done::incrementAndGet).get(20, TimeUnit.SECONDS);
                }
                assertEquals(tasks, done.get());
            } finally {
                end();
            }
        }

        @Test
        void whatIsSentOutsideATurnLeavesAtOnce() throws Exception {
            EventManager manager = begin();
            try {
                List<Connection> connections = new ArrayList<>();
                Acceptor acceptor = ask(() -> manager.listen("tcp://127.0.0.1:0", (connection, event) -> {
                    if (event instanceof TcpEvent.Opened) {
                        connections.add(connection);
                    }
                }));
                try (Socket client = new Socket(InetAddress.getLoopbackAddress(), acceptor.port())) {
                    client.setSoTimeout(20_000);
                    while (!ask(() -> !connections.isEmpty())) {
                        Thread.onSpinWait();
                    }
                    onLoop(() -> connections.get(0).send("unasked\n"));
                    assertEquals("unasked", reader(client).readLine());
                }
            } finally {
                end();
            }
        }

        @Test
        void itCannotBeRunAndSaysWhoDrivesIt() throws Exception {
            EventManager manager = begin();
            try {
                IllegalStateException thrown = ask(() -> assertThrows(IllegalStateException.class, manager::run));
                assertTrue(thrown.getMessage().contains("foreign loop"), thrown::getMessage);
            } finally {
                end();
            }
        }

        @Test
        void closingItLeavesNoPortBehind() throws Exception {
            EventManager manager = begin();
            try {
                Acceptor acceptor = ask(() -> manager.listen("tcp://127.0.0.1:0", (connection, event) -> {}));
                int port = acceptor.port();
                onLoop(manager::close);
                boolean refused = false;
                while (!refused) { // a selector lets go when it is asked the next time
                    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                        assertTrue(client.isConnected());
                    } catch (IOException e) {
                        refused = true;
                    }
                }
            } finally {
                end();
            }
        }
    }

    @Nested
    class ASelectorLoop extends Rules {
        private SelectorLoop loop;
        private Thread thread;

        @Override
        EventManager begin() throws IOException {
            loop = new SelectorLoop(0);
            thread = new Thread(() -> {
                try {
                    loop.run();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            thread.start();
            return loop.meerkat().manager();
        }

        @Override
        void onLoop(Runnable task) {
            loop.meerkat().manager().post(task);
        }

        @Override
        void end() throws InterruptedException {
            loop.stop();
            thread.join();
        }

        @Override
        @Test
        void closingItLeavesNoPortBehind() throws Exception {
            // this loop ends with its manager
            EventManager manager = begin();
            CompletableFuture<Integer> port =
                    manager.submit(() -> manager.listen("tcp://127.0.0.1:0", (connection, event) -> {})
                            .port());
            int bound = port.get(20, TimeUnit.SECONDS);
            end();
            assertThrows(IOException.class, () -> new Socket(InetAddress.getLoopbackAddress(), bound).close());
        }

        @Test
        void theLoopsOwnChannelsWorkOn() throws Exception {
            begin();
            try {
                assertEquals("hello from the old loop", line(loop.port(), ""));
            } finally {
                end();
            }
        }

        @Test
        void anotherThreadThanTheDriversIsRefusedAndNothingIsLost() throws Exception {
            EventManager manager = begin();
            try {
                Acceptor acceptor = manager.submit(() -> manager.listen("tcp://127.0.0.1:0", (connection, event) -> {
                            if (event instanceof TcpEvent.Received received) {
                                CompletableFuture<Throwable> intruder = new CompletableFuture<>();
                                Thread other = new Thread(() -> {
                                    try {
                                        loop.meerkat()
                                                .service(
                                                        (SocketChannel) connection
                                                                .channel()
                                                                .orElseThrow(),
                                                        SelectionKey.OP_READ);
                                        intruder.complete(null);
                                    } catch (Throwable e) {
                                        intruder.complete(e);
                                    }
                                });
                                other.start();
                                assertTrue(intruder.get(20, TimeUnit.SECONDS) instanceof WrongThreadException);
                                connection.send(received.buffer());
                            }
                        }))
                        .get(20, TimeUnit.SECONDS);
                assertEquals("hello", line(acceptor.port(), "hello\n"));
            } finally {
                end();
            }
        }

        @Test
        void aChannelThatIsNotTheManagersIsLeftAlone() throws IOException {
            try (Selector selector = Selector.open();
                    ServerSocketChannel other = ServerSocketChannel.open()) {
                ForeignLoop meerkat = ForeignLoop.sharing(selector);
                other.configureBlocking(false);
                SelectionKey key = other.register(selector, SelectionKey.OP_ACCEPT, "mine");
                assertFalse(meerkat.service(other, SelectionKey.OP_ACCEPT));
                assertEquals("mine", key.attachment());
                meerkat.manager().close();
                assertTrue(other.isOpen());
                assertTrue(selector.isOpen());
            }
        }
    }

    @Nested
    class NettysEventLoop extends Rules {
        private MultiThreadIoEventLoopGroup group;
        private IoEventLoop eventLoop;
        private ForeignLoop guest;

        @Override
        EventManager begin() {
            group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
            eventLoop = group.next();
            guest = CompletableFuture.supplyAsync(() -> NettyPoller.join(eventLoop, ManagerOptions.DEFAULT), eventLoop)
                    .join();
            return guest.manager();
        }

        @Override
        void onLoop(Runnable task) {
            eventLoop.execute(task);
        }

        @Override
        void end() throws InterruptedException {
            onLoop(guest.manager()::close);
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    @Nested
    class AnEventThread extends Rules {
        private EventManager manager;

        @Override
        EventManager begin() throws Exception {
            EventQueue.invokeAndWait(() -> manager = WindowClock.manager());
            return manager;
        }

        @Override
        void onLoop(Runnable task) {
            EventQueue.invokeLater(task);
        }

        @Override
        void end() {
            manager.close();
        }
    }

    @Nested
    class AnExecutor extends Rules {
        private ExecutorService threads;
        private EventManager manager;

        @Override
        EventManager begin() {
            threads = Executors.newSingleThreadExecutor();
            manager = CompletableFuture.supplyAsync(
                            () -> ForeignLoop.runningOn(threads, ManagerOptions.DEFAULT), threads)
                    .join();
            return manager;
        }

        @Override
        void onLoop(Runnable task) {
            threads.execute(task);
        }

        @Override
        void end() {
            manager.close();
            threads.shutdown();
        }

        @Test
        void anExecutorThatRefusesIsReportedAndEndsTheManager() throws Exception {
            CompletableFuture<Throwable> reported = new CompletableFuture<>();
            ExecutorService ended = Executors.newSingleThreadExecutor();
            ended.shutdown();
            EventManager abandoned = ForeignLoop.runningOn(
                    ended,
                    ManagerOptions.builder()
                            .errorHook((source, connection, thrown) -> reported.complete(thrown))
                            .build());
            assertTrue(reported.get(20, TimeUnit.SECONDS) instanceof RejectedExecutionException);
            while (!abandoned.isClosed()) {
                Thread.onSpinWait();
            }
        }
    }

    private static String line(int port, String sent) throws IOException {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout(20_000);
            client.getOutputStream().write(sent.getBytes(StandardCharsets.UTF_8));
            return reader(client).readLine();
        }
    }

    private static BufferedReader reader(Socket client) throws IOException {
        return new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
    }
}
