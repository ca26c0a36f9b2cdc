package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.testkit.TestKey;
import dev.meerkat.tls.ClientAuth;
import dev.meerkat.tls.HandshakeTasks;
import dev.meerkat.tls.TlsIdentity;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsVersion;
import java.math.BigInteger;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECParameterSpec;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where the tasks of handshakes run, how often one goes to a worker, and that nothing else depends on it. */
abstract class HandshakeTasksRules extends ManagerRules {
    private static final String NAME = "tls.test";

    TestCa ca;
    CountingWorkers workers;
    /** How many handshakes of a {@link #counting} client were full ones. */
    private final AtomicInteger full = new AtomicInteger();

    @BeforeEach
    void countWhatWorkersAreGiven() {
        use(options -> {}, runtime -> {
            workers = new CountingWorkers(runtime);
            return workers.in(runtime);
        });
        ca = TestCa.create(manager().wallTime());
    }

    final TestCertificate certificate() {
        return ca.request(NAME).key(TestKey.EC_P256).issue();
    }

    final TlsOptions server(HandshakeTasks where) {
        return TlsOptions.server(certificate().identity()).toBuilder()
                .handshakeTasks(where)
                .build();
    }

    /** A server that says of each full handshake where its key was asked for. */
    final TlsOptions server(HandshakeTasks where, TlsVersion version, Runnable asked) {
        return TlsOptions.of(NotedKeys.context(certificate(), asked)).toBuilder()
                .handshakeTasks(where)
                .versions(version)
                .build();
    }

    final TlsOptions client(HandshakeTasks where) {
        return TlsOptions.client(ca.trust()).toBuilder()
                .serverName(NAME)
                .handshakeTasks(where)
                .build();
    }

    private TlsOptions counting(HandshakeTasks where) {
        return TlsOptions.of(NotedTrust.context(full::incrementAndGet)).toBuilder()
                .serverName(NAME)
                .handshakeTasks(where)
                .build();
    }

    final Acceptor listen(TlsOptions tls, Script script) {
        return listenTls(ListenOptions.builder().tls(tls).build(), script);
    }

    private Acceptor listenTls(ListenOptions options, Script script) {
        return manager().listen("tls://" + arm.host() + ":0", options, script);
    }

    final Connection connect(Acceptor acceptor, TlsOptions tls, Script script) {
        return manager()
                .connect(
                        "tls://" + arm.host() + ":" + acceptor.port(),
                        ConnectOptions.builder().tls(tls).build(),
                        script);
    }

    static Script echo(Script script) {
        return script.on(TcpEvent.Received.class, (connection, received) -> connection.send(received.buffer()));
    }

    /** A connection, one echo over it, and its end. */
    final void conversation(Acceptor acceptor, TlsOptions tls, Script server) {
        Script client = script();
        int before = server.count(TcpEvent.Closed.class);
        Connection unused = connect(acceptor, tls, client);
        until("the connection", () -> client.isOpened() || client.isClosed());
        assertTrue(client.isOpened(), client::toString);
        inTurn(() -> client.connection().send("hello"));
        until("the echo", () -> client.text().equals("hello"));
        inTurn(() -> client.connection().close());
        untilClosed(client);
        until("the server's end", () -> server.count(TcpEvent.Closed.class) > before);
        assertEquals("clean, by LOCAL", client.closeReason().toString());
        assertEquals(
                "clean, by PEER",
                server.all(TcpEvent.Closed.class).get(before).reason().toString());
    }

    // ---- on the loop

    @ParameterizedTest
    @EnumSource
    void onTheLoopNothingGoesToAWorker(TlsVersion version) {
        Script server = echo(script());
        TlsOptions serving = server(HandshakeTasks.ON_LOOP).toBuilder()
                .versions(version)
                .clientAuth(ClientAuth.REQUIRED)
                .trust(ca.trust())
                .build();
        TlsOptions asking = client(HandshakeTasks.ON_LOOP).toBuilder()
                .identity(ca.client("somebody").identity())
                .build();
        conversation(listen(serving, server), asking, server);
        assertEquals(0, workers.takeCount());
    }

    @Test
    void onTheLoopMuchArrivesWholeBothWays() {
        byte[] sent = pattern(1_000_000);
        Script server = echo(script());
        Script client = script();
        Acceptor acceptor = listen(server(HandshakeTasks.ON_LOOP), server);
        Connection connection = connect(acceptor, client(HandshakeTasks.ON_LOOP), client);
        inTurn(() -> connection.send(sent));
        until("all of it", () -> client.bytes().length == sent.length);
        assertArrayEquals(sent, client.bytes());
    }

