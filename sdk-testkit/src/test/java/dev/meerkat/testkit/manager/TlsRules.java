package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionState;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Fault;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.FileRegion;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.tls.ClientAuth;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsRole;
import dev.meerkat.tls.TlsSession;
import dev.meerkat.tls.TlsVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Encrypted connections, on every transport: nothing changes for a handler but who may connect and who may listen in.
 */
abstract class TlsRules extends ManagerRules {
    private static final String NAME = "tls.test";

    /** A record of TLS 1.2 with an alert, warning, close_notify (RFC 8446 §6). */
    private static final byte[] CLOSE_NOTIFY = {21, 3, 3, 0, 2, 1, 0};

    @TempDir
    Path directory;

    private TestCa ca;

    @BeforeEach
    void makeAuthority() {
        ca = TestCa.create(manager().wallTime());
    }

    final TlsOptions server() {
        return TlsOptions.server(ca.server(NAME).identity());
    }

    final TlsOptions client() {
        return TlsOptions.client(ca.trust()).toBuilder().serverName(NAME).build();
    }

    final TestCa authority() {
        return ca;
    }

    static TlsOptions only(TlsOptions options, TlsVersion version) {
        return options.toBuilder().versions(version).build();
    }

    static ListenOptions serving(TlsOptions tls) {
        return ListenOptions.builder().tls(tls).build();
    }

    static ConnectOptions asking(TlsOptions tls) {
        return ConnectOptions.builder().tls(tls).build();
    }

    final Acceptor listenTls(ListenOptions options, Script script) {
        return manager().listen("tls://" + arm.host() + ":0", options, script);
    }

    final Connection connectTls(Acceptor acceptor, ConnectOptions options, Script script) {
        return manager().connect("tls://" + arm.host() + ":" + acceptor.port(), options, script);
    }

    /** A pair of connections of the manager, both opened. */
    final void pair(ListenOptions listening, Script accepted, ConnectOptions connecting, Script made) {
        Acceptor acceptor = listenTls(listening, accepted);
        Connection unused = connectTls(acceptor, connecting, made);
        until("both to be opened", () -> accepted.isOpened() && made.isOpened());
        acceptor.close();
    }

    /** A pair that cannot agree: both have been told. */
    final void failing(TlsOptions listening, Script accepted, TlsOptions connecting, Script made) {
        Acceptor acceptor = listenTls(serving(listening), accepted);
        Connection unused = connectTls(acceptor, asking(connecting), made);
        until("both to have failed", () -> accepted.isClosed() && made.isClosed());
        acceptor.close();
    }

    static Script echo(Script script) {
        return script.on(TcpEvent.Received.class, (connection, received) -> connection.send(received.buffer()));
    }

    static ConnectionError error(Script script) {
        return script.closeReason().error().orElseThrow(() -> new AssertionError("a clean end"));
    }

    // ---- what flows

    @ParameterizedTest
    @EnumSource
    void whatIsSentArrivesAndTheEndIsClean(TlsVersion version) {
        Script server = echo(script());
        Script client = script();
        pair(serving(only(server(), version)), server, asking(client()), client);
        inTurn(() -> client.connection().send("hello"));
        until("the echo", () -> client.text().equals("hello"));
        inTurn(() -> client.connection().close());
        untilClosed(client);
        untilClosed(server);
        assertEquals("clean, by LOCAL", client.closeReason().toString());
        assertEquals("clean, by PEER", server.closeReason().toString());
        assertEquals(List.of("Opened", "Received", "InputClosed", "Closed"), server.kinds());
    }

    @ParameterizedTest
    @EnumSource
    void muchMoreThanTheSocketsTakeArrivesWhole(TlsVersion version) {
        byte[] sent = pattern(3_000_000);
        Script server = echo(script());
        Script client = script();
        pair(serving(only(server(), version)), server, asking(client()), client);
        inTurn(() -> client.connection().send(sent));
        until("all of it", () -> client.bytes().length == sent.length);
        assertArrayEquals(sent, client.bytes());
    }

