package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.BroadcastResult;
import dev.meerkat.ConnectOptions;
import dev.meerkat.EventManager;
import dev.meerkat.ListenOptions;
import dev.meerkat.SlowReceiverPolicy;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Response;
import dev.meerkat.http.Router;
import dev.meerkat.tls.TlsOptions;
import dev.meerkat.websocket.Handshake;
import dev.meerkat.websocket.HandshakeAnswer;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The protocols of a server: who is served by whom, and what all of one can be told, on every transport. */
abstract class WebSocketProtocolRules extends WebSocketRules {
    private static String asking(String fields) {
        return ASK.replace("\r\n\r\n", "\r\n" + fields + "\r\n\r\n");
    }

    private static String speaking(String... protocols) {
        return asking("Sec-WebSocket-Protocol: " + String.join(", ", protocols));
    }

    private static WebSocketHandler saying(String text) {
        return onOpened(webSocket -> webSocket.send(text + " " + webSocket.subprotocol()));
    }

    // ---- choosing

    @Test
    void theFirstProtocolOfThePeersOrderThatIsHereServesIt() {
        WebSocketServer server = WebSocketServer.builder()
                .protocol(WebSocketProtocol.named("chat.v1", saying("one")))
                .protocol(WebSocketProtocol.named("chat.v2", saying("two")))
                .protocol(WebSocketProtocol.unnamed(saying("none")))
                .build();
        Acceptor acceptor = serve(server);
        Peer client = opened(peer(acceptor).send(speaking("chat.v3", "chat.v2", "chat.v1")));
        expect(client, "TEXT two Optional[chat.v2]");
        assertTrue(client.text().contains("\r\nSec-WebSocket-Protocol: chat.v2\r\n"), client::text);
        client = opened(peer(acceptor).send(speaking("Chat.v1"))); // its case counts
        expect(client, "TEXT none Optional.empty");
        assertFalse(client.text().contains("Sec-WebSocket-Protocol"), client::text);
        expect(opened(peer(acceptor).send(ASK)), "TEXT none Optional.empty");
        assertEquals(
                List.of("chat.v1", "chat.v2"),
                server.protocols().stream()
                        .flatMap(each -> each.name().stream())
                        .toList());
        for (int i = 0; i < 3; i++) {
            assertEquals(i, server.protocols().get(i).index());
            assertEquals(server, server.protocols().get(i).server());
        }
    }

    @Test
    void whoNamesNoneThatIsHereIsRefusedWhereNobodyServesTheUnnamed() {
        Acceptor acceptor = serve(WebSocketServer.builder()
                .protocol(WebSocketProtocol.named("chat", NOTHING))
                .build());
        for (String request : List.of(ASK, speaking("talk"))) {
            Peer client = peer(acceptor).send(request);
            until("the refusal", () -> client.text().contains("\r\n\r\n"));
            assertTrue(client.text().startsWith("HTTP/1.1 400 "), client::text);
        }
    }

    @Test
    void aServerTakesAnyNumberOfProtocols() {
        WebSocketServer.Builder builder = WebSocketServer.builder();
        for (int i = 0; i < 100; i++) {
            builder.protocol(WebSocketProtocol.named("p" + i, saying("number " + i)));
        }
        Acceptor acceptor = serve(builder.build());
        expect(opened(peer(acceptor).send(speaking("p99"))), "TEXT number 99 Optional[p99]");
        assertThrows(
                IllegalArgumentException.class, () -> WebSocketServer.builder().build());
        assertThrows(
                IllegalArgumentException.class,
                () -> builder.protocol(WebSocketProtocol.named("p1", NOTHING)).build());
        assertThrows(IllegalArgumentException.class, () -> WebSocketProtocol.named("no token", NOTHING));
    }

    @Test
    void eachProtocolHasItsOwnLimits() {
        Acceptor acceptor = serve(WebSocketServer.builder()
                .options(WebSocketOptions.builder().messageBytes(10).build())
                .protocol(WebSocketProtocol.named("short", ECHO))
                .protocol(WebSocketProtocol.named("long", ECHO)
                        .options(WebSocketOptions.builder().messageBytes(100).build()))
                .build());
        Peer brief = opened(peer(acceptor).send(speaking("short"))).send(text("x".repeat(11)));
        until("a refusal", () -> lines(brief).stream().anyMatch(line -> line.startsWith("CLOSE 1009")));
        expect(opened(peer(acceptor).send(speaking("long"))).send(text("x".repeat(11))), "TEXT " + "x".repeat(11));
    }