    @Test
    void onTheLoopTlsStartsOnAnOpenConnection() {
        Script server = script();
        server.on(TcpEvent.Received.class, (connection, received) -> {
            if (connection.isSecured()) {
                connection.send(received.buffer());
            } else {
                assertEquals("STARTTLS\n", received.takeText());
                connection.send("go\n").startTls(server(HandshakeTasks.ON_LOOP));
            }
        });
        Script client = script();
        client.on(TcpEvent.Opened.class, (connection, opened) -> connection.send("STARTTLS\n"))
                .on(TcpEvent.Received.class, (connection, received) -> {
                    if (connection.isSecured()) {
                        client.take(connection, received);
                    } else {
                        assertEquals("go\n", received.buffer().take(3).utf8());
                        connection.startTls(client(HandshakeTasks.ON_LOOP));
                        connection.send("secret");
                    }
                });
        manager().connect(arm.host() + ":" + listen(server).port(), client);
        until("the echo", () -> client.text().equals("secret"));
        assertEquals(0, workers.takeCount());
    }

    @Test
    void onTheLoopTooHandshakesHaveALimit() {
        Script server = script();
        Acceptor acceptor = listenTls(
                ListenOptions.builder()
                        .tls(server(HandshakeTasks.ON_LOOP))
                        .maxHandshakes(2)
                        .build(),
                server);
        Peer first = peer(acceptor);
        Peer second = peer(acceptor);
        until("n", () -> first.isConnected() && second.isConnected() && acceptor.connectionCount() == 2);
        assertFalse(acceptor.isAccepting());
        Script client = script();
        Connection unused = connect(acceptor, client(HandshakeTasks.ON_LOOP), client);
        settle();
        assertFalse(client.isOpened(), "n + 1 waits in the backlog");
        first.reset();
        until("room", client::isOpened);
        settle();
        assertTrue(acceptor.connectionCount() == 2 && !client.isClosed());
    }

    /** One manager serves both kinds; each end decides for itself. */
    @Test
    void eachAcceptorAndEachConnectionDecidesForItself() {
        Script onLoop = echo(script());
        Script onWorkers = echo(script());
        Acceptor loop = listen(server(HandshakeTasks.ON_LOOP), onLoop);
        Acceptor worker = listen(server(HandshakeTasks.ON_WORKERS), onWorkers);
        conversation(loop, client(HandshakeTasks.ON_LOOP), onLoop);
        assertEquals(0, workers.takeCount());
        conversation(worker, client(HandshakeTasks.ON_LOOP), onWorkers);
        assertTrue(workers.takeCount() > 0);
    }

    // ---- with one processor