    @ParameterizedTest
    @EnumSource
    void aFileIsSealedSliceBySlice(TlsVersion version) throws IOException {
        byte[] content = pattern(3_000_000);
        FileRegion region = FileRegion.open(Files.write(directory.resolve("file"), content));
        Script server = script();
        Script client = script();
        pair(serving(only(server(), version)), server, asking(client()), client);
        int[] mostInMemory = new int[1];
        inTurn(() -> server.connection().send(region).close());
        until("all of it", () -> {
            long inMemory =
                    server.connection().pendingBytes() - server.connection().pendingFileBytes();
            mostInMemory[0] = Math.max(mostInMemory[0], (int) inMemory);
            return client.bytes().length == content.length;
        });
        assertArrayEquals(content, client.bytes());
        untilClosed(client);
        assertEquals("clean, by PEER", client.closeReason().toString());
        assertFalse(region.file().isOpen());
        assertTrue(mostInMemory[0] <= 5 * 64 << 10, "in memory: " + mostInMemory[0]);
    }

    @Test
    void tlsIsNotStartedWhileAFileWaitsToLeaveInClear() throws IOException {
        byte[] content = pattern(100_000);
        FileRegion region = FileRegion.open(Files.write(directory.resolve("file"), content));
        Script script = script();
        Peer peer = accepted(script);
        inTurn(() -> {
            script.connection().send(region);
            assertThrows(IllegalStateException.class, () -> script.connection().startTls(server()));
        });
        until("all of it", () -> peer.receivedCount() == content.length);
        assertArrayEquals(content, peer.received());
    }

    @Test
    void whatIsSentBeforeOpenedLeavesAfterTheHandshake() {
        Script server = script();
        Script client = script();
        Acceptor acceptor = listenTls(serving(server()), server);
        connectTls(acceptor, asking(client()), client).send("early");
        until("all of it", () -> server.text().equals("early"));
    }

    @Test
    void aBroadcastReachesEncryptedConnectionsOnceTheyAreOpen() {
        Script server = script().on(TcpEvent.Broadcast.class, (to, message) -> to.send(message.bytes()));
        Script client = script();
        pair(serving(server()), server, asking(client()), client);
        inTurn(() -> manager().broadcast(Bytes.utf8("x".repeat(5000))));
        until("the message", () -> client.text().length() == 5000);
    }

    @Test
    void aReceiveLimitOfAByteLosesNothingAndHoldsThePeerBack() {
        Script server = script();
        Script client = script();
        pair(
                serving(server()).toBuilder()
                        .connection(connection(options -> options.receiveLimit(1)))
                        .build(),
                server,
                asking(client()),
                client);
        byte[] sent = pattern(2000);
        inTurn(() -> client.connection().send(sent));
        until("all of it", () -> server.bytes().length == sent.length);
        assertArrayEquals(sent, server.bytes());
        server.all(TcpEvent.Received.class).forEach(received -> assertEquals(1, received.count()));
    }

    @Test
    void whileReadingIsPausedNothingIsDeliveredAndAfterwardsEverything() {
        Script server = script().on(TcpEvent.Opened.class, (connection, opened) -> connection.pauseReading());
        Script client = script();
        pair(serving(server()), server, asking(client()), client);
        byte[] sent = pattern(500_000);
        inTurn(() -> client.connection().send(sent));
        settle();
        assertEquals(0, server.bytes().length);
        long turns = manager().statistics().turns();
        settle();
        assertTrue(manager().statistics().turns() - turns < 200, "a pause is no busy loop");
        inTurn(() -> server.connection().resumeReading());
        until("all of it", () -> server.bytes().length == sent.length);
        assertArrayEquals(sent, server.bytes());
    }

    /** What is left in the middle of a record wants no readiness of the socket. */
    @Test
    void pausingAfterEveryEventLosesNothing() {
        Script server = script();
        server.on(TcpEvent.Received.class, (connection, received) -> {
            server.take(connection, received);
            connection.pauseReading();
            manager().post(connection::resumeReading);
        });
        Script client = script();
        pair(
                serving(server()).toBuilder()
                        .connection(connection(options -> options.receiveLimit(3000)))
                        .build(),
                server,
                asking(client()),
                client);
        byte[] sent = pattern(100_000);
        inTurn(() -> client.connection().send(sent));
        until("all of it", () -> server.bytes().length == sent.length);
        assertArrayEquals(sent, server.bytes());
    }

