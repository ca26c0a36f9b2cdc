package dev.meerkat.testkit.manager;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.BlockingConnection;
import dev.meerkat.BlockingHandler;
import dev.meerkat.BlockingOptions;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionLimitException;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ConnectionState;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.WrongThreadException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.tls.TlsOptions;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handlers on threads of their own, which may block. */
abstract class BlockingRules extends ManagerRules {
    /** What handlers found out, in the order in which they did. */
    final CopyOnWriteArrayList<String> notes = new CopyOnWriteArrayList<>();

    final CopyOnWriteArrayList<Throwable> thrown = new CopyOnWriteArrayList<>();

    final void noted(String... expected) {
        until("notes of the handler", () -> notes.size() >= expected.length);
        assertEquals(List.of(expected), notes);
    }

    final Acceptor listenBlocking(BlockingHandler handler) {
        return listenBlocking(ListenOptions.DEFAULT, handler);
    }

    final Acceptor listenBlocking(ListenOptions options, BlockingHandler handler) {
        return manager().listenBlocking(arm.host() + ":0", options, handler);
    }

    final Acceptor listenThreaded(Change<ConnectionOptions.Builder> change, Handler handler) {
        ListenOptions options =
                listening(change).toBuilder().blocking(BlockingOptions.DEFAULT).build();
        return manager().listen(arm.host() + ":0", options, handler);
    }

    static ListenOptions threads(Change<BlockingOptions.Builder> change) {
        return ListenOptions.builder().blocking(blocking(change)).build();
    }

    static BlockingOptions blocking(Change<BlockingOptions.Builder> change) {
        BlockingOptions.Builder builder = BlockingOptions.builder();
        change.apply(builder);
        return builder.build();
    }

    static ListenOptions smallBuffers(Change<ConnectionOptions.Builder> change) {
        return listening(options -> {
            options.sendBufferBytes(SMALL_PEER.sendBufferBytes()).receiveBufferBytes(SMALL_PEER.receiveBufferBytes());
            change.apply(options);
        });
    }

    final Peer slowPeer(Acceptor acceptor) {
        return peer(acceptor, SMALL_PEER).stopReading();
    }

    /** The connection as the loop knows it. */
    final Connection real() {
        return manager().connections().get(0);
    }

    final <T extends Throwable> T thrown(Class<T> kind) {
        until("what the handler met", () -> !thrown.isEmpty());
        return assertInstanceOf(kind, thrown.get(0));
    }