    @Test
    void eachWebSocketHasASessionOfItsOwn() {
        AtomicInteger made = new AtomicInteger();
        Acceptor acceptor = serve(WebSocketServer.builder()
                .protocol(WebSocketProtocol.named("count", (webSocket, event) -> {
                            if (event instanceof WebSocketEvent.Text) {
                                webSocket.send(""
                                        + webSocket.session(AtomicInteger.class).incrementAndGet());
                                assertThrows(ClassCastException.class, () -> webSocket.session(String.class));
                            }
                        })
                        .session(webSocket -> {
                            assertEquals("count", webSocket.subprotocol().orElseThrow());
                            return new AtomicInteger(made.incrementAndGet() * 10);
                        }))
                .protocol(WebSocketProtocol.unnamed(onOpened(webSocket -> {
                    assertThrows(IllegalStateException.class, () -> webSocket.session(Object.class));
                    webSocket.session("mine");
                    webSocket.send(webSocket.session(String.class));
                })))
                .build());
        Peer first = opened(peer(acceptor).send(speaking("count")));
        Peer second = opened(peer(acceptor).send(speaking("count")));
        first.send(joined(text(""), text("")));
        expect(first, "TEXT 11", "TEXT 12");
        second.send(text(""));
        expect(second, "TEXT 21");
        expect(opened(peer(acceptor).send(ASK)), "TEXT mine");
    }

    // ---- the handshake is decided on

    private static WebSocketHandler deciding(Decision decision) {
        return new WebSocketHandler() {
            @Override
            public void onEvent(WebSocket webSocket, Event event) throws Exception {
                ECHO.onEvent(webSocket, event);
            }

            @Override
            public HandshakeAnswer onHandshake(Handshake handshake) throws Exception {
                return decision.of(handshake);
            }
        };
    }

    @FunctionalInterface
    private interface Decision {
        HandshakeAnswer of(Handshake handshake) throws Exception;
    }

    private String answer(Decision decision, String request) {
        Peer client = peer(serve(server(deciding(decision), options -> {}))).send(request);
        until("the answer", () -> client.text().contains("\r\n\r\n"));
        return client.text();
    }

    @Test
    void aHandshakeIsSeenBeforeTheAnswerAndCanBeRefused() {
        Decision guarded = handshake -> {
            assertEquals("/chat", handshake.request().path());
            assertEquals(List.of("a", "b"), handshake.subprotocols());
            assertEquals("https://example.com", handshake.origin().orElseThrow());
            assertThrows(IllegalArgumentException.class, () -> handshake.accept("c"));
            return handshake.request().header("Authorization").isPresent()
                    ? handshake.accept("b").withHeader("X-Room", "7")
                    : handshake.refuse(401, "who are you?").withHeader("WWW-Authenticate", "Basic");
        };
        String fields = "Origin: https://example.com\r\nSec-WebSocket-Protocol: a, b";
        String refused = answer(guarded, asking(fields));
        assertTrue(refused.startsWith("HTTP/1.1 401 Unauthorized\r\n"), refused);
        assertTrue(refused.contains("\r\nWWW-Authenticate: Basic\r\n"), refused);
        String accepted = answer(guarded, asking(fields + "\r\nAuthorization: Basic eDp5"));
        assertTrue(accepted.startsWith("HTTP/1.1 101 "), accepted);
        assertTrue(accepted.contains("\r\nX-Room: 7\r\n"), accepted);
        assertTrue(accepted.contains("\r\nSec-WebSocket-Protocol: b\r\n"), accepted);
        assertTrue(answer(handshake -> handshake.refuse(302, "elsewhere").withHeader("Location", "/x"), ASK)
                .startsWith("HTTP/1.1 302 "));
    }

    @Test
    void aHandshakeMayBeAnsweredLater() {
        CompletableFuture<HandshakeAnswer> later = new CompletableFuture<>();
        List<Handshake> asked = new ArrayList<>();
        Peer client = peer(serve(server(
                        deciding(handshake -> {
                            asked.add(handshake);
                            return HandshakeAnswer.later(later).withHeader("X-Late", "yes");
                        }),
                        options -> {})))
                .send(joined(utf8(ASK), text("early")));
        until("the question", () -> asked.size() == 1);
        settle();
        assertEquals("", client.text());
        inTurn(() -> later.complete(asked.get(0).accept()));
        expect(opened(client), "TEXT early");
        assertTrue(client.text().contains("\r\nX-Late: yes\r\n"), client::text);
    }

