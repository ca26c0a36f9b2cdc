package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Router;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.ClosedBy;
import dev.meerkat.websocket.CompressionOptions;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** WebSockets of a client (RFC 6455 §4.1), on every transport. */
abstract class WebSocketClientRules extends WebSocketClientRulesBase {
    final String serve(WebSocketHandler handler) {
        Acceptor acceptor = manager()
                .listen(
                        arm.listenAddress(),
                        HttpServer.handler(
                                HttpServerRules.TIMELESS, Router.create().webSocket("/chat", handler)));
        return "ws://" + arm.host() + ":" + acceptor.port() + "/chat";
    }

    // ---- opening

    @Test
    void aClientTalksWithAServerAndClosesInOrder() {
        String uri = serve(ECHO);
        connect(client(options -> {}), uri, (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened) {
                webSocket.send("hello");
            } else if (event instanceof WebSocketEvent.Text text) {
                told.add(text.text());
                webSocket.close();
            }
        });
        over("Opened", "Text", "hello", "Closed 1000 by LOCAL");
    }

    @Test
    void theRequestSaysWhatTheOptionsSay() {
        String uri = listenByHand() + "?room=1&name=a%20b";
        WebSocketClient client = client(options -> options.subprotocols("chat.v2", "chat.v1")
                .origin("https://example.test")
                .host("chat.example.test")
                .headers(Headers.of("Authorization", "Bearer x")));
        WebSocket webSocket = connect(client, uri);
        Peer server = asked();
        assertTrue(server.text().startsWith("GET /chat?room=1&name=a%20b HTTP/1.1\r\nHost: chat.example.test\r\n"));
        assertEquals("13", field(server, "Sec-WebSocket-Version"));
        assertEquals("chat.v2, chat.v1", field(server, "Sec-WebSocket-Protocol"));
        assertEquals("https://example.test", field(server, "Origin"));
        assertEquals("Bearer x", field(server, "Authorization"));
        assertEquals("websocket", field(server, "Upgrade"));
        assertEquals("Upgrade", field(server, "Connection"));
        server.send(yes(server, "Sec-WebSocket-Protocol: chat.v1"));
        until("Opened", () -> told.contains("Opened"));
        assertEquals(Optional.of("chat.v1"), webSocket.subprotocol());
    }

    @Test
    void withoutOptionsThereIsTheHostOfTheUriAndNoOrigin() {
        String uri = listenByHand();
        connect(client(options -> {}), uri);
        Peer server = asked();
        assertEquals(uri.substring("ws://".length(), uri.indexOf("/chat")), field(server, "Host"));
        assertEquals("", field(server, "Origin"));
        assertEquals("", field(server, "Sec-WebSocket-Protocol"));
        assertEquals(
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits",
                field(server, "Sec-WebSocket-Extensions"));
    }

    @Test
    void whatBeginsBehindTheAnswerInOneReadIsRead() {
        connect(client(options -> {}), listenByHand());
        Peer server = asked();
        server.send(
                joined(utf8(yes(server)), unmasked(Opcode.TEXT, utf8("early")), unmasked(Opcode.BINARY, utf8("b"))));
        until("both", () -> told.size() == 3);
        assertEquals(List.of("Opened", "Text", "Binary"), told);
    }

    @Test
    void everyFrameIsMaskedWithAKeyOfItsOwn() {
        connect(client(options -> options.webSocket(plain())), listenByHand(), onOpened(webSocket -> {
            webSocket.send("same").send("same").send(Bytes.copyOf(pattern(40_000)));
            webSocket.ping(Bytes.utf8("p"));
            webSocket.close();
        }));
        Peer server = asked();
        server.send(yes(server));
        until("five frames", () -> clientFrames(server).size() == 5);
        List<ClientFrame> frames = clientFrames(server);
        assertTrue(frames.stream().allMatch(ClientFrame::masked));
        assertEquals(5, frames.stream().map(ClientFrame::key).distinct().count());
        assertEquals("same", frames.get(1).text());
        assertArrayEquals(pattern(40_000), frames.get(2).payload());
        assertEquals(Opcode.PING, frames.get(3).opcode());
    }

    private static WebSocketOptions plain() {
        return WebSocketOptions.builder().compression(CompressionOptions.OFF).build();
    }

    @Test
    void everyHandshakeHasAKeyOfItsOwn() {
        String uri = listenByHand();
        WebSocketClient client = client(options -> options.handshakesPerServer(2));
        connect(client, uri);
        connect(client, uri);
        assertNotEquals(field(asked(), "Sec-WebSocket-Key"), field(asked(), "Sec-WebSocket-Key"));
    }

    @Test
    void messagesAreCompressedBothWaysIfBothWantIt() {
        String text = "to be or not to be, ".repeat(500);
        String uri = serve((webSocket, event) -> {
            if (event instanceof WebSocketEvent.Text message) {
                webSocket.send(message.text());
            }
        });
        List<String> heard = new ArrayList<>();
        List<Optional<String>> agreed = new ArrayList<>();
        long[] sent = new long[1];
        connect(client(options -> {}), uri, (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened opened) {
                agreed.add(opened.extensions());
                webSocket.send(text);
                sent[0] = webSocket.pendingBytes();
            } else if (event instanceof WebSocketEvent.Text message) {
                heard.add(message.text());
                webSocket.close();
            }
        });
        over("Opened", "Text", "Closed 1000 by LOCAL");
        assertEquals(List.of(text), heard);
        assertTrue(agreed.get(0).orElseThrow().startsWith("permessage-deflate"));
        assertTrue(sent[0] < 1_000, "sent " + sent[0]);
    }

    @Test
    void aClientWithoutCompressionOffersNone() {
        connect(client(options -> options.webSocket(plain())), listenByHand());
        assertEquals("", field(asked(), "Sec-WebSocket-Extensions"));
    }

    @Test
    void aPongTellsHowLongItTook() {
        List<Boolean> known = new ArrayList<>();
        connect(client(options -> {}), serve(ECHO), (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened) {
                webSocket.ping();
            } else if (event instanceof WebSocketEvent.Pong pong) {
                known.add(pong.roundTrip().isPresent());
            }
        });
        until("the pong", () -> !known.isEmpty());
        assertEquals(List.of(true), known);
    }

    // ---- a server that says no

    @Test
    void aServerThatRefusesIsHeard() {
        connect(client(options -> {}), serve(ECHO) + "/nowhere");
        over("Refused 404", "Closed 1006 by PEER, not clean");
        assertTrue(closed.connectionError().isEmpty());
    }

    private void refuse(String answer) {
        Peer server = asked();
        server.send(answer);
        over("Refused 403", "Closed 1006 by PEER, not clean");
        until("our end", () -> server.hasEnded() || server.wasReset());
        server.close();
        until("nothing left", () -> manager().connections().isEmpty());
    }

    @Test
    void soMuchOfTheBodyOfARefusalIsKept() {
        connect(client(options -> options.refusalBytes(10)), listenByHand());
        refuse("HTTP/1.1 403 No\r\nContent-Length: 10\r\n\r\n0123456789");
        assertEquals("0123456789", refused.body().utf8());
    }

    @Test
    void andNoByteMoreNorIsTheRestWaitedFor() {
        connect(client(options -> options.refusalBytes(10)), listenByHand());
        refuse("HTTP/1.1 403 No\r\nContent-Length: 1000000\r\n\r\n0123456789x");
        assertEquals("0123456789", refused.body().utf8());
    }

    @Test
    void nothingOfItIsKeptIfNothingMayBe() {
        connect(client(options -> options.refusalBytes(0)), listenByHand());
        refuse("HTTP/1.1 403 No\r\nContent-Length: 3\r\n\r\nabc");
        assertTrue(refused.body().isEmpty());
    }

    @Test
    void aRefusalThatBreaksOffIsARefusal() {
        connect(client(options -> {}), listenByHand());
        Peer server = asked();
        server.send("HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nhalf").shutdownOutput();
        over("Refused 503", "Closed 1006 by PEER, not clean");
        assertEquals("half", refused.body().utf8());
    }

    @Test
    void aRedirectIsARefusal() {
        connect(client(options -> {}), listenByHand());
        asked().send("HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
        over("Refused 302", "Closed 1006 by PEER, not clean");
        assertEquals(Optional.of("ws://127.0.0.1:1/"), refused.head().headers().first("Location"));
    }

    @Test
    void aYesThatNobodyCanAcceptFails() {
        String[][] answers = {
            {"WRONG_ACCEPT", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA="},
            {"WRONG_ACCEPT", "Upgrade: websocket\r\nConnection: Upgrade"},
            {"UNASKED_PROTOCOL", "YES\r\nSec-WebSocket-Protocol: other"},
            {"UNASKED_PROTOCOL", "YES\r\nSec-WebSocket-Protocol: mine, yours"},
            {"SEVERAL_PROTOCOLS", "YES\r\nSec-WebSocket-Protocol: mine\r\nSec-WebSocket-Protocol: yours"},
            {"UNASKED_EXTENSION", "YES\r\nSec-WebSocket-Extensions: x-brotli"},
            {"WRONG_EXTENSION_PARAMETERS", "YES\r\nSec-WebSocket-Extensions: permessage-deflate; what"},
        };
        WebSocketClient client = client(options -> options.subprotocols("mine", "yours"));
        String uri = listenByHand();
        for (String[] answer : answers) {
            told.clear();
            connect(client, uri);
            Peer server = asked();
            String head = answer[1].startsWith("YES")
                    ? yes(server).strip() + answer[1].substring(3)
                    : "HTTP/1.1 101 OK\r\n" + answer[1];
            server.send(head + "\r\n\r\n");
            over("HandshakeFailed " + answer[0], "Closed 1006 by PEER, not clean");
            untilAborted(server);
        }
        assertEquals(0, manager().connections().size());
    }

    // ---- nobody answers, or not in HTTP

    private void fails(Kind kind, int code, ClosedBy by) {
        over("Closed " + code + " by " + by + ", not clean");
        assertEquals(Optional.of(kind), closed.connectionError().map(error -> error.kind()));
        assertEquals(0, manager().connections().size());
        assertEquals(0, manager().statistics().timers(), "timers");
    }

    @Test
    void aServerThatIsNotThereRefuses() {
        String uri = listenByHand();
        stopListening();
        connect(client(options -> {}), uri);
        fails(Kind.REFUSED, 1006, ClosedBy.PEER);
    }

    @Test
    void aServerThatHangsUpIsOne() {
        connect(client(options -> {}), listenByHand());
        asked().close();
        fails(Kind.RESET, 1006, ClosedBy.PEER);
    }

    @Test
    void aServerThatSpeaksSomethingElseIsOne() {
        connect(client(options -> {}), listenByHand());
        asked().send("220 mail.example.test ESMTP\r\n\r\n");
        fails(Kind.BAD_RESPONSE, 1006, ClosedBy.PEER);
    }

    @Test
    void aPlainServerIsNoneForTls() {
        String uri = serve(ECHO);
        connect(client(options -> {}), "wss" + uri.substring(2));
        until("the end", this::isOver);
        assertEquals("Closed 1015 by PEER, not clean", last());
        assertEquals(Optional.of(Kind.NOT_TLS), closed.connectionError().map(error -> error.kind()));
    }

    // ---- giving up

    @Test
    void whoGivesUpBeforeTheAnswerHearsOneEnd() {
        WebSocket webSocket = connect(client(options -> {}), listenByHand());
        Peer server = asked();
        inTurn(() -> {
            webSocket.close();
            webSocket.close();
            webSocket.abort();
            assertTrue(told.isEmpty(), "in another turn");
        });
        fails(Kind.CANCELLED, 1006, ClosedBy.LOCAL);
        untilAborted(server);
        assertFalse(webSocket.isOpen());
        assertThrows(RuntimeException.class, () -> webSocket.send("late"));
    }

    @Test
    void whoGivesUpInTheTurnInWhichHeBeganHearsOneEnd() {
        String uri = listenByHand();
        WebSocketClient client = client(options -> {});
        inTurn(() -> client.connect(uri, noting(NOTHING)).close());
        fails(Kind.CANCELLED, 1006, ClosedBy.LOCAL);
    }

    @Test
    void whoGivesUpWhileHeWaitsForAnotherHandshakeHearsOneEnd() {
        String uri = listenByHand();
        WebSocketClient client = client(options -> {});
        List<String> first = new ArrayList<>();
        inTurn(() -> client.connect(uri, (webSocket, event) -> first.add(inShort(event))));
        Peer server = asked();
        WebSocket waiting = connect(client, uri);
        inTurn(waiting::abort);
        over("Closed 1006 by LOCAL, not clean");
        server.send(yes(server));
        until("the first one", () -> first.contains("Opened"));
    }

    @Test
    void otherThreadsConnectAndClose() throws InterruptedException {
        String uri = listenByHand();
        WebSocketClient client = client(options -> {});
        Thread other = new Thread(() -> {
            client.connect(uri, noting(NOTHING)).close();
            client.connect(uri, noting(NOTHING)).abort();
        });
        other.start();
        other.join();
        until("both ends", () -> told.size() == 2);
        assertEquals(List.of("Closed 1006 by LOCAL, not clean", "Closed 1006 by LOCAL, not clean"), told);
    }

    @Test
    void aManagerThatIsClosedEndsWhatIsUnderWay() {
        connect(client(options -> {}), listenByHand());
        asked();
        manager().close();
        until("the end", this::isOver);
        assertEquals(List.of("Closed 1006 by MANAGER, not clean"), told);
        WebSocketClient client = WebSocketClient.create(manager());
        assertThrows(ManagerClosedException.class, () -> client.connect("ws://127.0.0.1:1/", NOTHING));
    }

    @Test
    void whoOpensWhileTheManagerShutsDownIsToldSo() {
        connect(client(options -> {}), listenByHand());
        Peer server = asked();
        manager().shutdown(Duration.ofSeconds(10));
        settle();
        server.send(yes(server));
        until("the goodbye", () -> clientFrames(server).size() == 1);
        assertEquals(Opcode.CLOSE, clientFrames(server).get(0).opcode());
        server.send(unmasked(Opcode.CLOSE, new byte[] {3, (byte) 0xe9}));
        until("all of it", () -> !told.isEmpty() && told.contains("ShuttingDown"));
        server.close();
        until("the end", this::isOver);
        assertEquals(List.of("Opened", "ShuttingDown", "Closed 1001 by MANAGER"), told);
    }

    @Test
    void aHandlerThatThrowsBeforeThereIsAConnectionIsReported() {
        String uri = serve(ECHO) + "/nowhere";
        connect(client(options -> {}), uri, (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Refused) {
                throw new IllegalStateException("planted");
            }
        });
        over("Refused 404", "Closed 1006 by PEER, not clean");
        assertEquals("planted", takeFailure().thrown().getMessage());
    }

    // ---- one after the other

    @Test
    void soManyHandshakesWithAServerAreUnderWay() {
        String uri = listenByHand();
        WebSocketClient client = client(options -> options.handshakesPerServer(2));
        for (int i = 0; i < 3; i++) {
            connect(client, uri);
        }
        Peer first = asked();
        Peer second = asked();
        settle();
        assertEquals(2, manager().connections().size());
        first.send(yes(first));
        until("the first", () -> told.contains("Opened"));
        Peer third = asked();
        third.send(yes(third));
        second.send(yes(second));
        until("all", () -> told.size() == 3);
        assertEquals(List.of("Opened", "Opened", "Opened"), told);
    }

    @Test
    void whoComesBehindARefusalHasAConnectionOfHisOwn() {
        String uri = listenByHand();
        WebSocketClient client = client(options -> {});
        connect(client, uri);
        connect(client, uri);
        Peer first = asked();
        first.send("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
        Peer second = asked();
        second.send(yes(second));
        until("both", () -> told.contains("Opened") && told.size() == 3);
        until("our end", first::hasEnded);
    }

    @Test
    void aThousandAtOnceAreServed() {
        int count = 1_000;
        int[] opened = new int[1];
        int[] ended = new int[1];
        String uri = serve(ECHO);
        WebSocketClient client = client(options -> {});
        inTurn(() -> {
            for (int i = 0; i < count; i++) {
                client.connect(uri, (webSocket, event) -> {
                    if (event instanceof WebSocketEvent.Opened) {
                        opened[0]++;
                        webSocket.close();
                    } else if (event instanceof WebSocketEvent.Closed) {
                        ended[0]++;
                    }
                });
            }
        });
        until("all", () -> ended[0] == count);
        assertEquals(count, opened[0]);
        settle();
        assertEquals(0, manager().connections().size());
        assertEquals(0, manager().statistics().timers(), "timers");
    }

    @Test
    void moreThanMayWaitEndAtOnce() {
        String uri = listenByHand();
        WebSocketClient client = client(options -> {});
        inTurn(() -> {
            for (int i = 0; i < 1_026; i++) {
                client.connect(uri, noting(NOTHING));
            }
        });
        over("Closed 1006 by MANAGER, not clean");
        assertEquals(
                Optional.of(Kind.TOO_MANY_WAITING), closed.connectionError().map(error -> error.kind()));
    }

    // ---- the end

    @Test
    void theServerEndsTheConnectionAndTheClientWaitsForThat() {
        WebSocket webSocket = connect(client(options -> {}), listenByHand());
        Peer server = asked();
        server.send(yes(server));
        until("Opened", () -> told.contains("Opened"));
        inTurn(webSocket::close);
        until("the close frame", () -> clientFrames(server).size() == 1);
        server.send(unmasked(Opcode.CLOSE, new byte[] {3, (byte) 0xe8}));
        settle();
        assertFalse(server.hasEnded(), "it is the server's turn (RFC 6455 7.1.1)");
        assertEquals(List.of("Opened"), told);
        server.close();
        over("Opened", "Closed 1000 by LOCAL");
        assertEquals(0, manager().statistics().timers(), "timers");
    }

    @Test
    void aMaskedFrameOfAServerIsABrokenRule() {
        connect(client(options -> {}), listenByHand());
        Peer server = asked();
        server.send(joined(utf8(yes(server)), text("masked")));
        until("the goodbye", () -> clientFrames(server).size() == 1);
        server.close();
        until("the end", this::isOver);
        assertEquals(CloseStatus.PROTOCOL_ERROR, closed.status().code());
        assertEquals(ClosedBy.PEER, closed.by());
        assertTrue(closed.error().isPresent());
    }

    @Test
    void whoHasManyWebSocketsByOneClientHearsOfEachByItsOwnHandler() {
        String uri = serve(ECHO);
        WebSocketClient client = client(options -> {});
        List<String> heard = new ArrayList<>();
        inTurn(() -> {
            for (String name : List.of("a", "b", "c")) {
                client.connect(uri, (webSocket, event) -> {
                    if (event instanceof WebSocketEvent.Opened) {
                        webSocket.send(name);
                    } else if (event instanceof WebSocketEvent.Text text) {
                        heard.add(name + text.text());
                    }
                });
            }
        });
        until("all", () -> heard.size() == 3);
        assertEquals(List.of("aa", "bb", "cc"), heard.stream().sorted().toList());
    }

    // ---- misuse

    @Test
    void whatIsNoUriOfAWebSocketIsMisuse() {
        WebSocketClient client = client(options -> {});
        for (String uri : List.of(
                "http://a/",
                "//a/",
                "a",
                "ws://",
                "ws:///x",
                "ws://a/#x",
                "ws://user@a/",
                "ws://a:99999/",
                "ws://a b/")) {
            assertThrows(IllegalArgumentException.class, () -> client.connect(uri, NOTHING), uri);
        }
    }

    @Test
    void whatIsWrongWithAUriIsSaidAsItWasWritten() {
        WebSocketClient client = client(options -> {});
        for (String uri : List.of("ws:/x", "wss://", "ws://a:0/", "WS://a:99999/")) {
            Throwable wrong = assertThrows(IllegalArgumentException.class, () -> client.connect(uri, NOTHING), uri);
            assertTrue(wrong.getMessage().contains(uri), wrong::getMessage);
            assertFalse(wrong.getMessage().contains("http"), wrong::getMessage);
        }
        Throwable told =
                assertThrows(IllegalArgumentException.class, () -> client.connect("ws://u:secret@a/", NOTHING));
        assertFalse(told.getMessage().contains("secret"), told::getMessage);
        assertTrue(told.getMessage().contains("ws://"), told::getMessage);
    }

    @Test
    void anAnswerOfAnOldVersionOrWithABodyIsNone() {
        for (String field : List.of("Content-Length: 0", "Transfer-Encoding: chunked")) {
            connect(client(options -> {}), listenByHand());
            Peer server = asked();
            server.send(yes(server, field));
            until("the end", this::isOver);
            assertTrue(told.get(0).startsWith("HandshakeFailed"), told::toString);
            told.clear();
        }
        connect(client(options -> {}), listenByHand());
        Peer server = asked();
        server.send(yes(server).replace("HTTP/1.1", "HTTP/1.0"));
        until("the end", this::isOver);
        assertTrue(told.get(0).startsWith("HandshakeFailed"), told::toString);
    }

    @Test
    void aHostIsAHostAndPerhapsAPort() {
        for (String host : List.of("a", "a.example", "a:8080", "10.0.0.1:1", "[::1]", "[::1]:80")) {
            WebSocketClientOptions.builder().host(host).build();
        }
        for (String host :
                List.of("", "a b", "a,b", "a/b", "u@a", "a:", "a:b", "a:123456", "::1", "a\r\nb", "\u00e4")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> WebSocketClientOptions.builder().host(host).build(),
                    host);
        }
    }

    @Test
    void fieldsThatTheHandshakeSetsAreMisuse() {
        for (String name : List.of("Host", "Origin", "Connection", "Upgrade", "Sec-WebSocket-Key", "Content-Length")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> WebSocketClientOptions.builder()
                            .headers(Headers.of(name, "1"))
                            .build(),
                    name);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> WebSocketClientOptions.builder().version(8));
        WebSocketClientOptions.builder().version(13).version(-1);
    }
}