    private void note(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            thrown.add(e);
        }
    }

    /** Reads, and notes what comes of it. */
    private void readOnce(BlockingConnection connection) {
        note(() -> {
            try {
                notes.add("read " + connection.in().read());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    // ---- streams

    @Test
    void linesAreReadAndAnsweredInPlainBlockingCode() {
        Acceptor acceptor = listenBlocking(connection -> {
            BufferedReader in = new BufferedReader(new InputStreamReader(connection.in(), UTF_8));
            for (String line; (line = in.readLine()) != null; ) {
                connection.send("<" + line + ">");
            }
        });
        Peer peer = peer(acceptor);
        peer.send("a\nb");
        until("an answer", () -> peer.text().equals("<a>"));
        peer.send("c\nd\n").shutdownOutput();
        until("the rest and the end", peer::hasEnded);
        assertEquals("<a><bc><d>", peer.text());
    }

    @Test
    void everyByteArrivesInOrderThroughTheStreams() {
        Acceptor acceptor = listenBlocking(connection -> {
            connection.in().transferTo(connection.out());
        });
        Peer peer = peer(acceptor);
        byte[] sent = pattern(3_000_000);
        peer.send(sent).shutdownOutput();
        until("the echo and its end", peer::hasEnded);
        assertArrayEquals(sent, peer.received());
        assertEquals(0, manager().statistics().keptBuffers());
    }

    @Test
    void singleBytesAreReadAndWritten() {
        Acceptor acceptor = listenBlocking(connection -> {
            InputStream in = connection.in();
            assertEquals('a', in.read());
            assertEquals(0, in.read(new byte[0]));
            connection.out().write('b');
            assertEquals(-1, in.read());
            assertEquals(-1, in.read());
        });
        Peer peer = peer(acceptor).send("a");
        until("the answer", () -> peer.text().equals("b"));
        peer.shutdownOutput();
        until("the end", peer::hasEnded);
    }

    @Test
    void whatIsAvailableNeedsNoWaiting() {
        Acceptor acceptor = listenBlocking(connection -> {
            notes.add("first " + connection.in().read());
            notes.add("more " + connection.in().available());
            notes.add(new String(connection.in().readNBytes(4), UTF_8));
            notes.add("more " + connection.in().available());
        });
        peer(acceptor).send("abcde");
        noted("first 97", "more 4", "bcde", "more 0");
    }

    @Test
    void afterTheEndOfInputOneMayStillSend() {
        Acceptor acceptor = listenBlocking(connection -> {
            byte[] all = connection.in().readAllBytes();
            connection.send("got ").sendf("%d", all.length).send(" bytes".getBytes(UTF_8));
        });
        Peer peer = peer(acceptor).send("12345").shutdownOutput();
        until("the answer and the end", peer::hasEnded);
        assertEquals("got 5 bytes", peer.text());
    }

    @Test
    void everyWayOfSendingKeepsTheOrder() throws Exception {
        Acceptor acceptor = listenBlocking(connection -> {
            OutputStream out = connection.out();
            for (int i = 0; i < 100; i++) {
                connection.send("a").send(Bytes.utf8("b")).send(new byte[] {'c'});
                out.write('d');
                connection.sendf("%s", "e").send(ByteBuffer.wrap("f".getBytes(UTF_8)));
            }
            connection.send(Bytes.copyOf(pattern(200_000)));
        });
        Peer peer = peer(acceptor);
        until("the end", peer::hasEnded);
        assertEquals("abcdef".repeat(100) + new String(pattern(200_000), UTF_8), peer.text());
    }

    @Test
    void filesAndBytesKeepTheirOrder(@TempDir Path directory) throws Exception {
        byte[] content = pattern(MORE_THAN_FITS);
        Path path = Files.write(directory.resolve("file"), content);
        Acceptor acceptor = listenBlocking(connection -> {
            for (int i = 0; i < 3; i++) {
                FileRegion region = FileRegion.open(path);
                connection.send("<").send(region).send(">");
                note(() -> connection.send(region));
            }
            connection.send(FileRegion.of(FileChannel.open(path), 0, 10));
        });
        Peer peer = peer(acceptor);
        until("the end", peer::hasEnded);
        assertEquals(3 * (content.length + 2) + 10, peer.receivedCount());
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int i = 0; i < 3; i++) {
            expected.write('<');
            expected.writeBytes(content);
            expected.write('>');
        }
        expected.write(content, 0, 10);
        assertArrayEquals(expected.toByteArray(), peer.received());
        assertInstanceOf(IllegalStateException.class, thrown.get(0));
    }

    @Test
    void aFileForAPeerThatReadsNothingIsClosedWithTheConnection(@TempDir Path directory) throws Exception {
        Path path = Files.write(directory.resolve("file"), pattern(MORE_THAN_FITS));
        List<FileRegion> regions = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            regions.add(FileRegion.open(path));
        }
        ListenOptions options = smallBuffers(each -> {}).toBuilder()
                .blocking(blocking(each -> each.writeTimeout(SHORT)))
                .build();
        Acceptor acceptor = listenBlocking(options, connection -> {
            note(() -> regions.forEach(connection::send));
            connection.abort();
        });
        slowPeer(acceptor);
        assertInstanceOf(
                SocketTimeoutException.class, thrown(UncheckedIOException.class).getCause());
        until(
                "the files to be closed",
                () -> regions.stream().noneMatch(region -> region.file().isOpen()));
    }

    @Test
    void closingTheOutputStreamEndsTheOutputOnly() {
        Acceptor acceptor = listenBlocking(connection -> {
            try (OutputStream out = connection.out()) {
                out.write("bye".getBytes(UTF_8));
            }
            notes.add("read " + connection.in().read());
            note(() -> connection.send("late"));
            connection.out().close();
        });
        Peer peer = peer(acceptor);
        until("the end", peer::hasEnded);
        assertEquals("bye", peer.text());
        peer.send("x");
        noted("read 120");
        assertTrue(thrown(ConnectionClosedException.class).reason().isEmpty());
    }

    // ---- TLS

    @Test
    void tlsIsServedAlikeInBothRoles() {
        byte[] sent = pattern(300_000);
        TlsOptions tls = TestTls.options(manager().wallTime());
        Acceptor acceptor = manager()
                .listenBlocking(
                        "tls://" + arm.host() + ":0",
                        ListenOptions.builder().tls(tls).build(),
                        connection -> {
                            notes.add("server secured " + connection.isSecured());
                            connection.in().transferTo(connection.out());
                        });
        manager()
                .connectBlocking(
                        "tls://" + arm.host() + ":" + acceptor.port(),
                        ConnectOptions.builder().tls(tls).build(),
                        connection -> {
                            connection.send(sent);
                            connection.shutdownOutput();
                            notes.add("same "
                                    + Arrays.equals(sent, connection.in().readAllBytes()));
                        });
        noted("server secured true", "same true");
        until("the end", () -> manager().connections().isEmpty());
    }

    @Test
    void tlsDoesNotStartBehindBytesThatAreUnread() {
        Acceptor acceptor = listenBlocking(connection -> {
            assertEquals('x', connection.in().read());
            note(() -> connection.startTls(TestTls.options(manager().wallTime())));
        });
        peer(acceptor).send("xplain");
        assertTrue(thrown(IllegalStateException.class).getMessage().contains("unread"));
    }

    // ---- back-pressure

    @Test
    void aHandlerThatDoesNotReadHoldsThePeerBack() {
        ListenOptions options = smallBuffers(each -> each.receiveLimit(100_000));
        Acceptor acceptor = listenBlocking(options, connection -> {
            connection.send(pattern(MORE_THAN_FITS)); // blocked, and so does not read
            notes.add("available " + (connection.in().available() <= 64 << 10));
            connection.in().transferTo(connection.out());
        });
        Peer peer = slowPeer(acceptor).send(pattern(MORE_THAN_FITS));
        until("the connection", () -> !manager().connections().isEmpty());
        until("a full receive buffer", () -> real().receiveBuffer().size() == 100_000);
        settle();
        assertFalse(peer.hasSentAll());
        assertEquals(100_000, real().receiveBuffer().size());
        peer.startReading().shutdownOutput();
        until("all of it", peer::hasEnded);
        assertEquals(2 * MORE_THAN_FITS, peer.receivedCount());
        assertEquals(List.of("available true"), notes);
    }

    @Test
    void aWriterThatOutrunsThePeerWaits() {
        int high = 100_000;
        ListenOptions options = smallBuffers(each -> each.highWaterMark(high).lowWaterMark(10_000));
        byte[] all = pattern(MORE_THAN_FITS);
        AtomicInteger accepted = new AtomicInteger();
        Acceptor acceptor = listenBlocking(options, connection -> {
            OutputStream out = connection.out();
            for (int at = 0; at < all.length; at += 1_024) {
                out.write(all, at, 1_024);
                accepted.addAndGet(1_024);
            }
        });
        Peer peer = slowPeer(acceptor);
        until("a connection", () -> !manager().connections().isEmpty());
        until("a full output", () -> !real().isWritable());
        settle();
        assertTrue(accepted.get() < all.length, () -> "written " + accepted);
        assertTrue(real().pendingBytes() <= high + (64 << 10), () -> "waiting " + real().pendingBytes());
        peer.startReading();
        until("all of it", peer::hasEnded);
        assertArrayEquals(all, peer.received());
    }

    @Test
    void whatWasWrittenLeavesWhenTheHandlerReturns() {
        ListenOptions options = smallBuffers(each -> each.highWaterMark(1_000).lowWaterMark(10));
        Acceptor acceptor = listenBlocking(options, connection -> {
            connection.send(pattern(300_000));
            connection.send("last words");
        });
        Peer peer = slowPeer(acceptor);
        settle();
        peer.startReading();
        until("the end", peer::hasEnded);
        assertEquals(new String(pattern(300_000), UTF_8) + "last words", peer.text());
    }

    // ---- time-outs

    @Test
    void aReadThatTakesTooLongTimesOutAndMayGoOn() {
        Acceptor acceptor = listenBlocking(threads(options -> options.readTimeout(SHORT)), connection -> {
            readOnce(connection);
            connection.send("?");
            connection.readTimeout(Duration.ZERO);
            readOnce(connection);
        });
        Peer peer = peer(acceptor);
        until("the time-out", () -> peer.text().equals("?"));
        assertInstanceOf(
                SocketTimeoutException.class, thrown(UncheckedIOException.class).getCause());
        peer.send("x");
        noted("read 120");
    }

    @Test
    void aWriteThatTakesTooLongTimesOut() {
        ListenOptions options = smallBuffers(each -> {}).toBuilder()
                .blocking(blocking(each -> each.writeTimeout(SHORT)))
                .build();
        Acceptor acceptor = listenBlocking(options, connection -> {
            note(() -> connection.send(pattern(MORE_THAN_FITS)));
            connection.abort();
        });
        slowPeer(acceptor);
        assertInstanceOf(
                SocketTimeoutException.class, thrown(UncheckedIOException.class).getCause());
    }

    @Test
    void sleepingWaitsOnTheManagersClock() {
        Acceptor acceptor = listenBlocking(connection -> {
            long before =
                    connection.manager().submit(() -> manager().nanoTime()).get();
            connection.sleep(SHORT);
            long after = connection.manager().submit(() -> manager().nanoTime()).get();
            notes.add("slept " + (after - before >= SHORT.toNanos()));
        });
        if (!arm.isVirtual()) { // the future of submit is nobody's of this world
            peer(acceptor);
            noted("slept true");
        }
    }

    // ---- the end

    @Test
    void aHandlerThatThrowsAbortsItsConnectionAndIsReported() {
        Acceptor acceptor = listenBlocking(connection -> {
            if (connection.in().read() == 'x') {
                throw new IOException("no");
            }
        });
        Peer peer = peer(acceptor);
        Peer other = peer(acceptor);
        peer.send("x");
        until("the reset", peer::wasReset);
        Failure failure = takeFailure();
        assertEquals("no", failure.thrown().getMessage());
        assertEquals(dev.meerkat.ErrorHook.Source.HANDLER, failure.source());
        until("only one to be left", () -> manager().connections().size() == 1);
        other.close();
        until("none to be left", () -> manager().connections().isEmpty());
    }

    @Test
    void aResetWakesAReaderWithTheReason() {
        Acceptor acceptor = listenBlocking(this::readOnce);
        Peer peer = peer(acceptor);
        until("the connection", () -> !manager().connections().isEmpty());
        settle();
        peer.reset();
        CloseReason reason = thrown(ConnectionClosedException.class).reason().orElseThrow();
        assertEquals(Initiator.PEER, reason.initiator());
        assertEquals(Kind.RESET, reason.error().orElseThrow().kind());
    }

    @Test
    void aResetWakesAWriterWithTheReason() {
        Acceptor acceptor = listenBlocking(
                smallBuffers(each -> {}), connection -> note(() -> connection.send(pattern(MORE_THAN_FITS))));
        Peer peer = slowPeer(acceptor);
        until("a connection", () -> !manager().connections().isEmpty());
        until("a full output", () -> !real().isWritable());
        settle();
        peer.reset();
        CloseReason reason = thrown(ConnectionClosedException.class).reason().orElseThrow();
        assertEquals(Kind.RESET, reason.error().orElseThrow().kind());
    }

    @Test
    void aResetEndsASleep() {
        Acceptor acceptor = listenBlocking(connection -> {
            try {
                connection.sleep(LONG);
            } catch (ConnectionClosedException e) {
                thrown.add(e);
                throw e; // that the connection has ended is no failure of the handler's
            }
        });
        Peer peer = peer(acceptor);
        until("the connection", () -> !manager().connections().isEmpty());
        settle();
        peer.reset();
        assertTrue(thrown(ConnectionClosedException.class).reason().isPresent());
        settle();
        assertEquals(List.of(), takeFailures());
    }

    @Test
    void bytesThatCameBeforeAResetAreStillRead() {
        Acceptor acceptor = listenBlocking(connection -> {
            byte[] four = connection.in().readNBytes(4);
            connection.send("go on");
            try {
                connection.sleep(LONG);
            } catch (ConnectionClosedException e) {
                notes.add(new String(four, UTF_8) + connection.in().read());
            }
            readOnce(connection);
        });
        Peer peer = peer(acceptor).send("four");
        until("the answer", () -> peer.text().equals("go on"));
        peer.send("!");
        settle();
        peer.reset();
        noted("four33");
        thrown(ConnectionClosedException.class);
    }

    @Test
    void closingTheManagerWakesAReader() {
        Acceptor acceptor = listenBlocking(this::readOnce);
        peer(acceptor);
        until("the connection", () -> !manager().connections().isEmpty());
        settle();
        manager().close();
        CloseReason reason =
                ((ConnectionClosedException) thrown.get(0)).reason().orElseThrow();
        assertEquals(Initiator.MANAGER, reason.initiator());
    }

    @Test
    void closingTheManagerInterruptsASleeper() {
        Acceptor acceptor = listenBlocking(connection -> {
            try {
                connection.sleep(LONG);
            } catch (InterruptedException | ConnectionClosedException e) {
                notes.add("woken");
            }
        });
        peer(acceptor);
        until("the connection", () -> !manager().connections().isEmpty());
        settle();
        manager().close();
        assertEquals(List.of("woken"), notes);
    }

    @Test
    void whatAThreadHasSentLeavesWhenTheManagerCloses() {
        Acceptor acceptor = listenBlocking(connection -> {
            connection.send("hello");
            readOnce(connection);
        });
        Peer peer = peer(acceptor);
        until("the connection", () -> !manager().connections().isEmpty());
        settle();
        manager().close();
        settleClosed(peer);
        assertEquals("hello", peer.text());
    }

    private void settleClosed(Peer peer) {
        until("the end", () -> peer.hasEnded() || peer.failure() != null);
    }

    @Test
    void anybodyMayEndTheConnectionMeanwhile() {
        Acceptor acceptor = listenBlocking(this::readOnce);
        Peer peer = peer(acceptor);
        until("the connection", () -> !manager().connections().isEmpty());
        real().close();
        until("the end", peer::hasEnded);
        peer.close();
        CloseReason reason = thrown(ConnectionClosedException.class).reason().orElseThrow();
        assertTrue(reason.isClean());
        assertEquals(Initiator.LOCAL, reason.initiator());
    }

    // ---- how many

    @Test
    void atTheLimitOfThreadsTheNextConnectionWaits() {
        AtomicInteger most = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        Acceptor acceptor = listenBlocking(threads(options -> options.maxThreads(2)), connection -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            connection.send("hello");
            connection.in().readAllBytes();
            now.decrementAndGet();
        });
        Peer first = peer(acceptor);
        Peer second = peer(acceptor);
        until("two", () -> first.text().equals("hello") && second.text().equals("hello"));
        Peer third = peer(acceptor);
        settle();
        assertEquals("", third.text());
        assertFalse(acceptor.isAccepting());
        first.shutdownOutput();
        until("the third", () -> third.text().equals("hello"));
        second.shutdownOutput();
        third.shutdownOutput();
        until("the end", () -> second.hasEnded() && third.hasEnded());
        until("room", acceptor::isAccepting);
        assertEquals(2, most.get());
    }

    // ---- outbound

    @Test
    void anOutboundConnectionMayHaveAThread() {
        ListenerHandle listener = peerListener();
        manager().connectBlocking(addressOf(listener), ConnectOptions.DEFAULT, connection -> {
            connection.send("question");
            notes.add(new String(connection.in().readNBytes(6), UTF_8));
        });
        Peer peer = accept(listener);
        until("the question", () -> peer.text().equals("question"));
        peer.send("answer");
        noted("answer");
        until("the end", peer::hasEnded);
    }

    @Test
    void anOutboundConnectionThatFailsTellsItsHandler() throws IOException {
        ListenerHandle listener = peerListener();
        String nobody = addressOf(listener);
        listener.close();
        manager().connectBlocking(nobody, ConnectOptions.DEFAULT, new BlockingHandler() {
            @Override
            public void handle(BlockingConnection connection) {
                notes.add("established");
            }

            @Override
            public void connectFailed(BlockingConnection connection, ConnectionError error) {
                notes.add(error.kind() + " " + connection.state());
            }
        });
        noted(Kind.REFUSED + " " + ConnectionState.CLOSED);
    }

    @Test
    void outboundThreadsHaveALimitToo() throws IOException {
        ListenerHandle listener = peerListener();
        ConnectOptions options = ConnectOptions.builder()
                .blocking(blocking(each -> each.maxThreads(1)))
                .build();
        BlockingHandler handler = connection -> connection.in().readAllBytes();
        manager().connectBlocking(addressOf(listener), options, handler);
        assertThrows(
                ConnectionLimitException.class, () -> manager().connectBlocking(addressOf(listener), options, handler));
        accept(listener).close();
        until("none to be left", () -> manager().connections().isEmpty());
        settle();
        manager().connectBlocking(addressOf(listener), options, handler).abort();
    }

    // ---- ordinary handlers

    private String text(Connection connection, Object event) {
        return event instanceof TcpEvent.Received received
                ? received.takeText()
                : event instanceof TcpEvent.Broadcast broadcast
                        ? "(" + broadcast.bytes().utf8() + ")"
                        : event.getClass().getSimpleName();
    }

    @Test
    void anOrdinaryHandlerMayBlockAndHearsEverythingInOrder() {
        Thread loop = Thread.currentThread();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        Acceptor acceptor = listenThreaded(options -> {}, (connection, event) -> {
            threads.add(Thread.currentThread());
            notes.add(text(connection, event));
            if (event instanceof TcpEvent.Opened) {
                connection.send("hello");
                ((BlockingConnection) connection).sleep(SHORT);
            }
        });
        Peer peer = peer(acceptor);
        until("the greeting", () -> peer.text().equals("hello"));
        peer.send("one");
        until("bytes", () -> !manager().connections().isEmpty() && real().lastIo() != null);
        settle();
        manager().broadcast(Bytes.utf8("two"));
        settle();
        peer.send("three").shutdownOutput();
        until("the end", peer::hasEnded);
        peer.close();
        noted("Opened", "one", "(two)", "three", "InputClosed", "Closed");
        assertEquals(1, threads.stream().distinct().count());
        assertFalse(threads.contains(loop));
    }

    @Test
    void anAnswerToWhatCameBeforeTheEndOfInputStillLeaves() {
        Acceptor acceptor = listenThreaded(options -> {}, (connection, event) -> {
            if (event instanceof TcpEvent.Received received) {
                ((BlockingConnection) connection).sleep(SHORT);
                connection.send(received.buffer());
            }
        });
        Peer peer = peer(acceptor).send("echo").shutdownOutput();
        until("the end", peer::hasEnded);
        assertEquals("echo", peer.text());
    }

    @Test
    void whatAHandlerLeavesIsFoundByItsNextEventOrReplacement() {
        Handler second = (connection, event) -> {
            if (event instanceof TcpEvent.Received received) {
                notes.add(received.count() + " " + received.takeText());
            }
        };
        Acceptor acceptor = listenThreaded(options -> {}, (connection, event) -> {
            if (event instanceof TcpEvent.Received received) {
                notes.add(received.count() + " of " + received.buffer().size());
                if (received.buffer().indexOf((byte) '\n') >= 0) {
                    assertEquals(3, connection.receiveBuffer().size());
                    connection.replaceHandler(second);
                    assertSame(second, connection.handler());
                }
            }
        });
        Peer peer = peer(acceptor).send("a");
        until("a note", () -> notes.size() == 1);
        peer.send("b\n");
        noted("1 of 1", "2 of 3", "3 ab\n");
    }

    @Test
    void anEventAndTheStreamShareOneInput() {
        Acceptor acceptor = listenThreaded(options -> {}, (connection, event) -> {
            if (event instanceof TcpEvent.Received received) {
                received.buffer().discard(1);
                InputStream in = ((BlockingConnection) connection).in();
                notes.add(new String(in.readNBytes(5), UTF_8));
            }
        });
        Peer peer = peer(acceptor).send("xab");
        settle();
        peer.send("cdey").shutdownOutput();
        noted("abcde", "");
    }

    @Test
    void aHandlerThatIsBehindLosesBroadcastsBeyondItsBound() {
        int bound = 1_024;
        Acceptor acceptor = listenThreaded(options -> {}, (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                assertEquals('x', ((BlockingConnection) connection).in().read());
            }
            notes.add("");
        });
        Peer peer = peer(acceptor);
        until("the connection", () -> !manager().connections().isEmpty());
        settle();
        AtomicInteger delivered = new AtomicInteger();
        AtomicInteger dropped = new AtomicInteger();
        CompletableFuture<?> last = CompletableFuture.completedFuture(null);
        for (int i = 0; i < bound + 1; i++) {
            last = manager().broadcast(Bytes.EMPTY).thenAccept(result -> {
                delivered.addAndGet(result.delivered());
                dropped.addAndGet(result.dropped());
            });
        }
        until("the broadcasts", last::isDone);
        assertEquals(bound, delivered.get());
        assertEquals(1, dropped.get());
        peer.send("x");
        until("Opened and the broadcasts", () -> notes.size() == bound + 1);
    }

    // ---- what is legal

    @Test
    void everythingIsLegalOnTheOwnThread() {
        Acceptor acceptor = listenBlocking(connection -> {
            assertTrue(connection.isOpen());
            assertEquals(1, connection.id());
            assertTrue(connection.acceptor().isPresent());
            assertEquals(arm.host(), hostOf(connection));
            assertTrue(portOf(connection.remoteAddress()) > 0);
            assertTrue(connection.isWritable());
            assertEquals(0, connection.pendingBytes());
            assertTrue(connection.closeReason().isEmpty());
            assertTrue(connection.lastIo() != null);
            connection.attach("mine");
            assertEquals("mine", connection.attachment(String.class));
            assertThrows(ClassCastException.class, () -> connection.attachment(Integer.class));
            assertTrue(connection.setTimer(LONG).isEmpty());
            assertTrue(connection.timer().isPresent());
            assertTrue(connection.clearTimer().isPresent());
            connection.pauseReading();
            assertTrue(connection.isReadingPaused());
            connection.resumeReading();
            connection.configure(
                    connection.options().toBuilder().receiveLimit(7).build());
            assertEquals(7, connection.options().receiveLimit());
            assertFalse(connection.options().halfClose());
            assertTrue(connection.receiveBuffer().isEmpty());
            assertTrue(connection.handler() != null);
            assertTrue(connection.channel().isEmpty() || !arm.isVirtual());
            assertTrue(connection.peerCredentials().isEmpty());
            connection.shutdownOutput();
            assertFalse(connection.isWritable());
            notes.add("all");
            connection.close(Duration.ofSeconds(1));
            connection.close();
            connection.abort();
        });
        peer(acceptor);
        noted("all");
    }

    private static String hostOf(Connection connection) {
        return ((java.net.InetSocketAddress) connection.localAddress())
                .getAddress()
                .getHostAddress();
    }

    @Test
    void theManagersOwnMethodsStayItsLoops() {
        Acceptor acceptor = listenBlocking(connection -> {
            assertFalse(connection.manager().inLoop());
            assertThrows(WrongThreadException.class, () -> connection.manager().connections());
            assertThrows(WrongThreadException.class, () -> connection.manager().schedule(SHORT, () -> {}));
            connection.manager().post(() -> notes.add("posted"));
        });
        peer(acceptor);
        noted("posted");
    }

    @Test
    void theStreamsBelongToTheOwnThread() {
        BlockingConnection[] leaked = new BlockingConnection[1];
        Acceptor acceptor = listenBlocking(connection -> {
            leaked[0] = connection;
            notes.add("begun");
            readOnce(connection);
        });
        Peer peer = peer(acceptor);
        noted("begun");
        BlockingConnection connection = leaked[0];
        assertThrows(WrongThreadException.class, () -> connection.in().read());
        assertThrows(WrongThreadException.class, () -> connection.out().write(1));
        assertThrows(WrongThreadException.class, () -> connection.sleep(SHORT));
        assertThrows(WrongThreadException.class, () -> connection.readTimeout(SHORT));
        connection.send("from the loop");
        until("what the loop sent", () -> peer.text().equals("from the loop"));
        connection.close();
        until("the end", peer::hasEnded);
    }

    @Test
    void aHandlerMayCloseItsManager() {
        Acceptor acceptor = listenBlocking(connection -> {
            connection.manager().close();
            notes.add("closed " + connection.manager().isClosed());
        });
        if (!arm.isVirtual()) { // whoever drives a manager that another thread may close has a thread for it
            arm.leaveAlone(manager());
            manager().start();
        }
        Peer peer = peer(acceptor);
        until("the end", () -> peer.hasEnded() || peer.failure() != null);
        noted("closed true");
    }
}
