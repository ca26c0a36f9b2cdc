package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ErrorHook;
import dev.meerkat.ObserveOptions;
import dev.meerkat.Tap;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.internal.observe.AddressText;
import dev.meerkat.observe.HexDump;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hex dump, and what holds for every tap. */
abstract class HexDumpRules extends ManagerRules {
    /** Time, connection, our address, direction, the peer's address, count, and perhaps a word. */
    private static final Pattern HEADER = Pattern.compile(
            "\\d+\\.\\d{9} \\S+/conn-\\d+ \\d+(\\.\\d+){3}:\\d+ (<-|->|<\\+|\\+>|--) \\d+(\\.\\d+){3}:\\d+ \\d+[a-z ]*");

    private final StringBuilder dump = new StringBuilder();

    private void useDump(HexDump.Limits limits) {
        use(options -> options.observe(ObserveOptions.tappedBy(HexDump.to(dump, limits))));
    }

    /** The header lines without time and addresses. */
    private List<String> headers() {
        return dump.toString()
                .lines()
                .filter(line -> line.contains("/conn-"))
                .map(line -> line.split(" ", 5))
                .map(parts -> parts[3] + " " + parts[4].substring(parts[4].indexOf(' ') + 1))
                .toList();
    }

    private List<String> hexLines() {
        return dump.toString().lines().filter(line -> !line.contains("/conn-")).toList();
    }

    @Test
    void everythingThatPassesIsDumpedWithAHeader() {
        useDump(HexDump.Limits.DEFAULT);
        Script script = script().on(TcpEvent.Received.class, (connection, received) -> {
            received.take();
            connection.send("bye\n").close();
        });
        Peer peer = accepted(script);
        peer.send("Hello, world\r\n\u0000\u007f~");
        until("the end", peer::hasEnded);
        peer.close();
        untilClosed(script);
        assertEquals(
                List.of("<+ 0", "<- 17", "-> 4", "-- 0 output ended", "-- 0 input ended", "-- 0 closed"), headers());
        assertEquals(
                List.of(
                        "0000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0d 0a 00 7f  Hello, world....",
                        "0010  7e                                                ~",
                        "0000  62 79 65 0a                                       bye."),
                hexLines());
        dump.toString()
                .lines()
                .filter(line -> line.contains("/conn-"))
                .forEach(line -> assertTrue(HEADER.matcher(line).matches(), line));
    }

    @Test
    void anOutboundConnectionIsDumpedFromConnectingOn() {
        useDump(HexDump.Limits.DEFAULT);
        Script script = script();
        Peer peer = connected(script);
        peer.reset();
        untilClosed(script);
        assertEquals(List.of("+> 0", "-- 0 failed", "-- 0 aborted"), headers());
    }

    @Test
    void everyDatagramOfAUdpSocketIsDumpedWithItsPeer() throws IOException {
        useDump(HexDump.Limits.DEFAULT);
        UdpScript script = udp().on(
                        UdpEvent.Received.class,
                        (socket, received) -> socket.sendTo(received.sender(), received.buffer()));
        UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", script);
        RawUdp one = new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
        RawUdp two = new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
        one.send(socket.localAddress(), "ping");
        until("an answer", () -> one.texts().equals(List.of("ping")));
        two.send(socket.localAddress(), "");
        until("an empty answer", () -> two.texts().equals(List.of("")));
        inTurn(socket::close);
        until("Closed", script::isClosed);
        String near = AddressText.of(socket.localAddress());
        List<String> found = dump.toString()
                .lines()
                .filter(line -> line.contains("/udp-"))
                .map(line -> line.substring(line.indexOf(near)))
                .toList();
        assertEquals(
                List.of(
                        near + " -- 0.0.0.0:0 0 dump begins",
                        near + " <- " + AddressText.of(one.address()) + " 4",
                        near + " -> " + AddressText.of(one.address()) + " 4",
                        near + " <- " + AddressText.of(two.address()) + " 0",
                        near + " -> " + AddressText.of(two.address()) + " 0",
                        near + " -- " + AddressText.of(two.address()) + " 0 closed"),
                found);
    }

    @Test
    void aDumpIsSwitchedOnAndOffForOneUdpSocket() throws IOException {
        UdpScript script = udp();
        UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", script);
        RawUdp peer = new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
        HexDump mine = HexDump.to(dump);
        peer.send(socket.localAddress(), "unseen");
        until("the first", () -> script.datagrams.size() == 1);
        inTurn(() -> socket.addTap(mine));
        peer.send(socket.localAddress(), "seen");
        until("the second", () -> script.datagrams.size() == 2);
        inTurn(() -> {
            socket.sendTo(peer.address(), "answer");
            socket.removeTap(mine);
            socket.removeTap(mine);
        });
        peer.send(socket.localAddress(), "unseen");
        until("the third", () -> script.datagrams.size() == 3);
        List<String> found = dump.toString()
                .lines()
                .filter(line -> line.contains("/udp-"))
                .map(line -> line.split(" ", 5))
                .map(parts -> parts[3] + " " + parts[4].substring(parts[4].indexOf(' ') + 1))
                .toList();
        assertEquals(List.of("-- 0 dump begins", "<- 4", "-> 6", "-- 0 dump ends"), found);
    }

