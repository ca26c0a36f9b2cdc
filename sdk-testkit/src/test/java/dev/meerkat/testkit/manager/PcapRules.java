package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ErrorHook;
import dev.meerkat.ObserveOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.internal.observe.AddressText;
import dev.meerkat.observe.PcapWriter;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.testkit.capture.Capture;
import dev.meerkat.testkit.capture.Captures;
import dev.meerkat.testkit.capture.Stream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A packet capture of what passes the connections of a manager. */
abstract class PcapRules extends ManagerRules {
    private static final PcapWriter.Limits SMALLEST = new PcapWriter.Limits(128 << 10, 1);

    private Path file(String name) {
        return Captures.file(name + (arm.isVirtual() ? "-virtual" : "-real"));
    }

    private PcapWriter capture(Path file, PcapWriter.Limits limits) throws IOException {
        PcapWriter writer = PcapWriter.toFile(file, limits);
        use(options -> options.name("captured").observe(ObserveOptions.tappedBy(writer)));
        return writer;
    }

    @Test
    void bothDirectionsAreWholeAndTheEndIsThere() throws IOException {
        Path file = file("manager-echo");
        byte[] bytes = pattern(300_000);
        try (PcapWriter writer = capture(file, PcapWriter.Limits.DEFAULT)) {
            Script script =
                    script().on(TcpEvent.Received.class, (connection, received) -> connection.send(received.buffer()));
            Peer peer = accepted(script);
            peer.send(bytes);
            until("the echo", () -> peer.receivedCount() == bytes.length);
            peer.shutdownOutput();
            until("the end", peer::hasEnded);
            untilClosed(script);
            writer.flush();
        }
        Capture capture = Captures.read(file);
        assertEquals(List.of("captured"), capture.interfaces());
        assertEquals(1, capture.streams().size());
        Stream stream = capture.streams().get(0);
        assertArrayEquals(bytes, stream.fromClient());
        assertArrayEquals(bytes, stream.fromServer());
        assertEquals(List.of("> SYN", "< SYN", "> FIN", "< FIN"), stream.marks());
        assertEquals("captured/conn-1", capture.packets().get(0).comment());
        assertFalse(capture.packets().get(0).outbound(), "the peer's SYN came in");
    }

    @Test
    void datagramsAreSeenBothWaysWithTheirAddressesAndEmptyOnesToo() throws IOException {
        Path file = file("manager-datagrams");
        InetSocketAddress peerAddress;
        InetSocketAddress ours;
        try (PcapWriter writer = capture(file, PcapWriter.Limits.DEFAULT)) {
            UdpScript script = udp().on(
                            UdpEvent.Received.class,
                            (socket, received) -> socket.sendTo(received.sender(), received.buffer()));
            UdpSocket socket = manager().listenUdp("udp://" + arm.host() + ":0", script);
            RawUdp peer = new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
            peerAddress = peer.address();
            ours = socket.localAddress();
            peer.send(ours, "hello").send(ours, "");
            until("the echoes", () -> peer.texts().size() == 2);
            inTurn(() -> socket.sendTo(peer.address(), pattern(20_000)));
            writer.flush();
        }
        Capture capture = Captures.read(file);
        String near = AddressText.of(ours);
        String far = AddressText.of(peerAddress);
        String large = new String(pattern(20_000), StandardCharsets.ISO_8859_1);
        assertEquals(
                List.of(
                        new Capture.Datagram(far, near, "hello", false, "captured/udp-1"),
                        new Capture.Datagram(near, far, "hello", true, "captured/udp-1"),
                        new Capture.Datagram(far, near, "", false, "captured/udp-1"),
                        new Capture.Datagram(near, far, "", true, "captured/udp-1"),
                        new Capture.Datagram(near, far, large, true, "captured/udp-1")),
                capture.datagrams());
    }

    @Test
    void anOutboundConnectionThatIsResetEndsWithAReset() throws IOException {
        Path file = file("manager-reset");
        try (PcapWriter writer = capture(file, PcapWriter.Limits.DEFAULT)) {
            Script script = script().on(TcpEvent.Opened.class, (connection, opened) -> connection.send("hello"));
            Peer peer = connected(script);
            until("the greeting", () -> peer.text().equals("hello"));
            peer.reset();
            untilClosed(script);
            writer.flush();
        }
        Stream stream = Captures.read(file).streams().get(0);
        assertEquals(List.of("> SYN", "< SYN", "< RST"), stream.marks());
        assertEquals(5, stream.fromClient().length);
    }

    @Test
    void anAbortIsAResetOfOurs() throws IOException {
        Path file = file("manager-abort");
        try (PcapWriter writer = capture(file, PcapWriter.Limits.DEFAULT)) {
            Script script = script();
            accepted(script);
            script.connection().abort();
            untilClosed(script);
            writer.flush();
        }
        assertEquals(
                List.of("> SYN", "< SYN", "< RST"),
                Captures.read(file).streams().get(0).marks());
    }