    @Test
    void drainedComesWhenTheCiphertextHasLeft() {
        Script server = script().on(TcpEvent.Opened.class, (connection, opened) -> connection.pauseReading());
        Script client = script();
        pair(
                serving(server()),
                server,
                asking(client()).toBuilder()
                        .connection(connection(options ->
                                options.lowWaterMark(0).highWaterMark(1).sentEvents(true)))
                        .build(),
                client);
        byte[] sent = pattern(MORE_THAN_FITS * 4);
        inTurn(() -> client.connection()
                .configure(connection(options -> options.lowWaterMark(0)
                        .highWaterMark(1)
                        .sentEvents(true)
                        .sendLimit(sent.length))));
        inTurn(() -> client.connection().send(sent));
        settle();
        assertFalse(client.has(TcpEvent.Drained.class));
        assertTrue(client.connection().pendingBytes() > 0);
        inTurn(() -> server.connection().resumeReading());
        until("all of it", () -> server.bytes().length == sent.length && client.has(TcpEvent.Drained.class));
        assertEquals(
                sent.length,
                client.all(TcpEvent.Sent.class).stream()
                        .mapToLong(TcpEvent.Sent::count)
                        .sum());
        assertEquals(0, client.connection().pendingBytes());
    }

    // ---- how it ends

    @Test
    void withHalfCloseOneDirectionGoesOn() {
        Script server = script().on(TcpEvent.InputClosed.class, (connection, ended) -> {
            connection.send("last words").shutdownOutput();
        });
        Script client = script();
        pair(
                serving(server()).toBuilder()
                        .connection(connection(options -> options.halfClose(true)))
                        .build(),
                server,
                asking(client()),
                client);
        inTurn(() -> client.connection().send("question"));
        inTurn(() -> client.connection().shutdownOutput());
        until("the answer", () -> client.text().equals("last words"));
        untilClosed(client);
        untilClosed(server);
        assertTrue(client.closeReason().isClean(), () -> client.closeReason().toString());
        assertTrue(server.closeReason().isClean(), () -> server.closeReason().toString());
        assertEquals("question", server.text());
    }

    @Test
    void everythingThatWasSentBeforeCloseArrives() {
        Script server = script().on(TcpEvent.Opened.class, (connection, opened) -> {
            connection.send(pattern(1_000_000));
            connection.close();
        });
        Script client = script();
        pair(
                serving(server()).toBuilder()
                        .connection(connection(options -> options.sendLimit(1_000_000)))
                        .build(),
                server,
                asking(client()),
                client);
        untilClosed(client);
        untilClosed(server);
        assertArrayEquals(pattern(1_000_000), client.bytes());
        assertTrue(server.closeReason().isClean(), () -> server.closeReason().toString());
    }

    @Test
    void anAbortIsAReset() {
        Script server = script();
        Script client = script();
        pair(serving(server()), server, asking(client()), client);
        inTurn(() -> client.connection().abort());
        untilClosed(server);
        assertEquals(Kind.RESET, server.errorKind());
    }

    /** Somebody between the two cuts the stream off. */
    @Test
    void anEndWithoutCloseNotifyIsTold() {
        Script server = script();
        Acceptor acceptor = listenTls(serving(server()), server);
        Script client = script();
        Relay relay = relayTo(acceptor, client);
        client.on(TcpEvent.Opened.class, (connection, opened) -> connection.send("half of i"));
        until("the first half", () -> {
            relay.pump();
            return server.text().equals("half of i");
        });
        relay.cut();
        untilClosed(server);
        assertEquals(Kind.TLS_TRUNCATED, server.errorKind());
        assertEquals(Fault.PEER, error(server).fault());
        assertFalse(server.has(TcpEvent.InputClosed.class));
    }

    // ---- who is who

