package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.tls.TlsRole;
import dev.meerkat.tls.TlsSession;
import dev.meerkat.tls.TlsVersion;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Encrypted connections, on every transport: nothing else changes for a handler. */
abstract class TlsRules extends ManagerRules {
    static final TlsOptions TLS = TestTls.options();

    static TlsOptions only(TlsVersion version) {
        return TLS.toBuilder().versions(version).build();
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

    final void connectTls(Acceptor acceptor, ConnectOptions options, Script script) {
        manager().connect("tls://" + arm.host() + ":" + acceptor.port(), options, script);
    }

    /** A pair of connections of the manager, both opened. */
    final void pair(ListenOptions server, Script accepted, ConnectOptions client, Script made) {
        Acceptor acceptor = listenTls(server, accepted);
        connectTls(acceptor, client, made);
        until("both to be opened", () -> accepted.isOpened() && made.isOpened());
        acceptor.close();
    }

    static Script echo(Script script) {
        return script.on(TcpEvent.Received.class, (connection, received) -> connection.send(received.buffer()));
    }

    // ---- what flows

    @ParameterizedTest
    @EnumSource
    void whatIsSentArrivesAndTheEndIsClean(TlsVersion version) {
        Script server = echo(script());
        Script client = script();
        pair(serving(only(version)), server, asking(only(version)), client);
        inTurn(() -> client.connection().send("hello"));
        until("the echo", () -> client.text().equals("hello"));
        TlsSession session = client.connection().tlsSession().orElseThrow();
        assertEquals(version, session.version());
        assertTrue(client.connection().isSecured());
        inTurn(() -> client.connection().close());
        untilClosed(client);
        untilClosed(server);
        assertTrue(client.closeReason().isClean(), () -> client.closeReason().toString());
        assertTrue(server.closeReason().isClean(), () -> server.closeReason().toString());
        assertEquals(Initiator.PEER, server.closeReason().initiator());
    }

    @ParameterizedTest
    @EnumSource
    void muchMoreThanTheSocketsTakeArrivesWhole(TlsVersion version) {
        byte[] sent = pattern(3_000_000);
        Script server = echo(script());
        Script client = script();
        pair(serving(only(version)), server, asking(only(version)), client);
        inTurn(() -> client.connection().send(sent));
        until("all of it", () -> client.bytes().length == sent.length);
        assertArrayEquals(sent, client.bytes());
    }

    // ---- starting TLS on a connection that is open

    @Test
    void tlsStartsOnAnOpenConnectionInEitherRole() {
        for (TlsRole connecting : TlsRole.values()) {
            TlsRole accepting = connecting == TlsRole.CLIENT ? TlsRole.SERVER : TlsRole.CLIENT;
            Script server = script();
            Script client = script();
            server.on(TcpEvent.Received.class, (connection, received) -> {
                if (!connection.isSecured()) {
                    assertEquals("STARTTLS\n", received.takeText());
                    connection.send("go\n").startTls(TLS, accepting);
                } else {
                    connection.send(received.buffer());
                }
            });
            client.on(TcpEvent.Opened.class, (connection, opened) -> connection.send("STARTTLS\n"))
                    .on(TcpEvent.Received.class, (connection, received) -> {
                        if (!connection.isSecured()) {
                            assertEquals("go\n", received.buffer().take(3).utf8()); // what follows may be a record
                            connection.startTls(TLS, connecting);
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
            acceptor.close();
        }
    }

    // ---- what goes wrong

    @Test
    void aPeerThatSpeaksHttpIsNamed() {
        Script server = script();
        Acceptor acceptor = listenTls(serving(TLS), server);
        peer(acceptor).send("GET / HTTP/1.1\r\n\r\n");
        untilClosed(server);
        assertEquals(List.of("HandshakeFailed", "Closed"), server.kinds());
        assertEquals(Kind.NOT_TLS, server.errorKind());
        assertTrue(server.closeReason().error().orElseThrow().message().contains("HTTP"));
    }
}
