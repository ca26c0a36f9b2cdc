package dev.meerkat.testkit.manager;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ErrorHook;
import dev.meerkat.ListenOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real threads handlers may also do what they should not. */
class NioBlockingTest extends BlockingRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void theThreadIsVirtualWhereTheJdkHasVirtualThreads() {
        Acceptor acceptor = listenBlocking(
                connection -> notes.add(Thread.currentThread().getName() + " " + isVirtual(Thread.currentThread())));
        peer(acceptor);
        noted("meerkat/conn-1 " + (Runtime.version().feature() >= 21));
    }

    private static boolean isVirtual(Thread thread) throws ReflectiveOperationException {
        return Runtime.version().feature() >= 21
                && (Boolean) Thread.class.getMethod("isVirtual").invoke(thread);
    }

    @Test
    void aUnixSocketIsServedAlike(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("socket");
        manager().listenBlocking("unix:" + path, ListenOptions.DEFAULT, connection -> {
            connection.send(connection.in().readNBytes(4));
        });
        try (SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            peer.write(ByteBuffer.wrap("echo".getBytes(UTF_8)));
            peer.configureBlocking(false);
            ByteBuffer answer = ByteBuffer.allocate(4);
            until("the echo", () -> {
                try {
                    return peer.read(answer) >= 0 && !answer.hasRemaining();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertEquals("echo", new String(answer.array(), UTF_8));
        }
    }

    @Test
    void theThreadsOfAnExecutorMayServe() {
        ListenOptions options = threads(each -> each.executor(code -> new Thread(code, "the program's").start()));
        Acceptor acceptor = listenBlocking(options, connection -> {
            notes.add(Thread.currentThread().getName() + (char) connection.in().read());
        });
        peer(acceptor).send("!");
        noted("the program's!");
    }

    @Test
    void anExecutorThatRefusesCostsTheConnection() {
        ListenOptions options = threads(each -> each.executor(code -> {
            throw new RejectedExecutionException("full");
        }));
        Acceptor acceptor = listenBlocking(options, connection -> notes.add("served"));
        Peer peer = peer(acceptor);
        until("the reset", peer::wasReset);
        assertEquals("full", takeFailure().thrown().getMessage());
        until("room", acceptor::isAccepting);
    }

    @Test
    void whatTheExecutorHasNotBegunEndsWithTheManager() {
        ListenOptions options = threads(each -> each.executor(code -> notes.add("queued")));
        Acceptor acceptor = listenBlocking(options, connection -> notes.add("served"));
        peer(acceptor);
        noted("queued");
        manager().close();
    }

    @Test
    void anInterruptEndsAReadAndStaysSet() {
        Acceptor acceptor = listenBlocking(connection -> {
            Thread.currentThread().interrupt();
            try {
                connection.in().read();
            } catch (InterruptedIOException e) {
                notes.add("interrupted " + Thread.interrupted());
            }
            notes.add("read " + connection.in().read());
        });
        Peer peer = peer(acceptor);
        noted("interrupted true");
        peer.send("x");
        noted("interrupted true", "read 120");
    }

    @Test
    void aHandlerThatGoesOnAfterTheEndIsReported() {
        CountDownLatch released = new CountDownLatch(1);
        Acceptor acceptor =
                listenBlocking(threads(options -> options.stopTimeout(Duration.ofMillis(20))), connection -> {
                    notes.add("begun");
                    released.await();
                    notes.add("over");
                });
        Peer peer = peer(acceptor);
        noted("begun");
        peer.reset();
        Failure[] failure = new Failure[1];
        until("the report", () -> {
            takeFailures().forEach(each -> failure[0] = each);
            return failure[0] != null;
        });
        assertTrue(failure[0].thrown().getMessage().contains("still runs"), failure[0]::toString);
        assertEquals(ErrorHook.Source.THREAD, failure[0].source(), "it did not throw");
        assertTrue(failure[0].thrown().getStackTrace().length > 0);
        released.countDown();
        noted("begun", "over");
    }

    @Test
    void aHandlerThatIgnoresTheEndDoesNotHoldTheManagersClose() {
        CountDownLatch released = new CountDownLatch(1);
        Acceptor acceptor =
                listenBlocking(threads(options -> options.stopTimeout(Duration.ofMillis(20))), connection -> {
                    notes.add("begun");
                    while (released.getCount() > 0) {
                        try {
                            released.await();
                        } catch (InterruptedException e) {
                            notes.add("interrupted");
                        }
                    }
                    try {
                        connection.send("late");
                    } catch (ConnectionClosedException e) {
                        thrown.add(e);
                    }
                });
        peer(acceptor);
        noted("begun");
        manager().close();
        Failure stuck = takeFailure();
        assertTrue(stuck.thrown().getMessage().contains("still runs"));
        assertEquals(ErrorHook.Source.THREAD, stuck.source());
        assertEquals("interrupted", notes.get(1));
        released.countDown();
        while (thrown.isEmpty()) {
            Thread.onSpinWait();
        }
        assertInstanceOf(ConnectionClosedException.class, thrown.get(0));
    }
}
