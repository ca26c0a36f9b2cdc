package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.tls.TlsOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** One protocol gives way to another on a living connection (RFC 9110 §7.8), on every transport. */
abstract class HttpUpgradeRules extends ManagerRules {
    static final String ASK =
            "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: other/1, echo\r\n\r\n";

    /** An empty frame of HTTP/2. */
    private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    static final String HEAD = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n";

    final Acceptor serve(ListenOptions options, HttpHandler handler) {
        return manager().listen(arm.listenAddress(), options, HttpServer.handler(HttpServerRules.TIMELESS, handler));
    }

    final Peer ask(HttpHandler handler, String request) {
        return peer(serve(ListenOptions.DEFAULT, handler)).send(request);
    }

    /** A handler that hears a part of the life of each connection. */
    final Script upgraded() {
        return script().hearingAPart();
    }

    final void expect(Peer client, String text) {
        until("the bytes", () -> client.receivedCount() >= text.length());
        assertEquals(text, client.text());
    }

    // ---- the step

    @Test
    void theOtherProtocolBeginsBehindTheHead() {
        Script script = upgraded().on(TcpEvent.Received.class, (connection, event) -> connection.send(event.buffer()));
        Response upgrade = Response.upgrade("echo", script);
        Peer client = ask(request -> upgrade, ASK);
        expect(client, HEAD);
        until("the handler", script::isOpened);
        client.send("ping");
        expect(client, HEAD + "ping");
        assertEquals(List.of("Opened", "Received"), script.kinds());
    }

    @Test
    void whatTheClientSendsAheadIsTheFirstInput() {
        Script script = upgraded();
        Peer client = ask(request -> Response.upgrade("echo", script), ASK + "early");
        until("early bytes", () -> script.text().equals("early"));
        assertEquals(List.of("Opened", "Received"), script.kinds());
        expect(client, HEAD);
    }

    @Test
    void whatTheClientSendsAheadIsNotLostWithItsEnd() {
        Script script = upgraded();
        Peer client = ask(request -> Response.upgrade("echo", script), ASK + "early");
        client.shutdownOutput();
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        assertEquals("early", script.text());
        expect(client, HEAD);
        client.close();
    }

    @Test
    void anAnswerThatComesLaterUpgradesAllTheSame() {
        Script script = upgraded();
        CompletableFuture<Response> later = new CompletableFuture<>();
        Peer client = ask(request -> Response.later(later), ASK + "early");
        client.shutdownOutput();
        settle();
        assertEquals("", client.text());
        inTurn(() -> later.complete(Response.upgrade("echo", script)));
        until("the end of input", () -> script.has(TcpEvent.InputClosed.class));
        assertEquals("early", script.text());
        assertEquals(
                List.of("Opened", "Received", "InputClosed"), script.kinds().subList(0, 3));
        client.close();
    }