    final TlsOptions serving(TlsVersion version) {
        return TlsOptions.server(certificate().identity()).toBuilder()
                .versions(version)
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void withMoreProcessorsItComputesOnWorkers(TlsVersion version) {
        Script server = echo(script());
        conversation(listen(serving(version), server), client(HandshakeTasks.ON_LOOP), server);
        assertEquals(version == TlsVersion.TLS_1_3 ? 1 : 2, workers.takeCount());
    }

    @Test
    void withOneProcessorManyHandshakesAtOnceComeThrough() {
        workers.haveNoProcessor();
        Script server = echo(script());
        Acceptor acceptor = listen(serving(TlsVersion.TLS_1_3), server);
        List<Script> clients = Stream.generate(this::script).limit(20).toList();
        clients.forEach(client ->
                connect(acceptor, client(HandshakeTasks.ON_LOOP), client).send("hello"));
        until(
                "all of them",
                () -> clients.stream().allMatch(client -> client.text().equals("hello")));
    }

    @Test
    void withOneProcessorWhoGoesInTheMiddleOfAHandshakeIsNobodyElsesTrouble() {
        workers.haveNoProcessor();
        Script server = echo(script());
        Acceptor acceptor = listen(serving(TlsVersion.TLS_1_3), server);
        List<Script> gone = Stream.generate(this::script).limit(5).toList();
        gone.forEach(client -> client.on(TcpEvent.Opened.class, (connection, opened) -> connection.abort()));
        gone.forEach(client -> connect(acceptor, client(HandshakeTasks.ON_LOOP), client));
        Script client = script();
        connect(acceptor, client(HandshakeTasks.ON_LOOP), client).send("hello");
        until("the echo", () -> client.text().equals("hello"));
        gone.forEach(this::untilClosed);
        assertFalse(hasFailed());
    }

    /** A context of the program's own, certificates of clients, a key in a device, and the other role. */
    @Test
    void withOneProcessorWhatMayWaitIsLeftToTheWorkersAllTheSame() {
        workers.haveNoProcessor();
        TlsOptions own = TlsOptions.of(NotedKeys.context(certificate(), () -> {}));
        TlsOptions mutual = TlsOptions.server(certificate().identity()).toBuilder()
                .clientAuth(ClientAuth.WANTED)
                .trust(ca.trust())
                .build();
        TestCertificate certificate = certificate();
        TlsOptions device =
                TlsOptions.server(TlsIdentity.of(new DeviceKey((ECPrivateKey) certificate.key()), certificate.chain()));
        for (TlsOptions options : List.of(own, mutual, device)) {
            Script server = echo(script());
            conversation(listen(options, server), client(HandshakeTasks.ON_LOOP), server);
            assertTrue(workers.takeCount() > 0);
        }
        Script server = echo(script());
        conversation(listen(server(HandshakeTasks.ON_LOOP), server), client(HandshakeTasks.AUTOMATIC), server);
        assertTrue(workers.takeCount() > 0);
    }

    /** It signs, but does not show itself. */
    private record DeviceKey(ECPrivateKey hidden) implements ECPrivateKey {
        @Override
        public BigInteger getS() {
            return hidden.getS();
        }

        @Override
        public ECParameterSpec getParams() {
            return hidden.getParams();
        }

        @Override
        public String getAlgorithm() {
            return hidden.getAlgorithm();
        }

        @Override
        public @Nullable String getFormat() {
            return null;
        }

        @Override
        public byte @Nullable [] getEncoded() {
            return null;
        }
    }

    // ---- how often to a worker

    @ParameterizedTest
    @EnumSource
    void aServersHandshakeGoesToAWorkerOnceForEachMessageThatTakesLong(TlsVersion version) {
        Script server = echo(script());
        Acceptor acceptor = listen(server(HandshakeTasks.ON_WORKERS, version, () -> {}), server);
        TlsOptions asking = counting(HandshakeTasks.ON_LOOP);
        conversation(acceptor, asking, server);
        assertEquals(1, full.get());
        assertEquals(version == TlsVersion.TLS_1_3 ? 1 : 2, workers.takeCount(), "full");
        conversation(acceptor, asking, server);
        assertEquals(1, full.get(), "the second is resumed");
        assertEquals(1, workers.takeCount(), "resumed");
    }

    @ParameterizedTest
    @EnumSource
    void aClientsHandshakeGoesToAWorkerOnceForEachMessageThatTakesLong(TlsVersion version) {
        Script server = echo(script());
        Acceptor acceptor = listen(server(HandshakeTasks.ON_LOOP, version, () -> {}), server);
        TlsOptions asking = counting(HandshakeTasks.ON_WORKERS);
        conversation(acceptor, asking, server);
        assertEquals(1, full.get());
        assertEquals(version == TlsVersion.TLS_1_3 ? 2 : 1, workers.takeCount(), "full");
        conversation(acceptor, asking, server);
        assertEquals(1, full.get(), "the second is resumed");
        assertEquals(version == TlsVersion.TLS_1_3 ? 2 : 1, workers.takeCount(), "resumed");
    }

    // ---- what goes wrong

    @ParameterizedTest
    @EnumSource
    void whatATaskFindsWrongIsToldWhereverItRuns(HandshakeTasks where) {
        Script server = script();
        Script client = script();
        TlsOptions serving = TlsOptions.server(ca.expired(NAME).identity()).toBuilder()
                .handshakeTasks(where)
                .build();
        Connection unused = connect(listen(serving, server), client(where), client);
        untilClosed(client);
        untilClosed(server);
        assertEquals(List.of("ConnectFailed", "Closed"), client.kinds());
        assertEquals(Kind.CERTIFICATE_EXPIRED, client.errorKind());
        assertEquals(List.of("HandshakeFailed", "Closed"), server.kinds());
        assertEquals(Kind.TLS_ALERT, server.errorKind());
    }

    /**
     * What the program's own code throws within a task costs this handshake, and no other. JDK 17 then says hello, ends
     * with an encrypted close_notify, and as a client takes that for the end of the handshake, although nobody has
     * shown a certificate: the client must not be opened by it.
     */
    @ParameterizedTest
    @EnumSource
    void whatATaskThrowsEndsTheHandshakeWhereverItRuns(HandshakeTasks where) {
        itEnds(where, () -> {
            throw new IllegalStateException("broken key manager");
        });
    }

    /** JSSE passes an error on, and then takes its task for one that still runs. */
    @ParameterizedTest
    @EnumSource
    void anErrorOfATaskEndsTheHandshakeWhereverItRuns(HandshakeTasks where) {
        itEnds(where, () -> {
            throw new NoClassDefFoundError("broken key manager");
        });
    }

    private void itEnds(HandshakeTasks where, Runnable broken) {
        Script server = echo(script());
        Acceptor acceptor = listen(server(where, TlsVersion.TLS_1_3, broken), server);
        Script client = script();
        Connection unused = connect(acceptor, client(where), client);
        untilClosed(client);
        untilClosed(server);
        assertEquals(List.of("ConnectFailed", "Closed"), client.kinds());
        assertEquals(List.of("HandshakeFailed", "Closed"), server.kinds());
        assertEquals(
                Kind.TLS_FAILED, server.errorKind(), () -> server.closeReason().toString());
        assertEquals(
                Kind.TLS_ALERT, client.errorKind(), () -> client.closeReason().toString());
        assertEquals(0, acceptor.connectionCount());
        assertFalse(hasFailed(), "told to the connections");
    }
}