    @Test
    void theSessionTellsWhatWasAgreedOn() {
        TlsOptions serving = server().toBuilder()
                .applicationProtocols("two", "one")
                .clientAuth(ClientAuth.REQUIRED)
                .trust(ca.trust())
                .build();
        TlsOptions asking = client().toBuilder()
                .applicationProtocols("one", "two")
                .identity(ca.client("somebody").identity())
                .build();
        Script server = script();
        Script client = script();
        pair(serving(serving), server, asking(asking), client);
        TlsSession ours = client.connection().tlsSession().orElseThrow();
        TlsSession theirs = server.connection().tlsSession().orElseThrow();
        assertEquals(TlsVersion.TLS_1_3, ours.version());
        assertEquals(ours.cipherSuite(), theirs.cipherSuite());
        assertEquals(Optional.of("two"), ours.applicationProtocol());
        assertEquals(Optional.of("two"), theirs.applicationProtocol());
        assertEquals(Optional.of(NAME), theirs.serverName());
        assertTrue(ours.peerCertificates()
                .get(0)
                .getIssuerX500Principal()
                .equals(ca.certificate().getSubjectX500Principal()));
        assertTrue(theirs.peerCertificates()
                .get(0)
                .getSubjectX500Principal()
                .getName()
                .contains("somebody"));
        assertTrue(client.connection().isSecured());
        inTurn(() -> client.connection().close());
        untilClosed(client);
        assertFalse(client.connection().isSecured());
        assertTrue(client.connection().tlsSession().isEmpty());
    }

    @Test
    void aPlainConnectionHasNoSession() {
        Script script = script();
        accepted(script);
        assertFalse(script.connection().isSecured());
        assertTrue(script.connection().tlsSession().isEmpty());
    }

    // ---- starting TLS on a connection that is open

    @ParameterizedTest
    @EnumSource
    void tlsStartsOnAnOpenConnectionInEitherRole(TlsRole connecting) {
        TlsRole accepting = connecting == TlsRole.CLIENT ? TlsRole.SERVER : TlsRole.CLIENT;
        Script server = script();
        Script client = script();
        server.on(TcpEvent.Received.class, (connection, received) -> {
            if (!connection.isSecured()) {
                assertEquals("STARTTLS\n", received.takeText());
                connection.send("go\n").startTls(optionsOf(accepting), accepting);
            } else {
                connection.send(received.buffer());
            }
        });
        client.on(TcpEvent.Opened.class, (connection, opened) -> connection.send("STARTTLS\n"))
                .on(TcpEvent.Received.class, (connection, received) -> {
                    if (!connection.isSecured()) {
                        assertEquals("go\n", received.buffer().take(3).utf8()); // what follows may be a record
                        connection.startTls(optionsOf(connecting), connecting);
                        connection.send("secret");
                    } else {
                        client.take(connection, received);
                    }
                });
        Acceptor acceptor = listen(server);
        manager().connect(arm.host() + ":" + acceptor.port(), client);
        until("the echo", () -> client.text().equals("secret"));
        assertEquals(1, client.count(TcpEvent.Secured.class));
        assertEquals(1, server.count(TcpEvent.Secured.class));
        inTurn(() -> client.connection().close());
        untilClosed(server);
        assertTrue(server.closeReason().isClean(), () -> server.closeReason().toString());
    }

    private TlsOptions optionsOf(TlsRole role) {
        return role == TlsRole.SERVER ? server() : client();
    }

    /** The hole of many a mail server: a command in clear behind STARTTLS, executed as if it had come encrypted. */
    @Test
    void whatSomebodySmugglesInBehindTheAgreementIsNeverDelivered() {
        Script server = script();
        server.on(TcpEvent.Received.class, (connection, received) -> {
            assertFalse(connection.isSecured());
            assertEquals("STARTTLS\n", received.buffer().take(9).utf8());
            connection.startTls(server());
            assertEquals(0, received.buffer().size());
        });
        Peer peer = accepted(server);
        peer.send("STARTTLS\nDELETE EVERYTHING\n");
        untilClosed(server);
        assertEquals(List.of("Opened", "Received", "HandshakeFailed", "Closed"), server.kinds());
        assertEquals(Kind.NOT_TLS, server.errorKind());
    }

    @Test
    void startingTlsTwiceOrTooLateIsAMistake() {
        Script server = script();
        Peer peer = accepted(server);
        Connection connection = server.connection();
        inTurn(() -> {
            connection.startTls(server());
            assertFalse(connection.isSecured());
            assertThrows(IllegalStateException.class, () -> connection.startTls(server()));
        });
        peer.reset();
        untilClosed(server);
        assertEquals(List.of("Opened", "HandshakeFailed", "Closed"), server.kinds());
        assertEquals(Kind.RESET, server.errorKind());
        assertThrows(ConnectionClosedException.class, () -> connection.startTls(server()));
    }

