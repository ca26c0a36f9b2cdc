package dev.meerkat.internal.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What only a transport does that really waits; the rules of every transport are in the testkit. */
@Timeout(30)
class NioTransportPollTest {
    private static final int MICROS = 1_000;
    private static final int MILLIS = 1_000_000;

    private NioTransport transport;
    private int reports;

    @BeforeEach
    void open() throws IOException {
        transport = NioTransport.open();
    }

    @AfterEach
    void close() throws IOException {
        transport.close();
    }

    private long poll(long waitNanos) throws IOException {
        long start = System.nanoTime();
        transport.poll(waitNanos, (handle, ops) -> reports++);
        return System.nanoTime() - start;
    }

    @Nested
    class Waiting {
        @Test
        void isNeverShorterThanAsked() throws IOException {
            int[] waits = {
                1,
                20 * MICROS,
                100 * MICROS,
                101 * MICROS,
                500 * MICROS,
                999 * MICROS,
                MILLIS,
                MILLIS + 1,
                MILLIS + 100 * MICROS,
                MILLIS + 101 * MICROS,
                3 * MILLIS + 50 * MICROS,
                7 * MILLIS + 700 * MICROS
            };
            for (int wait : waits) {
                for (int i = 0; i < 5; i++) {
                    long waited = poll(wait);
                    assertTrue(waited >= wait, "asked for " + wait + " ns, waited " + waited);
                }
            }
        }

        // The best of many, so that a busy machine does not matter. Half a millisecond is left for being woken.
        @Test
        void isAMillisecondTooLongAtMost() throws IOException {
            int[] waits = {
                10 * MICROS, 101 * MICROS, 600 * MICROS, MILLIS, MILLIS + 50 * MICROS, 2 * MILLIS + 101 * MICROS
            };
            for (int wait : waits) {
                long best = Long.MAX_VALUE;
                for (int i = 0; i < 20; i++) {
                    best = Math.min(best, poll(wait) - wait);
                }
                assertTrue(best < 1_500 * MICROS, "asked for " + wait + " ns, at best " + best + " too late");
            }
        }

        @Test
        void zeroDoesNotWait() throws IOException {
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 20; i++) {
                best = Math.min(best, poll(0));
            }
            assertTrue(best < MILLIS, "at best " + best + " ns");
        }

        @Test
        void isNotDisturbedByAFinishedConnectNorByAPeerThatIsGone() throws IOException {
            ListenerHandle listener = listen();
            StreamHandle client = transport.connect(listener.localAddress(), SocketOptions.DEFAULT);
            poll(-1);
            assertTrue(client.finishConnect());
            assertTrue(poll(5 * MILLIS) >= 5 * MILLIS);

            listener.accept().abort();
            poll(0);
            assertTrue(poll(5 * MILLIS) >= 5 * MILLIS);
        }

