package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.ListenOptions;
import dev.meerkat.ObserveOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.event.UdpEvent;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.tls.TlsOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording tells. */
class NioFlightTest extends ManagerRules {
    @TempDir
    Path folder;

    @Override
    Arm openArm() {
        return new NioArm();
    }

    /** Records while something runs; answers the events of this test's manager. */
    private List<RecordedEvent> record(Runnable what, String... kinds) throws IOException {
        Path file = folder.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            for (String kind : kinds) {
                recording.enable("dev.meerkat." + kind).withoutThreshold();
            }
            recording.start();
            what.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event ->
                        List.of(kinds).contains(event.getEventType().getName().replace("dev.meerkat.", "")))
                .toList();
    }

    private static void assertNames(List<String> expected, List<RecordedEvent> events) {
        assertEquals(
                expected,
                events.stream()
                        .map(event -> event.getEventType().getName().substring("dev.meerkat.".length()))
                        .toList());
    }

    private void conversation() {
        Script script = script().on(TcpEvent.Received.class, (connection, received) -> {
            received.take();
            connection.send("bye").close();
        });
        Peer peer = accepted(script);
        peer.send("hello");
        until("the end", peer::hasEnded);
        peer.close();
        untilClosed(script);
    }

    @Test
    void aConnectionIsRecordedWithReasonBytesAndDuration() throws IOException {
        use(options -> options.name("served"));
        List<RecordedEvent> events = record(this::conversation, "ConnectionOpened", "ConnectionClosed");
        assertNames(List.of("ConnectionOpened", "ConnectionClosed"), events);
        RecordedEvent opened = events.get(0);
        assertEquals("served/conn-1", opened.getString("connection"));
        assertTrue(opened.getBoolean("inbound"));
        assertTrue(opened.getString("remote").startsWith("127.0.0.1:"), opened::toString);
        RecordedEvent closed = events.get(1);
        assertEquals("LOCAL", closed.getString("initiator"));
        assertEquals(null, closed.getString("error"));
        assertEquals(5, closed.getLong("received"));
        assertEquals(3, closed.getLong("sent"));
        assertEquals(opened.getString("remote"), closed.getString("remote"));
        assertTrue(closed.getDuration().compareTo(Duration.ZERO) > 0, closed::toString);
    }

    @Test
    void anErrorIsRecordedByItsKind() throws IOException {
        List<RecordedEvent> events = record(
                () -> {
                    Script script = script();
                    accepted(script).reset();
                    untilClosed(script);
                },
                "ConnectionClosed");
        assertEquals("RESET", events.get(0).getString("error"));
        assertEquals("PEER", events.get(0).getString("initiator"));
    }

    @Test
    void aConnectionOlderThanTheRecordingHasNoBytes() throws IOException {
        Script script = script();
        Peer peer = accepted(script);
        List<RecordedEvent> events = record(
                () -> {
                    peer.close();
                    untilClosed(script);
                },
                "ConnectionClosed");
        assertNames(List.of("ConnectionClosed"), events);
        assertEquals(-1, events.get(0).getLong("received"));
        assertEquals(-1, events.get(0).getLong("sent"));
    }

    @Test
    void aSlowHandlerIsRecordedWithItsEventAndClass() throws IOException {
        manager();
        List<RecordedEvent> events = record(
                () -> {
                    inTurn(() -> {}); // from the next turn on handlers are timed
                    accepted(script());
                },
                "SlowHandler");
        assertEquals("Opened", events.get(0).getString("event"));
        assertEquals(Script.class.getName(), events.get(0).getClass("handler").getName());
    }

    @Test
    void aStallIsRecordedFromMarkToMark() throws IOException {
        List<RecordedEvent> events = record(
                () -> {
                    Script script = script();
                    Peer peer = accepted(
                                    listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                                    SMALL_PEER,
                                    script)
                            .stopReading();
                    inTurn(() -> script.connection().send(new byte[MORE_THAN_FITS]));
                    settle();
                    peer.startReading();
                    until("all of it", () -> script.has(TcpEvent.Drained.class));
                },
                "WriteStalled");
        assertNames(List.of("WriteStalled"), events);
        assertEquals(MORE_THAN_FITS, events.get(0).getInt("pending"));
        assertTrue(events.get(0).getBoolean("drained"));
    }

    @Test
    void aPausingAcceptorIsRecorded() throws IOException {
        List<RecordedEvent> events = record(
                () -> {
                    Script script = script();
                    Acceptor acceptor =
                            listen(ListenOptions.builder().maxConnections(1).build(), script);
                    Peer first = peer(acceptor);
                    peer(acceptor);
                    until("the limit", () -> script.isOpened() && !acceptor.isAccepting());
                    settle();
                    first.close();
                    until("the next", () -> script.count(TcpEvent.Opened.class) == 2);
                    acceptor.close();
                },
                "AcceptPaused");
        assertFalse(events.isEmpty());
        assertTrue(events.get(0).getBoolean("limit"));
        assertTrue(events.get(0).getString("acceptor").startsWith("acceptor on 127.0.0.1:"), events::toString);
    }

    @Test
    void aTlsHandshakeIsRecordedWithWhatWasAgreedOnAtEitherEnd() throws IOException {
        use(options -> options.name("secured"));
        TlsOptions tls = TestTls.options(manager().wallTime());
        List<RecordedEvent> events = record(
                () -> {
                    Script server = script();
                    Script client = script();
                    Acceptor acceptor = manager()
                            .listen(
                                    "tls://" + arm.host() + ":0",
                                    ListenOptions.builder().tls(tls).build(),
                                    server);
                    manager()
                            .connect(
                                    "tls://" + arm.host() + ":" + acceptor.port(),
                                    ConnectOptions.builder().tls(tls).build(),
                                    client);
                    until("both", () -> server.isOpened() && client.isOpened());
                },
                "TlsHandshake");
        assertEquals(2, events.size(), events::toString);
        for (RecordedEvent event : events) {
            boolean inbound = event.getBoolean("inbound");
            assertEquals("TLSv1.3", event.getString("protocol"));
            assertTrue(event.getString("cipher").startsWith("TLS_"), event::toString);
            assertEquals(inbound, event.getString("peer") == null, event::toString);
            assertTrue(inbound || event.getString("peer").contains("tls.test"), event::toString);
            assertEquals(null, event.getString("error"));
            assertTrue(event.getString("connection").startsWith("secured/conn-"), event::toString);
            assertTrue(event.getString("remote").startsWith("127.0.0.1:"), event::toString);
            assertTrue(event.getDuration().compareTo(Duration.ZERO) > 0, event::toString);
        }
    }

    @Test
    void aTlsHandshakeThatFailsIsRecordedByTheKindOfItsError() throws IOException {
        TlsOptions tls = TestTls.options(manager().wallTime());
        List<RecordedEvent> events = record(
                () -> {
                    Script server = script();
                    Acceptor acceptor = manager()
                            .listen(
                                    "tls://" + arm.host() + ":0",
                                    ListenOptions.builder().tls(tls).build(),
                                    server);
                    peer(acceptor).send("GET / HTTP/1.1\r\n\r\n");
                    untilClosed(server);
                },
                "TlsHandshake");
        assertNames(List.of("TlsHandshake"), events);
        assertEquals("NOT_TLS", events.get(0).getString("error"));
        assertEquals(null, events.get(0).getString("protocol"));
        assertTrue(events.get(0).getString("remote").startsWith("127.0.0.1:"), events::toString);
    }

    private UdpSocket echoing(UdpScript script) {
        script.on(UdpEvent.Received.class, (socket, received) -> socket.sendTo(received.sender(), received.buffer()));
        UdpSocket socket = manager().listenUdp("udp://127.0.0.1:0", script);
        until("Opened", script::isOpened);
        return socket;
    }

    private RawUdp udpPeer() {
        try {
            return new RawUdp(arm.peers().datagram(arm.peerAddress(), SocketOptions.DEFAULT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void datagrams(UdpSocket socket, UdpScript script) {
        RawUdp peer = udpPeer();
        peer.send(socket.localAddress(), "hello").send(socket.localAddress(), "");
        until("the echoes", () -> peer.texts().size() == 2);
        inTurn(() -> socket.sendTo(new InetSocketAddress("255.255.255.255", 9), "not permitted"));
        socket.close();
        until("Closed", script::isClosed);
    }

    @Test
    void aUdpSocketIsRecordedWithReasonCountsAndDuration() throws IOException {
        use(options -> options.name("served"));
        List<RecordedEvent> events = record(
                () -> {
                    UdpScript script = udp();
                    datagrams(echoing(script), script);
                },
                "UdpOpened",
                "UdpClosed");
        assertNames(List.of("UdpOpened", "UdpClosed"), events);
        RecordedEvent opened = events.get(0);
        assertEquals("served/udp-1", opened.getString("socket"));
        assertTrue(opened.getString("local").startsWith("127.0.0.1:"), opened::toString);
        assertEquals(null, opened.getString("remote"));
        RecordedEvent closed = events.get(1);
        assertEquals(opened.getString("local"), closed.getString("local"));
        assertEquals("LOCAL", closed.getString("initiator"));
        assertEquals(null, closed.getString("error"));
        assertEquals(2, closed.getLong("datagramsReceived"));
        assertEquals(5, closed.getLong("received"));
        assertEquals(2, closed.getLong("datagramsSent"));
        assertEquals(5, closed.getLong("sent"));
        assertEquals(1, closed.getLong("failures"));
        assertTrue(closed.getDuration().compareTo(Duration.ZERO) > 0, closed::toString);
    }

    @Test
    void aUdpSocketWithAPeerIsRecordedWithItAndWithTheKindOfItsError() throws IOException {
        RawUdp peer = udpPeer();
        String address = "127.0.0.1:" + peer.address().getPort();
        List<RecordedEvent> events = record(
                () -> {
                    UdpScript script = udp();
                    UdpSocket socket = manager().connectUdp("udp://" + address, script);
                    until("Opened", script::isOpened);
                    socket.abort();
                    until("Closed", script::isClosed);
                },
                "UdpOpened",
                "UdpClosed");
        assertEquals(address, events.get(0).getString("remote"));
        assertEquals(address, events.get(1).getString("remote"));
        assertEquals("ABORTED", events.get(1).getString("error"));
    }

    @Test
    void aUdpSocketOlderThanTheRecordingHasNoCounts() throws IOException {
        UdpScript script = udp();
        UdpSocket socket = echoing(script);
        List<RecordedEvent> events = record(() -> datagrams(socket, script), "UdpClosed");
        for (String count : List.of("datagramsReceived", "received", "datagramsSent", "sent", "failures")) {
            assertEquals(-1, events.get(0).getLong(count), count);
        }
    }

    @Test
    void aSlowHandlerOfAUdpSocketIsRecorded() throws IOException {
        manager();
        List<RecordedEvent> events = record(
                () -> {
                    inTurn(() -> {}); // from the next turn on handlers are timed
                    echoing(udp());
                },
                "SlowHandler");
        assertEquals("Opened", events.get(0).getString("event"));
        assertTrue(events.get(0).getString("connection").endsWith("/udp-1"), events::toString);
        assertEquals(
                UdpScript.class.getName(), events.get(0).getClass("handler").getName());
    }

    @Test
    void nothingIsRecordedOfAManagerThatDoesNotWantIt() throws IOException {
        use(options ->
                options.observe(ObserveOptions.builder().flightRecorder(false).build()));
        assertNames(
                List.of(),
                record(this::conversation, "ConnectionOpened", "ConnectionClosed", "SlowHandler", "WriteStalled"));
        UdpScript script = udp();
        assertNames(
                List.of(), record(() -> datagrams(echoing(script), script), "UdpOpened", "UdpClosed", "SlowHandler"));
    }
}