    @Test
    void aUdpSocketHasAtMostSixteenTapsAndEachOfThemSees() throws IOException {
        UdpScript script = udp();
        UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", script);
        List<StringBuilder> dumps = new java.util.ArrayList<>();
        for (int i = 0; i < 16; i++) {
            dumps.add(new StringBuilder());
            socket.addTap(HexDump.to(dumps.get(i)));
        }
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> socket.addTap(HexDump.to(dump)));
        assertTrue(thrown.getMessage().endsWith("has 16 taps, the most that are possible"), thrown::getMessage);
        RawUdp peer = new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
        peer.send(socket.localAddress(), "all of you");
        until("the datagram", () -> script.datagrams.size() == 1);
        dumps.forEach(each -> assertTrue(each.toString().contains("all of you"), each::toString));
        assertEquals("", dump.toString());
    }

    @Test
    void aUdpSocketIsTappedFromItsPeerOnUntilItIsClosed() {
        UdpScript script = udp();
        UdpSocket socket = manager().connectUdp("udp://no-such-host.invalid:53", script);
        assertThrows(IllegalStateException.class, () -> socket.addTap(HexDump.to(dump)));
        socket.removeTap(HexDump.to(dump));
        socket.abort();
        until("Closed", script::isClosed);
        assertThrows(ConnectionClosedException.class, () -> socket.addTap(HexDump.to(dump)));
    }

    @Test
    void aTapThatFailsHarmsNoUdpSocket() throws IOException {
        Tap bad = new Tap() {
            @Override
            public void received(Wire wire, ByteBuffer bytes) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void sent(Wire wire, ByteBuffer bytes) {}
        };
        use(options -> options.observe(
                ObserveOptions.builder().tap(bad).tap(HexDump.to(dump)).build()));
        UdpScript script = udp();
        UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", script);
        RawUdp peer = new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
        peer.send(socket.localAddress(), "one");
        until("the first", () -> script.texts().equals(List.of("one")));
        peer.send(socket.localAddress(), "two");
        until("the second", () -> script.texts().equals(List.of("one", "two")));
        assertEquals(
                2, dump.toString().lines().filter(line -> line.contains(" <- ")).count());
        assertSame(ErrorHook.Source.TAP, takeFailure().source());
    }

    @Test
    void timersAndTicksAreNoTraffic() {
        use(options -> options.tickInterval(SHORT).observe(ObserveOptions.tappedBy(HexDump.to(dump))));
        Script script = script().on(TcpEvent.Opened.class, (connection, opened) -> connection.setTimer(SHORT));
        accepted(listening(options -> options.ticks(true)), script);
        until("a tick and a timer", () -> script.has(TcpEvent.Tick.class) && script.has(TcpEvent.TimerFired.class));
        assertEquals(List.of("<+ 0"), headers());
    }

    @Test
    void aDumpIsSwitchedOnAndOffForOneConnection() {
        Script script = script();
        Peer peer = accepted(script);
        Connection connection = script.connection();
        HexDump mine = HexDump.to(dump);
        peer.send("unseen");
        until("the first", () -> script.text().equals("unseen"));
        inTurn(() -> connection.addTap(mine));
        peer.send("seen");
        until("the second", () -> script.text().endsWith("unseenseen"));
        inTurn(() -> connection.removeTap(mine));
        inTurn(() -> connection.removeTap(mine));
        peer.send("unseen");
        until("the third", () -> script.text().endsWith("unseenseenunseen"));
        assertEquals(List.of("-- 0 dump begins", "<- 4", "-- 0 dump ends"), headers());
    }

    @Test
    void whatIsGatheredIntoOneWriteIsSeenInItsOrder() {
        StringBuilder seen = new StringBuilder();
        use(options -> options.observe(ObserveOptions.tappedBy(new Tap() {
            @Override
            public void received(Wire wire, ByteBuffer bytes) {}

            @Override
            public void sent(Wire wire, ByteBuffer bytes) {
                assertTrue(bytes.isReadOnly());
                while (bytes.hasRemaining()) {
                    seen.append((char) bytes.get());
                }
            }
        })));
        Script script = script();
        Peer peer = accepted(script);
        byte[] large = pattern(300_000);
        inTurn(() -> script.connection().send("small").send(Bytes.copyOf(large)).send("end"));
        until("all of it", () -> peer.receivedCount() == large.length + 8);
        assertEquals(peer.text(), seen.toString());
    }

    @Test
    void aLongEventIsShownInPart() {
        int limit = 20;
        useDump(new HexDump.Limits(limit, 1 << 20));
        Script script = script();
        Peer peer = accepted(script);
        peer.send("x".repeat(limit));
        until("n", () -> script.bytes().length == limit);
        assertEquals(2, hexLines().size());
        peer.send("x".repeat(limit + 1));
        until("n + 1", () -> script.bytes().length == 2 * limit + 1);
        assertEquals("... 1 more bytes", hexLines().get(4));
    }

    @Test
    void theWholeDumpHasALimit() {
        useDump(new HexDump.Limits(1, 1));
        Script script = script();
        Peer peer = accepted(script);
        peer.send("unseen");
        until("all of it", () -> script.text().equals("unseen"));
        assertEquals(List.of("<+ 0"), headers());
        assertEquals(List.of("--- the dump ends here, at its limit of 1 characters"), hexLines());
    }

    @Test
    void aTargetThatFailsHarmsNoConnectionAndIsReportedOnce() {
        HexDump broken = HexDump.to(new Appendable() {
            @Override
            public Appendable append(CharSequence text) throws IOException {
                throw new IOException("no space left on device");
            }

            @Override
            public Appendable append(CharSequence text, int start, int end) throws IOException {
                throw new IOException("no space left on device");
            }

            @Override
            public Appendable append(char one) throws IOException {
                throw new IOException("no space left on device");
            }
        });
        use(options -> options.observe(ObserveOptions.tappedBy(broken)));
        for (int i = 0; i < 3; i++) {
            Script script = script();
            Peer peer = accepted(script);
            peer.send("fine");
            until("the bytes", () -> script.text().equals("fine"));
        }
        Failure failure = takeFailure();
        assertEquals(ErrorHook.Source.TAP, failure.source());
        assertTrue(failure.thrown() instanceof UncheckedIOException, failure::toString);
    }

    @Test
    void aTapThatThrowsIsTakenOffAndTheOthersGoOn() {
        Tap bad = new Tap() {
            @Override
            public void received(Wire wire, ByteBuffer bytes) {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void sent(Wire wire, ByteBuffer bytes) {}
        };
        use(options -> options.observe(
                ObserveOptions.builder().tap(bad).tap(HexDump.to(dump)).build()));
        Script script = script();
        Peer peer = accepted(script);
        peer.send("one");
        until("the first", () -> script.text().equals("one"));
        peer.send("two");
        until("the second", () -> script.text().equals("onetwo"));
        assertEquals(List.of("<+ 0", "<- 3", "<- 3"), headers());
        assertSame(ErrorHook.Source.TAP, takeFailure().source());
    }

    @Test
    void aConnectionHasAtMostSixteenTaps() {
        Script script = script();
        accepted(script);
        Connection connection = script.connection();
        for (int i = 0; i < 16; i++) {
            connection.addTap(HexDump.to(new StringBuilder()));
        }
        assertThrows(IllegalStateException.class, () -> connection.addTap(HexDump.to(dump)));
        ObserveOptions.Builder options = ObserveOptions.builder();
        for (int i = 0; i < 16; i++) {
            options.tap(HexDump.to(dump));
        }
        assertEquals(16, options.build().taps().size());
        assertThrows(
                IllegalArgumentException.class,
                () -> options.tap(HexDump.to(dump)).build());
    }

    @Test
    void onlyWhatIsEstablishedIsTapped() {
        ListenerHandle listener = peerListener();
        Script script = script();
        Connection connection = manager().connect(addressOf(listener), script);
        assertThrows(IllegalStateException.class, () -> connection.addTap(HexDump.to(dump)));
        connection.abort();
        untilClosed(script);
        assertThrows(ConnectionClosedException.class, () -> connection.addTap(HexDump.to(dump)));
    }

    @Test
    void aFileIsAppendedTo(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("dump.txt");
        Files.writeString(file, "before\n");
        try (HexDump toFile = HexDump.toFile(file)) {
            use(options -> options.observe(ObserveOptions.tappedBy(toFile)));
            Acceptor acceptor = listen(script());
            peer(acceptor);
            until("a connection", () -> acceptor.connectionCount() == 1);
            assertEquals(2, Files.readString(file).lines().count(), "written without being closed");
        }
        assertTrue(Files.readString(file).startsWith("before\n"));
        assertTrue(
                HEADER.matcher(Files.readString(file).lines().toList().get(1)).matches());
    }
}