        @Test
        void isOverWhenSomethingIsReady() throws IOException {
            ListenerHandle listener = listen();
            listener.interest(Handle.ACCEPT);
            transport.connect(listener.localAddress(), SocketOptions.DEFAULT);
            poll(-1);
            assertTrue(reports > 0);
        }
    }

    @Nested
    class Wake {
        @Test
        void fromAnotherThreadEndsAPoll() throws Exception {
            for (long wait : new long[] {-1, Long.MAX_VALUE}) {
                for (int i = 0; i < 100; i++) {
                    CountDownLatch begun = new CountDownLatch(1);
                    Thread other = new Thread(() -> {
                        begun.countDown();
                        transport.wake();
                    });
                    other.start();
                    begun.await();
                    poll(wait);
                    other.join();
                }
            }
            assertEquals(0, reports);
        }

        @Test
        void isNotSleptOverByAShortRest() throws IOException {
            transport.wake();
            long hours = 3_600_000L * MILLIS;
            poll(hours + SelectorWatch.SPIN_NANOS / 2);
        }

        @Test
        void isNotLostWhenSocketsAreReleased() throws IOException {
            ListenerHandle listener = listen();
            transport.wake();
            listener.close();
            poll(-1);
        }

        @Test
        void severalEndOnlyOnePoll() throws IOException {
            transport.wake();
            transport.wake();
            transport.wake();
            poll(-1);
            assertTrue(poll(5 * MILLIS) >= 5 * MILLIS);
        }
    }

    @Nested
    class Interrupt {
        @Test
        void endsAPollAndStaysSet() throws IOException {
            Thread.currentThread().interrupt();
            poll(-1);
            poll(-1);
            assertTrue(Thread.interrupted());
        }

        @Test
        void leavesSocketsUsable() throws IOException {
            ListenerHandle listener = listen();
            Thread.currentThread().interrupt();
            StreamHandle client = transport.connect(listener.localAddress(), SocketOptions.DEFAULT);
            poll(-1);
            assertTrue(client.finishConnect());
            StreamHandle server = listener.accept();
            client.write(ByteBuffer.wrap(new byte[5]));
            server.interest(Handle.READ);
            poll(-1);
            assertEquals(5, server.read(ByteBuffer.allocate(10)));
            assertTrue(Thread.interrupted());
            assertTrue(listener.isOpen() && client.isOpen() && server.isOpen());
        }
    }

    @Nested
    class Reset {
        @Test // Anew in every turn, and in all more often than it may leave between two polls.
        void doesNotWaitForThePoll() throws IOException {
            ListenerHandle listener = listen();
            for (int i = 0; i < 20; i++) {
                try (SocketChannel peer = SocketChannel.open(listener.localAddress())) {
                    StreamHandle server = listener.accept();
                    server.abort();
                    SocketException failure =
                            assertThrows(SocketException.class, () -> peer.read(ByteBuffer.allocate(1)));
                    assertEquals("Connection reset", failure.getMessage());
                }
                poll(0);
            }
        }
    }

    /**
     * Some systems connect on loopback before {@code connect} returns; a socket that blocks meanwhile stands in for
     * them.
     */
    @Nested
    class ConnectThatSucceedsAtOnce {
        @Test
        void isReportedAsReadyToConnectUntilItIsFinished() throws IOException {
            try (Selector selector = Selector.open();
                    ServerSocketChannel listener = ServerSocketChannel.open();
                    SocketChannel channel = SocketChannel.open()) {
                listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                channel.connect(listener.getLocalAddress());
                channel.configureBlocking(false);
                SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
                NioStream stream = new NioStream(transport, channel, Handle.CONNECT);
                stream.key = key;

                assertEquals(Handle.CONNECT, readiness(selector, stream));
                stream.interest(0);
                assertEquals(0, readiness(selector, stream));
                stream.interest(Handle.CONNECT);
                assertEquals(Handle.CONNECT, readiness(selector, stream));

                assertTrue(stream.finishConnect());
                assertEquals(0, readiness(selector, stream));
                stream.interest(Handle.WRITE);
                assertEquals(Handle.WRITE, readiness(selector, stream));
            }
        }

        private int readiness(Selector selector, NioStream stream) throws IOException {
            List<Integer> found = new ArrayList<>();
            selector.selectNow(key -> found.add(stream.readiness(key.readyOps())));
            return found.isEmpty() ? 0 : found.get(0);
        }
    }

    @Nested
    class FailedOpening {
        @Test
        void onAClosedTransportLeavesNoSocketBehind() throws IOException {
            ListenerHandle listener = listen();
            InetSocketAddress address = (InetSocketAddress) listener.localAddress();
            transport.close();
            for (int i = 0; i < 3; i++) {
                assertThrows(RuntimeException.class, () -> transport.listen(address, SocketOptions.DEFAULT));
            }
            assertFalse(listener.isOpen());
            transport = NioTransport.open();
            transport.listen(address, SocketOptions.DEFAULT);
        }

        @Test
        void interestThatNoSuchSocketCanHaveIsMisuse() throws IOException {
            ListenerHandle listener = listen();
            assertThrows(IllegalArgumentException.class, () -> listener.interest(Handle.READ));
            listener.interest(Handle.ACCEPT);
            transport.connect(listener.localAddress(), SocketOptions.DEFAULT);
            poll(-1);
            assertTrue(reports > 0);
        }
    }

    private ListenerHandle listen() throws IOException {
        return transport.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), SocketOptions.DEFAULT);
    }
}