    @Test
    void aDecisionThatFailsIsAnswered500() {
        String failed = answer(
                handshake -> {
                    throw new IllegalStateException("expected");
                },
                ASK);
        assertTrue(failed.startsWith("HTTP/1.1 500 "), failed);
        assertEquals("expected", takeFailure().thrown().getMessage());
        failed = answer(handshake -> handshake.accept("unasked"), ASK);
        assertTrue(failed.startsWith("HTTP/1.1 500 "), failed);
        takeFailure();
    }

    @Test
    void onlyOriginsThatAreNamedMayAsk() {
        Acceptor acceptor = serve(WebSocketServer.builder()
                .protocol(WebSocketProtocol.unnamed(NOTHING))
                .origins("https://example.com")
                .build());
        Peer foreign = peer(acceptor).send(asking("Origin: https://example.org"));
        until("the refusal", () -> foreign.text().contains("\r\n\r\n"));
        assertTrue(foreign.text().startsWith("HTTP/1.1 403 "), foreign::text);
        opened(peer(acceptor).send(asking("Origin: HTTPS://example.com")));
        opened(peer(acceptor).send(ASK));
    }

    @Test
    void pagesOfTheServersOwnMayAsk() {
        Acceptor acceptor = serve(WebSocketServer.builder()
                .protocol(WebSocketProtocol.unnamed(NOTHING))
                .origins("https://example.com")
                .sameOrigin()
                .build());
        for (String other :
                List.of("http://b", "https://a", "http://a:81", "null", "http://a.b", "http://a, http://a")) {
            Peer foreign = peer(acceptor).send(asking("Origin: " + other));
            until("the refusal", () -> foreign.text().contains("\r\n\r\n"));
            assertTrue(foreign.text().startsWith("HTTP/1.1 403 "), foreign::text);
        }
        Peer twice = peer(acceptor).send(asking("Origin: http://a\r\nOrigin: http://a"));
        until("the refusal", () -> twice.text().contains("\r\n\r\n"));
        assertTrue(twice.text().startsWith("HTTP/1.1 403 "), twice::text);
        for (String own : List.of("http://a", "http://A:80", "https://example.com")) {
            opened(peer(acceptor).send(asking("Origin: " + own)));
        }
        opened(peer(acceptor).send(ASK));
    }

    @Test
    void whatIsNoHandshakeIsToldSo() {
        Acceptor acceptor = serve(server(NOTHING, options -> {}));
        Peer plain = peer(acceptor).send(HttpServerRules.GET);
        until("the answer", () -> plain.text().contains("\r\n\r\n"));
        assertTrue(plain.text().startsWith("HTTP/1.1 426 Upgrade Required\r\n"), plain::text);
        assertTrue(plain.text().contains("\r\nUpgrade: websocket\r\n"), plain::text);
        Peer old = peer(acceptor).send(ASK.replace("Version: 13", "Version: 8"));
        until("the answer", () -> old.text().contains("\r\n\r\n"));
        assertTrue(old.text().startsWith("HTTP/1.1 426 "), old::text);
        assertTrue(old.text().contains("\r\nSec-WebSocket-Version: 13\r\n"), old::text);
        Peer broken = peer(acceptor).send(ASK.replace("==", ""));
        until("the answer", () -> broken.text().contains("\r\n\r\n"));
        assertTrue(broken.text().startsWith("HTTP/1.1 400 "), broken::text);
    }

    // ---- one port

    @Test
    void httpAndWebSocketShareAPortAndAConnection() {
        Router router =
                Router.create().get("/hello", request -> Response.text("hello")).webSocket("/chat", telling(ECHO));
        Peer client = peer(manager().listen(arm.listenAddress(), HttpServer.handler(HttpServerRules.TIMELESS, router)));
        client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
                + "POST /hello HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
        client.send(joined(utf8(ASK), text("both")));
        until("the echo", () -> client.text().contains("\u0004both"));
        String text = client.text();
        int hello = text.indexOf("HTTP/1.1 200 ");
        int refused = text.indexOf("HTTP/1.1 405 ");
        assertTrue(hello == 0 && refused > hello && text.indexOf("HTTP/1.1 101 ") > refused, text);
        assertEquals(List.of("Opened", "Text"), told);
    }