    @Test
    void ofTwoEndsInOneManagerOneIsWritten() throws IOException {
        Path file = file("manager-both-ends");
        try (PcapWriter writer = capture(file, PcapWriter.Limits.DEFAULT)) {
            Script server =
                    script().on(TcpEvent.Received.class, (connection, received) -> connection.send(received.buffer()));
            Acceptor acceptor = listen(server);
            Script client = script().on(TcpEvent.Opened.class, (connection, opened) -> connection.send("hello"));
            manager().connect(arm.host() + ":" + acceptor.port(), client);
            until("the echo", () -> client.text().equals("hello"));
            client.connection().close();
            untilClosed(client);
            untilClosed(server);
            writer.flush();
        }
        List<Stream> streams = Captures.read(file).streams();
        assertEquals(1, streams.size());
        assertEquals("hello", new String(streams.get(0).fromClient(), StandardCharsets.US_ASCII));
        assertEquals("hello", new String(streams.get(0).fromServer(), StandardCharsets.US_ASCII));
        assertEquals(
                2,
                streams.get(0).marks().stream()
                        .filter(mark -> mark.endsWith("FIN"))
                        .count());
    }

    @Test
    void aConnectionThatIsTappedLaterBeginsWithAHandshakeAllTheSame() throws IOException {
        Path file = file("manager-later");
        Script script = script();
        Peer peer = accepted(script);
        peer.send("before");
        until("the first", () -> script.text().equals("before"));
        try (PcapWriter writer = PcapWriter.toFile(file)) {
            inTurn(() -> script.connection().addTap(writer));
            peer.send("after");
            until("the second", () -> script.text().endsWith("after"));
            inTurn(() -> script.connection().removeTap(writer));
            peer.send("unseen");
            until("the third", () -> script.text().endsWith("unseen"));
            writer.flush();
        }
        Stream stream = Captures.read(file).streams().get(0);
        assertEquals("after", new String(stream.fromClient(), StandardCharsets.US_ASCII));
        assertEquals(List.of("> SYN", "< SYN"), stream.marks());
    }

    @Test
    void aFileThatIsFullStaysBelowItsLimitAndIsReadable() throws IOException {
        Path file = file("manager-full");
        try (PcapWriter writer = capture(file, SMALLEST)) {
            Script script = script();
            Peer peer = accepted(script);
            peer.send(pattern(300_000));
            until("all of it", () -> script.bytes().length == 300_000);
            writer.flush();
        }
        assertTrue(Files.size(file) <= SMALLEST.bytes(), "size " + Files.size(file));
        assertTrue(Files.size(file) > SMALLEST.bytes() - 2000, "size " + Files.size(file));
        assertTrue(Captures.read(file).streams().get(0).fromClient().length > 100_000);
    }

    @Test
    void fullFilesTakeTurnsAndTheOldestGoes(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("turns.pcapng");
        try (PcapWriter writer = capture(file, new PcapWriter.Limits(SMALLEST.bytes(), 3))) {
            Script script = script();
            Peer peer = accepted(script);
            peer.send(pattern(600_000));
            until("all of it", () -> script.bytes().length == 600_000);
            writer.flush();
        }
        try (java.util.stream.Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    List.of("turns.pcapng", "turns.pcapng.1", "turns.pcapng.2"),
                    files.map(each -> each.getFileName().toString()).sorted().toList());
        }
        for (String name : List.of("turns.pcapng.1", "turns.pcapng.2")) {
            assertTrue(Files.size(folder.resolve(name)) <= SMALLEST.bytes());
            assertEquals(
                    List.of("captured"), Capture.blocksOf(folder.resolve(name)).interfaces());
        }
    }

    @Test
    void aTargetThatFailsHarmsNoConnectionAndIsReportedOnce() {
        PcapWriter broken = PcapWriter.to(new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException("no space left on device");
            }
        });
        use(options -> options.observe(ObserveOptions.tappedBy(broken)));
        for (int i = 0; i < 3; i++) {
            Script script = script();
            Peer peer = accepted(script);
            peer.send(pattern(100_000));
            until("the bytes", () -> script.bytes().length == 100_000);
        }
        assertEquals(ErrorHook.Source.TAP, takeFailure().source());
    }

    @Test
    void aStreamTakesTheSameBytesAsAFile() throws IOException {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try (PcapWriter writer = PcapWriter.to(target)) {
            use(options -> options.observe(ObserveOptions.tappedBy(writer)));
            Script script = script();
            Peer peer = accepted(script);
            peer.send("hello");
            until("the bytes", () -> script.text().equals("hello"));
            writer.flush();
            assertEquals(5, Capture.of(target.toByteArray()).streams().get(0).fromClient().length);
        }
    }

    @Test
    void aFileHoldsAtLeastOneLargePacketAndThereAreAtMostAThousand() {
        assertEquals(SMALLEST.bytes(), new PcapWriter.Limits(SMALLEST.bytes(), 1000).bytes());
        assertThrows(IllegalArgumentException.class, () -> new PcapWriter.Limits(SMALLEST.bytes() - 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new PcapWriter.Limits(SMALLEST.bytes(), 0));
        assertThrows(IllegalArgumentException.class, () -> new PcapWriter.Limits(SMALLEST.bytes(), 1001));
    }
}