    // ---- what goes wrong

    private void refused(Kind expected, TestCertificate shown) {
        Script server = script();
        Script client = script();
        failing(TlsOptions.server(shown.identity()), server, client(), client);
        assertEquals(List.of("ConnectFailed", "Closed"), client.kinds());
        assertEquals(expected, client.errorKind(), () -> error(client).toString());
        assertEquals(Fault.PEER, error(client).fault());
        assertEquals(Initiator.PEER, client.closeReason().initiator());
        assertEquals(List.of("HandshakeFailed", "Closed"), server.kinds());
        assertEquals(Kind.TLS_ALERT, server.errorKind(), () -> error(server).toString());
        assertTrue(
                error(server).message().contains("certificate_"),
                () -> error(server).message());
    }

    @Test
    void anExpiredCertificateIsRefused() {
        refused(Kind.CERTIFICATE_EXPIRED, ca.expired(NAME));
    }

    @Test
    void aCertificateThatIsNotValidYetIsRefused() {
        refused(Kind.CERTIFICATE_NOT_YET_VALID, ca.notYetValid(NAME));
    }

    @Test
    void aCertificateOfAnotherHostIsRefused() {
        refused(Kind.CERTIFICATE_WRONG_HOST, ca.wrongHost());
    }

    @Test
    void aSelfSignedCertificateIsRefused() {
        refused(Kind.CERTIFICATE_SELF_SIGNED, TestCa.selfSigned(manager().wallTime(), NAME));
    }

    @Test
    void aCertificateOfAnUnknownAuthorityIsRefused() {
        refused(Kind.CERTIFICATE_UNTRUSTED, TestCa.create(manager().wallTime()).server(NAME));
    }

    @ParameterizedTest
    @EnumSource
    void aClientWithoutARequiredCertificateIsRefused(TlsVersion version) {
        TlsOptions serving = only(server(), version).toBuilder()
                .clientAuth(ClientAuth.REQUIRED)
                .trust(ca.trust())
                .build();
        Script server = script();
        Script client = script();
        failing(serving, server, client(), client);
        assertEquals(
                Kind.CERTIFICATE_MISSING,
                server.errorKind(),
                () -> error(server).toString());
        assertEquals(Kind.TLS_ALERT, client.errorKind(), () -> error(client).toString());
    }

    @Test
    void noCommonVersionIsToldToBoth() {
        Script server = script();
        Script client = script();
        failing(only(server(), TlsVersion.TLS_1_3), server, only(client(), TlsVersion.TLS_1_2), client);
        assertEquals(
                Kind.TLS_NO_AGREEMENT, server.errorKind(), () -> error(server).toString());
        assertEquals(Kind.TLS_ALERT, client.errorKind());
        assertTrue(
                error(client).message().contains("protocol_version"),
                () -> error(client).message());
    }

    @Test
    void noCommonCipherSuiteIsToldToBoth() {
        Script server = script();
        Script client = script();
        failing(
                server().toBuilder().cipherSuites("TLS_AES_256_GCM_SHA384").build(),
                server,
                client().toBuilder().cipherSuites("TLS_AES_128_GCM_SHA256").build(),
                client);
        assertEquals(
                Kind.TLS_NO_AGREEMENT, server.errorKind(), () -> error(server).toString());
        assertTrue(
                error(client).message().contains("handshake_failure"),
                () -> error(client).message());
    }

    @Test
    void noCommonApplicationProtocolIsToldToBoth() {
        Script server = script();
        Script client = script();
        failing(
                server().toBuilder().applicationProtocols("one").build(),
                server,
                client().toBuilder().applicationProtocols("two").build(),
                client);
        assertEquals(
                Kind.TLS_NO_AGREEMENT, server.errorKind(), () -> error(server).toString());
        assertTrue(
                error(client).message().contains("no_application_protocol"),
                () -> error(client).message());
    }