    @Test
    void requestsThatAskForNoWebSocketGoToTheHttpHandler() {
        Acceptor acceptor = serve(WebSocketServer.builder()
                .protocol(WebSocketProtocol.unnamed(telling(NOTHING)))
                .http(request -> Response.text("path " + request.path()))
                .build());
        Peer plain = peer(acceptor).send("GET /index HTTP/1.1\r\nHost: a\r\n\r\n");
        until("the answer", () -> plain.text().endsWith("path /index"));
        opened(peer(acceptor).send(ASK));
        assertEquals(List.of("Opened"), told);
    }

    @Test
    void aSchemeOfItsOwnIsListenedOn() {
        WebSocketServer server = server(telling(ECHO), options -> {});
        Acceptor acceptor = manager().listen("ws://" + arm.host() + ":0", server);
        expect(opened(peer(acceptor).send(ASK)).send(text("hello")), "TEXT hello");
    }

    @Test
    void theEncryptedSchemeIsListenedOnToo() {
        TlsOptions tls = TestTls.options(manager().wallTime());
        Acceptor acceptor = manager()
                .listen(
                        "wss://" + arm.host() + ":0",
                        ListenOptions.builder().tls(tls).build(),
                        server(telling(ECHO), options -> {}));
        StringBuilder got = new StringBuilder();
        manager()
                .connect(
                        "tls://" + arm.host() + ":" + acceptor.port(),
                        ConnectOptions.builder().tls(tls).build(),
                        (connection, event) -> {
                            if (event instanceof TcpEvent.Opened) {
                                connection.send(joined(utf8(ASK), text("hello")));
                            } else if (event instanceof TcpEvent.Received received) {
                                byte[] bytes = received.buffer()
                                        .takeArray(received.buffer().size());
                                got.append(new String(bytes, StandardCharsets.ISO_8859_1));
                            }
                        });
        until("the echo", () -> got.toString().endsWith("\u0081\u0005hello"));
        assertTrue(got.toString().startsWith("HTTP/1.1 101 "), got::toString);
    }

    // ---- all of a protocol

    private static BroadcastResult result(CompletableFuture<BroadcastResult> future) {
        return future.join();
    }

    @Test
    void aBroadcastReachesEachOfAProtocolAndMaySend() {
        WebSocketHandler relaying = (webSocket, event) -> {
            if (event instanceof TcpEvent.Broadcast message) {
                webSocket.send(webSocket.subprotocol().orElse("none") + ": "
                        + message.bytes().utf8());
            }
        };
        WebSocketServer server = WebSocketServer.builder()
                .protocol(WebSocketProtocol.named("a", relaying))
                .protocol(WebSocketProtocol.named("b", relaying))
                .build();
        Acceptor acceptor = serve(server);
        Peer first = opened(peer(acceptor).send(speaking("a")));
        Peer second = opened(peer(acceptor).send(speaking("a")));
        Peer other = opened(peer(acceptor).send(speaking("b")));
        WebSocketProtocol protocol = server.protocol("a").orElseThrow();
        until("both", () -> protocol.size() == 2);
        CompletableFuture<BroadcastResult> sum = protocol.broadcast(Bytes.utf8("news"));
        expect(first, "TEXT a: news");
        expect(second, "TEXT a: news");
        assertEquals(new BroadcastResult(2, 0, 0), result(sum));
        List<WebSocket> all = new ArrayList<>();
        inTurn(() -> all.addAll(protocol.webSockets(manager())));
        WebSocket chosen = all.get(1);
        sum = protocol.broadcast(Bytes.utf8("more"), each -> each == chosen);
        expect(second, "TEXT a: news", "TEXT a: more");
        assertEquals(1, result(sum).delivered());
        settle();
        assertEquals(1, frames(first).size());
        assertEquals(0, frames(other).size());
        endsInOrder(first);
        until("one less", () -> protocol.size() == 1);
    }

    private void endsInOrder(Peer client) {
        client.send(close(1000));
        until("the end", client::hasEnded);
        client.close();
    }