    @Test
    void oneResponseServesAnyNumberOfConnections() {
        Script script = upgraded().on(TcpEvent.Opened.class, (connection, event) -> connection.send("welcome"));
        Response upgrade = Response.upgrade("echo", script).withHeader("X-Kind", "shared");
        Acceptor acceptor = serve(ListenOptions.DEFAULT, request -> upgrade);
        List<Peer> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(peer(acceptor).send(ASK));
        }
        for (Peer client : clients) {
            until("the welcome", () -> client.text().endsWith("\r\n\r\nwelcome"));
            assertTrue(client.text().contains("\r\nX-Kind: shared\r\n"), client.text());
            assertFalse(client.text().contains("Content-Length"), client.text());
            assertFalse(client.text().contains("Transfer-Encoding"), client.text());
        }
        assertEquals(5, script.count(TcpEvent.Opened.class));
        assertEquals(5, script.connections().size());
    }

    @Test
    void oneResponseServesSeveralManagers() {
        Script script = upgraded().on(TcpEvent.Opened.class, (connection, event) -> connection.send("welcome"));
        Response upgrade = Response.upgrade("echo", script);
        for (int i = 1; i <= 3; i++) {
            use(options -> {});
            Peer client = ask(request -> upgrade, ASK);
            expect(client, HEAD + "welcome");
            assertEquals(i, script.connections().size());
        }
        assertEquals(
                3,
                script.connections().stream()
                        .map(Connection::manager)
                        .distinct()
                        .count());
    }

    @Test
    void theOtherProtocolIsHeldBackByAPeerThatDoesNotRead() {
        Script script = upgraded();
        Acceptor acceptor = serve(
                listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                request -> Response.upgrade("echo", script));
        Peer client = peer(acceptor, SMALL_PEER).send(ASK);
        until("the handler", script::isOpened);
        client.stopReading();
        inTurn(() -> script.connection().send(pattern(MORE_THAN_FITS)));
        settle();
        assertFalse(script.has(TcpEvent.Drained.class));
        inTurn(() -> assertFalse(script.connection().isWritable()));
        client.startReading();
        until("room", () -> script.has(TcpEvent.Drained.class));
        until("all of it", () -> client.receivedCount() == HEAD.length() + MORE_THAN_FITS);
    }

    @Test
    void aPeerMayGoOnWithHttp2() {
        Script script = upgraded().on(TcpEvent.Opened.class, (connection, event) -> connection.send(SETTINGS));
        Response upgrade = Response.upgrade("h2c", script);
        String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"; // RFC 9113 §3.4: no request any more
        Peer client = ask(
                request -> upgrade,
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                        + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n" + preface);
        until("the preface", () -> script.text().equals(preface));
        until("settings", () -> client.receivedCount() >= HEAD.length() - 1 + SETTINGS.length);
        assertEquals(HEAD.replace("echo", "h2c") + new String(SETTINGS, StandardCharsets.ISO_8859_1), client.text());
    }

    @Test
    void theHandlerRunsOnlyWhenTheSystemHasTheWholeHead() {
        Script script = upgraded();
        List<Integer> pending = new ArrayList<>();
        script.on(TcpEvent.Opened.class, (connection, event) -> pending.add(connection.pendingBytes()));
        String value = "v".repeat(200_000); // more than the client's socket and ours take while it does not read
        Acceptor acceptor = serve(
                listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                request -> Response.upgrade("echo", script).withHeader("X-Long", value));
        Peer client = peer(acceptor, SMALL_PEER).stopReading().send(ASK);
        settle();
        assertFalse(script.isOpened(), "the handler ran before the head had left");
        client.startReading();
        until("the handler", script::isOpened);
        assertEquals(List.of(0), pending);
    }

    @Test
    void throughTlsTooTheHandlerRunsOnlyWhenTheSystemHasTheWholeHead() {
        Script script = upgraded();
        List<Integer> pending = new ArrayList<>();
        script.on(TcpEvent.Opened.class, (connection, event) -> pending.add(connection.pendingBytes()));
        String value = "v".repeat(200_000);
        TlsOptions secrets = TestTls.options(manager().wallTime());
        ConnectionOptions small = connection(
                options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes()).receiveBufferBytes(4096));
        Acceptor acceptor = manager()
                .listen(
                        "https://" + arm.host() + ":0",
                        ListenOptions.builder().connection(small).tls(secrets).build(),
                        HttpServer.handler(
                                HttpServerRules.TIMELESS,
                                HttpHandler.of(request ->
                                        Response.upgrade("echo", script).withHeader("X-Long", value))));
        Script client = script();
        manager()
                .connect(
                        "tls://" + arm.host() + ":" + acceptor.port(),
                        ConnectOptions.builder().connection(small).tls(secrets).build(),
                        client);
        until("the connection", client::isOpened);
        inTurn(() -> {
            client.connection().pauseReading();
            client.connection().send(ASK);
        });
        settle();
        assertFalse(script.isOpened(), "the handler ran before the head had left");
        inTurn(() -> client.connection().resumeReading());
        until("the handler", script::isOpened);
        assertEquals(List.of(0), pending);
    }

    @Test
    void theHandlerNeverRunsIfTheConnectionFailsBefore() {
        Script script = upgraded();
        String value = "v".repeat(200_000);
        Acceptor acceptor = serve(
                listening(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())),
                request -> Response.upgrade("echo", script).withHeader("X-Long", value));
        Peer client = peer(acceptor, SMALL_PEER).stopReading().send(ASK);
        settle();
        client.reset();
        until("the end", () -> manager().connections().isEmpty());
        assertEquals(List.of(), script.kinds());
    }

    @Test
    void optionsOfTheConnectionAreThoseOfTheProgramAgain() {
        Script script = upgraded();
        ListenOptions given = listening(options -> options.receiveLimit(77_777));
        Peer client =
                peer(serve(given, request -> Response.upgrade("echo", script))).send(ASK);
        until("the handler", script::isOpened);
        inTurn(() -> assertEquals(given.connection(), script.connection().options()));
        client.shutdownOutput(); // closes by itself, since half-close was not asked for
        until("the end", client::hasEnded);
        client.close();
    }

    @Test
    void theManagersEndIsToldWithItsReason() {
        Script script = upgraded();
        ask(request -> Response.upgrade("echo", script), ASK);
        until("the handler", script::isOpened);
        manager().close();
        assertEquals(Initiator.MANAGER, script.closeReason().initiator());
    }

    @Test
    void theOtherProtocolMayCloseAsOftenAsItLikes() {
        Script script = upgraded();
        script.on(TcpEvent.Received.class, (connection, event) -> {
            event.buffer().discard(event.buffer().size());
            connection.send("bye");
            connection.close();
            connection.close();
        });
        script.on(TcpEvent.Closed.class, (connection, event) -> connection.close());
        Peer client = ask(request -> Response.upgrade("echo", script), ASK + "end");
        until("the end", client::hasEnded);
        client.close();
        until("the end here", () -> manager().connections().isEmpty());
        assertEquals(HEAD + "bye", client.text());
        assertEquals(1, script.count(TcpEvent.Closed.class));
        assertEquals(Initiator.LOCAL, script.closeReason().initiator());
    }

    @Test
    void aFieldOfOneRequestStandsBesideThoseOfAll() {
        Script script = upgraded();
        Response shared = Response.upgrade("echo", script).withHeader("X-Kind", "shared");
        Acceptor acceptor = serve(
                ListenOptions.DEFAULT,
                request -> shared.withHeader("X-Key", request.header("X-Key").orElse("none")));
        for (String key : List.of("one", "two")) {
            Peer client = peer(acceptor).send(ASK.replace("Host: a", "Host: a\r\nX-Key: " + key));
            until("the head", () -> client.text().endsWith("\r\n\r\n"));
            assertTrue(client.text().contains("\r\nX-Key: " + key + "\r\n"), client.text());
            assertTrue(client.text().contains("\r\nX-Kind: shared\r\n"), client.text());
        }
    }

    @Test
    void whatCouldNotBeBuiltLeavesTheConnectionToHttp() {
        Script script = upgraded();
        List<String> refused = new ArrayList<>();
        Peer client = ask(
                request -> {
                    refused.add(assertThrows(
                                    IllegalArgumentException.class,
                                    () -> Response.upgrade("echo\r\nX-Split: 1", script))
                            .getMessage());
                    return HttpServerRules.HELLO;
                },
                ASK);
        expect(client, HttpServerRules.HELLO_TEXT);
        assertEquals(1, refused.size());
        assertEquals(List.of(), script.kinds());
        assertEquals(1, manager().connections().size());
    }

    // ---- guards

    @Test
    void whoDidNotAskIsToldWhatToAskFor() {
        for (String request : List.of(
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n",
                "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")) {
            Script script = upgraded();
            Peer client = ask(any -> Response.upgrade("echo", script), request);
            until("the answer", () -> client.text().contains("\r\n\r\n"));
            assertTrue(client.text().startsWith("HTTP/1.1 426 Upgrade Required\r\n"), client.text());
            assertTrue(client.text().contains("\r\nUpgrade: echo\r\n"), client.text());
            assertEquals(List.of(), script.kinds());
            client.close();
        }
    }

    @Test
    void whoAskedRightlyIsNotBlamedForABodyThatTheHandlerDidNotRead() {
        Script script = upgraded();
        Peer client = ask(
                HttpHandler.streaming(request -> Response.upgrade("echo", script)),
                ASK.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\n"));
        until("the answer", () -> client.text().contains("\r\n\r\n"));
        assertTrue(client.text().startsWith("HTTP/1.1 500 "), client.text());
        String failure = String.valueOf(takeFailure().thrown().getMessage());
        assertTrue(failure.contains("the body of the request has not been read"), failure);
        assertEquals(List.of(), script.kinds());
        client.close();
    }

    @Test
    void toAnswerWithAnUpgradeThatNobodyAskedForIsMisuse() {
        Response upgrade = Response.upgrade("echo", upgraded());
        List<String> refused = new ArrayList<>();
        Peer client = ask(
                request -> {
                    refused.add(assertThrows(IllegalStateException.class, () -> request.respond(upgrade))
                            .getMessage());
                    return HttpServerRules.HELLO;
                },
                HttpServerRules.GET);
        expect(client, HttpServerRules.HELLO_TEXT);
        assertTrue(refused.get(0).contains("does not ask for the protocol echo"), refused::toString);
    }

    @Test
    void aResponseOfThisKindKeepsItsStatusAndItsConnection() {
        Response upgrade = Response.upgrade("echo", upgraded());
        assertEquals(101, upgrade.status());
        assertThrows(IllegalArgumentException.class, () -> upgrade.withStatus(200));
        assertThrows(IllegalArgumentException.class, () -> upgrade.withHeader("Connection", "close"));
        assertThrows(
                IllegalArgumentException.class,
                () -> upgrade.withHeaders(
                        headers -> headers.toBuilder().remove("Upgrade").build()));
        assertThrows(IllegalArgumentException.class, () -> upgrade.withHeader("Content-Length", "0"));
        assertThrows(IllegalArgumentException.class, () -> Response.status(101));
        assertThrows(NullPointerException.class, () -> Response.upgrade("echo", null));
    }

    @Test
    void aBodyComesBeforeTheOtherProtocol() {
        Script script = upgraded();
        List<Request> requests = new ArrayList<>();
        Peer client = ask(
                request -> {
                    requests.add(request);
                    return Response.upgrade("echo", script);
                },
                ASK.replace("\r\n\r\n", "\r\nContent-Length: 4\r\n\r\nbody") + "early");
        until("early bytes", () -> script.text().equals("early"));
        assertEquals("body", requests.get(0).text());
        expect(client, HEAD);
    }

    /** Bytes of all sizes come through whole, in both directions. */
    final void echoes(Peer client, Script script, int size) {
        byte[] sent = pattern(size);
        client.send(sent);
        until("the echo", () -> client.receivedCount() >= HEAD.length() + size);
        byte[] received = new byte[size];
        System.arraycopy(client.received(), HEAD.length(), received, 0, size);
        assertArrayEquals(sent, received);
        for (Connection connection : script.connections()) {
            assertTrue(connection.isOpen());
        }
    }

    static final SocketOptions USUAL = SocketOptions.DEFAULT;
}