    @Test
    void aPeerThatSpeaksPlainTextIsNamedByBothSides() {
        Script server = script();
        Acceptor acceptor = listenTls(serving(server()), server);
        peer(acceptor).send("GET / HTTP/1.1\r\n\r\n");
        untilClosed(server);
        assertEquals(List.of("HandshakeFailed", "Closed"), server.kinds());
        assertEquals(Kind.NOT_TLS, server.errorKind());
        assertTrue(error(server).message().contains("HTTP"));

        ListenerHandle listener = peerListener();
        Script client = script();
        manager().connect("tls://" + addressOf(listener), asking(client()), client);
        accept(listener).send("220 ready\r\n");
        untilClosed(client);
        assertEquals(List.of("ConnectFailed", "Closed"), client.kinds());
        assertEquals(Kind.NOT_TLS, client.errorKind());
        assertTrue(error(client).message().contains("plain text"));
    }

    @Test
    void aPeerThatLeavesDuringTheHandshakeIsTold() {
        Script server = script();
        Acceptor acceptor = listenTls(serving(server()), server);
        peer(acceptor).shutdownOutput();
        untilClosed(server);
        assertEquals(Kind.TLS_TRUNCATED, server.errorKind());
    }

    /** An alert in clear that anybody may write: whoever believed it would be open without a key. */
    @ParameterizedTest
    @EnumSource
    void aServerThatAnswersWithCloseNotifyOpensNothing(TlsVersion version) {
        ListenerHandle listener = peerListener();
        Script client = script().on(TcpEvent.Opened.class, (connection, opened) -> connection.send("secret"));
        manager().connect("tls://" + addressOf(listener), asking(only(client(), version)), client);
        Peer peer = accept(listener);
        until("the hello", () -> peer.receivedCount() > 0);
        peer.send(CLOSE_NOTIFY);
        untilClosed(client);
        assertEquals(List.of("ConnectFailed", "Closed"), client.kinds());
        assertEquals(Kind.TLS_ALERT, client.errorKind(), () -> error(client).toString());
        assertEquals(Fault.PEER, error(client).fault());
        until("the end", () -> peer.hasEnded() || peer.wasReset());
        assertFalse(new String(peer.received(), StandardCharsets.ISO_8859_1).contains("secret"));
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatGoesOnWithCloseNotifyOpensNothing(TlsVersion version) {
        Script server = script().on(TcpEvent.Opened.class, (connection, opened) -> connection.send("secret"));
        Acceptor acceptor = listenTls(serving(only(server(), version)), server);
        Script client = script();
        Relay relay = relayTo(acceptor, client);
        until("the server's hello", () -> {
            relay.toServer.send(
                    Arrays.copyOfRange(relay.toClient.received(), relay.fromClient, relay.toClient.receivedCount()));
            relay.fromClient = relay.toClient.receivedCount();
            return relay.toServer.receivedCount() > 0;
        });
        relay.toServer.send(CLOSE_NOTIFY);
        untilClosed(server);
        assertEquals(List.of("HandshakeFailed", "Closed"), server.kinds());
        assertEquals(Fault.PEER, error(server).fault());
        assertFalse(new String(relay.toServer.received(), StandardCharsets.ISO_8859_1).contains("secret"));
        relay.cut();
        untilClosed(client);
    }

    @Test
    void closingDuringTheHandshakeCancelsIt() {
        ListenerHandle listener = peerListener();
        Script client = script();
        Connection connection = manager().connect("tls://" + addressOf(listener), asking(client()), client);
        Peer peer = accept(listener);
        until("the hello", () -> peer.receivedCount() > 0);
        assertEquals(ConnectionState.HANDSHAKING, connection.state());
        connection.close();
        untilClosed(client);
        assertEquals(Kind.CANCELLED, client.errorKind());
        until("the end", () -> peer.hasEnded() || peer.wasReset());
    }

    @Test
    void handshakesHaveALimitOfTheirOwn() {
        Script server = script();
        Acceptor acceptor =
                listenTls(serving(server()).toBuilder().maxHandshakes(2).build(), server);
        Peer first = peer(acceptor);
        Peer second = peer(acceptor);
        until("two handshakes", () -> first.isConnected() && second.isConnected() && acceptor.connectionCount() == 2);
        assertFalse(acceptor.isAccepting());
        Script client = script();
        Connection unused = connectTls(acceptor, asking(client()), client);
        settle();
        assertFalse(client.isOpened());
        first.reset();
        until("the third one", client::isOpened);
        assertFalse(client.isClosed());
    }

    /** One address cannot take all the places of those who are in their handshake. */
    @Test
    void oneAddressHasAsManyHandshakesAsItMayAndNoMore() {
        Script server = script();
        Acceptor acceptor = listenTls(
                serving(server()).toBuilder().maxHandshakesPerAddress(2).build(), server);
        Peer first = peer(acceptor);
        Peer second = peer(acceptor);
        until("n", () -> first.isConnected() && second.isConnected() && acceptor.connectionCount() == 2);
        Peer third = peer(acceptor);
        until("n + 1 to be refused", third::wasReset);
        assertEquals(2, acceptor.connectionCount());
        assertTrue(acceptor.isAccepting(), "others are let in");
        assertFalse(first.wasReset() || second.wasReset());
        first.reset();
        until("room", () -> acceptor.connectionCount() == 1);
        Script client = script();
        Connection unused = connectTls(acceptor, asking(client()), client);
        until("the next one", client::isOpened);
        settle();
        Script another = script();
        Connection alsoUnused = connectTls(acceptor, asking(client()), another);
        until("who is done takes no place", another::isOpened);
    }

    @Test
    void aLimitOfHandshakesIsAtLeastOne() {
        assertThrows(
                IllegalArgumentException.class,
                () -> ListenOptions.builder().maxHandshakesPerAddress(0).build());
        assertEquals(250, ListenOptions.DEFAULT.maxHandshakesPerAddress());
    }

    /** Whoever has too much to do does it himself: slower for all, but nobody is turned away. */
    @ParameterizedTest
    @EnumSource
    void ifNoWorkerTakesATaskTheLoopRunsIt(TlsVersion version) {
        BusyWorkers[] workers = new BusyWorkers[1];
        use(options -> {}, runtime -> {
            workers[0] = BusyWorkers.full(runtime);
            return workers[0].in(runtime);
        });
        Script server = echo(script());
        Script client = script();
        pair(serving(only(server(), version)), server, asking(client()), client);
        inTurn(() -> client.connection().send("hello"));
        until("the echo", () -> client.text().equals("hello"));
        assertTrue(workers[0].refused() >= 2, "tasks of both ends");
    }

    /** A failure of a task that the loop runs is the handshake's, and no other's. */
    @Test
    void whatATaskFindsWrongIsToldAlsoIfTheLoopRunsIt() {
        use(options -> {}, runtime -> BusyWorkers.full(runtime).in(runtime));
        refused(Kind.CERTIFICATE_EXPIRED, ca.expired(NAME));
    }

    @Test
    void aServerThatCannotServeIsRefusedAtOnce() {
        Script script = script();
        assertThrows(IllegalArgumentException.class, () -> listenTls(ListenOptions.DEFAULT, script));
        assertThrows(IllegalArgumentException.class, () -> listenTls(serving(client()), script));
        assertThrows(
                IllegalArgumentException.class,
                () -> manager().listen("tcp://" + arm.host() + ":0", serving(server()), script));
    }

    // ---- what a man in the middle does

    /** Carries ciphertext between a client and a server of the manager, in the hands of the test. */
    final class Relay {
        private final Peer toClient;
        private final Peer toServer;
        private int fromClient;
        private int fromServer;

        private Relay(Peer toClient, Peer toServer) {
            this.toClient = toClient;
            this.toServer = toServer;
        }

        void pump() {
            byte[] up = toClient.received();
            if (up.length > fromClient) {
                toServer.send(Arrays.copyOfRange(up, fromClient, up.length));
                fromClient = up.length;
            }
            byte[] down = toServer.received();
            if (down.length > fromServer) {
                toClient.send(Arrays.copyOfRange(down, fromServer, down.length));
                fromServer = down.length;
            }
        }

        /** The end of the stream in both directions, without a word of TLS. */
        void cut() {
            toServer.shutdownOutput();
            toClient.shutdownOutput();
        }
    }

    final Relay relayTo(Acceptor acceptor, Script client) {
        ListenerHandle listener = peerListener();
        manager().connect("tls://" + addressOf(listener), asking(client()), client);
        Relay relay = new Relay(accept(listener), peer(acceptor));
        return relay;
    }
}