    @Test
    void aMessageIsSentToAllAndSlowOnesAreTreatedByPolicy() {
        for (SlowReceiverPolicy policy : SlowReceiverPolicy.values()) {
            ListenOptions small =
                    listening(options -> options.highWaterMark(1_000).lowWaterMark(100));
            WebSocketServer server = WebSocketServer.builder()
                    .protocol(WebSocketProtocol.unnamed(onText(webSocket -> webSocket.send("x".repeat(2_000))))
                            .slowReceivers(policy))
                    .build();
            Acceptor acceptor = serve(small, server);
            Peer fast = ask(acceptor);
            Peer slow = ask(acceptor);
            WebSocketProtocol protocol = server.protocols().get(0);
            List<CompletableFuture<BroadcastResult>> sums = new ArrayList<>();
            inTurn(() -> {
                protocol.webSockets(manager()).get(1).send("x".repeat(2_000)); // above its mark in this turn
                sums.add(protocol.send(Message.text("news")));
            });
            expect(fast, "TEXT news");
            BroadcastResult expected = switch (policy) {
                case KEEP -> new BroadcastResult(2, 0, 0);
                case DROP -> new BroadcastResult(1, 1, 0);
                case CLOSE -> new BroadcastResult(1, 0, 1);
            };
            assertEquals(expected, result(sums.get(0)));
            String second = switch (policy) {
                case KEEP -> "TEXT news";
                case DROP -> "";
                case CLOSE -> "CLOSE 1013 too slow";
            };
            int count = second.isEmpty() ? 1 : 2;
            until("what the slow one gets", () -> frames(slow).size() == count);
            assertEquals(
                    second.isEmpty() ? "TEXT 2000 bytes" : second, lines(slow).get(count - 1));
        }
    }

    @Test
    void whoeverLeavesOrComesDuringABroadcastDoesNoHarm() {
        WebSocketServer server = WebSocketServer.builder()
                .protocol(WebSocketProtocol.unnamed((webSocket, event) -> {
                    if (event instanceof TcpEvent.Broadcast) {
                        for (WebSocket each : webSocket
                                .protocol()
                                .orElseThrow()
                                .webSockets(webSocket.connection().manager())) {
                            each.abort();
                        }
                    }
                }))
                .build();
        Acceptor acceptor = serve(server);
        for (int i = 0; i < 10; i++) {
            ask(acceptor);
        }
        CompletableFuture<BroadcastResult> sum = server.protocols().get(0).broadcast(Bytes.utf8("go"));
        until("all gone", () -> server.protocols().get(0).size() == 0);
        assertEquals(new BroadcastResult(1, 0, 0), result(sum));
    }

    @Test
    void writableCanBeAskedForAllOfAProtocol() {
        WebSocketServer server = server(
                (webSocket, event) -> {
                    if (event instanceof TcpEvent.Writable) {
                        webSocket.send("now");
                    }
                },
                options -> {});
        Acceptor acceptor = serve(server);
        Peer first = ask(acceptor);
        Peer second = ask(acceptor);
        until("both", () -> server.protocols().get(0).size() == 2);
        server.protocols().get(0).requestWritable();
        expect(first, "TEXT now");
        expect(second, "TEXT now");
        settle();
        assertEquals(1, frames(first).size());
    }

    @Test
    void ticksReachTheHandlersOfProtocols() {
        WebSocketServer server = server(
                (webSocket, event) -> {
                    if (event instanceof TcpEvent.Tick) {
                        webSocket.send("tick");
                    }
                },
                options -> {});
        ListenOptions ticking = ListenOptions.builder()
                .connection(connection(options -> options.ticks(true)))
                .tickInterval(Duration.ofMillis(20))
                .build();
        Peer client = ask(serve(ticking, server));
        until("two ticks", () -> frames(client).size() >= 2);
    }

    @Test
    void aProtocolMayLiveOnSeveralManagers() {
        WebSocketServer server = server(NOTHING, options -> {});
        WebSocketProtocol protocol = server.protocols().get(0);
        Acceptor here = serve(server);
        EventManager one = manager();
        EventManager other = use(options -> options.name("other"));
        Acceptor there = serve(server);
        Peer first = ask(here);
        Peer second = ask(there);
        until("both", () -> protocol.size() == 2);
        CompletableFuture<BroadcastResult> sum = protocol.send(Message.text("to all"));
        expect(first, "TEXT to all");
        expect(second, "TEXT to all");
        until("the sum", sum::isDone);
        assertEquals(new BroadcastResult(2, 0, 0), result(sum));
        assertTrue(one.inLoop() && other.inLoop());
        assertEquals(1, protocol.webSockets(one).size());
        assertEquals(1, protocol.webSockets(other).size());
    }
}
