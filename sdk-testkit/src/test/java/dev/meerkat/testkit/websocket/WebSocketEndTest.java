package dev.meerkat.testkit.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.HttpServer;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.SocketPair;
import dev.meerkat.testkit.StreamEnd;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A WebSocket peer in the hands of a test, against real servers, real clients and itself. */
class WebSocketEndTest {
    private static final Duration IDLE = Duration.ofSeconds(30);

    static final WebSocketHandler ECHO = (webSocket, event) -> {
        if (event instanceof WebSocketEvent.Text text) {
            webSocket.sendText(text.payload());
        } else if (event instanceof WebSocketEvent.Binary binary) {
            webSocket.sendBinary(binary.payload());
        }
    };

    private final FakeClock clock = new FakeClock();

    static WebSocketServer server() {
        return WebSocketServer.builder()
                .options(WebSocketOptions.builder()
                        .idleTimeout(IDLE)
                        .pingInterval(Duration.ZERO)
                        .build())
                .protocol(WebSocketProtocol.unnamed(ECHO))
                .protocol(WebSocketProtocol.named("chat", ECHO))
                .build();
    }

    private SocketPair pair() {
        return SocketPair.stream(clock, HttpServer.handler(server()));
    }

    private WebSocketEnd client() {
        return WebSocketEnd.client(pair(), "/chat");
    }

    // ---- the examples

    @Test
    void echoesAndClosesWhenIdle() {
        FakeClock clock = new FakeClock();
        WebSocketEnd chat = WebSocketEnd.client(SocketPair.stream(clock, HttpServer.handler(server())), "/chat");
        chat.sendText("hello").expectText("hello");
        chat.expectNothingUntil(IDLE.minusNanos(1))
                .expectClose(1001)
                .sendClose(1001)
                .expectEnd();
        assertEquals(IDLE, clock.elapsed());
    }

    @Test
    void theSameInAWorld() {
        SimWorld.run(world -> {
            world.host("srv").listen(80, HttpServer.handler(server()));
            world.link("cli", "srv").latency(Duration.ofMillis(1));
            WebSocketEnd chat = WebSocketEnd.connect(world.host("cli"), "ws://srv/chat");
            chat.sendText("hello").expectText("hello");
            Duration heard = world.elapsed();
            // the server has sent a millisecond ago, and so its goodbye comes when 30 s have passed here
            chat.expectNothingUntil(heard.plus(IDLE).minusNanos(1)).expectClose(1001);
            assertEquals(heard.plus(IDLE), world.elapsed());
            chat.sendClose(1001).expectEnd();
        });
    }

    // ---- the handshake

    @Test
    void aClientAsksWithFieldsAndHearsTheAnswer() {
        WebSocketEnd chat = WebSocketEnd.client(pair(), "/", "Sec-WebSocket-Protocol: other, chat");
        assertEquals("HTTP/1.1 101 Switching Protocols", chat.startLine());
        assertEquals("chat", chat.field("Sec-WebSocket-Protocol"));
        assertEquals("", chat.field("Sec-WebSocket-Extensions"));
    }

    @Test
    void aServerReadsTheRequestAndAnswersWithFields() {
        SimWorld.run(world -> {
            var listener = world.host("srv").listener(80);
            List<String> told = new ArrayList<>();
            WebSocketClient.connect(world.host("cli").manager(), "ws://srv/a?b=c", (webSocket, event) -> {
                told.add(event.getClass().getSimpleName());
            });
            WebSocketEnd served = WebSocketEnd.server(listener.accept());
            assertEquals("GET /a?b=c HTTP/1.1", served.startLine());
            assertEquals("13", served.field("Sec-WebSocket-Version"));
            served.sendText("hello").sendClose(1000).expectClose(1000).close();
            world.advance(Duration.ofSeconds(1));
            assertEquals(List.of("Opened", "Text", "Closed"), told);
        });
    }

    @Test
    void bothEndsMayBeTheTests() {
        SocketPair pair = SocketPair.stream(clock);
        pair.send(OpeningHead.request("x", "/"));
        WebSocketEnd server = WebSocketEnd.server(pair.peer());
        assertTrue(OpeningHead.readAnswer(pair).startLine().startsWith("HTTP/1.1 101 "));
        WebSocketEnd client = WebSocketEnd.openedClient(pair);
        client.send(WireFrame.text("Hel").notFinal(), WireFrame.continuation("lo"));
        server.expectText("Hello").sendBinary((byte) 1).sendPing("p");
        client.expectBinary((byte) 1).expectPing("p").sendPong("p");
        server.expectPong("p").sendClose(1000, "bye");
        client.expectClose(1000, "bye");
        WebSocketEnd.openedServer(pair.peer()).stream().closeOutput();
        client.expectEnd();
    }

    @Test
    void anAnswerThatIsNoneIsShown() {
        StreamEnd pair = pair().send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        AssertionError refused = assertThrows(AssertionError.class, () -> OpeningHead.readAnswer(pair));
        assertTrue(
                refused.getMessage()
                        .contains(
                                "expected the answer 101 to the handshake, but found \"HTTP/1.1 426 Upgrade Required\""),
                refused.getMessage());
    }

    @Test
    void aRequestThatIsNoneIsShown() {
        SocketPair pair = SocketPair.stream(clock);
        pair.send("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n");
        AssertionError wrong = assertThrows(AssertionError.class, () -> WebSocketEnd.server(pair.peer()));
        assertTrue(
                wrong.getMessage().contains("expected the field connection: upgrade, but found \"GET / HTTP/1.1\""),
                wrong.getMessage());
    }

    // ---- mistakes

    /** What a client can do wrong, and the code with which it is told. */
    static Stream<Map.Entry<WireFrame, Integer>> mistakes() {
        Map<String, Map.Entry<WireFrame, Integer>> all = new TreeMap<>();
        mistake(all, WireFrame.text("not masked"), 1002);
        for (int bits = 1; bits < 8; bits++) {
            mistake(all, WireFrame.text("x").reserved(bits).masked(bits), 1002);
        }
        for (int opcode = 3; opcode < 16; opcode++) {
            if (opcode < 8 || opcode > 10) {
                mistake(all, WireFrame.of(opcode).masked(opcode), 1002);
            }
        }
        mistake(all, WireFrame.text("x").lengthBytes(2).masked(1), 1002);
        mistake(all, WireFrame.text("xy").lengthBytes(8).masked(1), 1002);
        mistake(all, WireFrame.text("x").saying(Long.MIN_VALUE).masked(1), 1002);
        mistake(all, WireFrame.text("x").saying(Long.MAX_VALUE).masked(1), 1009);
        mistake(all, WireFrame.ping("x").notFinal().masked(1), 1002);
        mistake(all, WireFrame.ping("x".repeat(126)).masked(1), 1002);
        mistake(all, WireFrame.continuation("of nothing").masked(1), 1002);
        mistake(all, WireFrame.of(WireFrame.TEXT, (byte) 0xC0, (byte) 0x80).masked(1), 1007);
        mistake(all, WireFrame.of(WireFrame.CLOSE, (byte) 3).masked(1), 1002);
        mistake(all, WireFrame.close(1005).masked(1), 1002);
        mistake(all, WireFrame.close(1000, (byte) 0xFF).masked(1), 1007);
        return all.values().stream();
    }

    private static void mistake(Map<String, Map.Entry<WireFrame, Integer>> all, WireFrame frame, int code) {
        all.put(frame.toString() + frame.lengthBytes(), Map.entry(frame, code));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void everyMistakeCanBeMadeAndIsCaught(Map.Entry<WireFrame, Integer> mistake) {
        int code = mistake.getValue();
        client().sendAsIs(mistake.getKey()).expectClose(code).sendClose(code).expectEnd();
    }

    @Test
    void aServerThatMasksIsCaught() {
        SimWorld.run(world -> {
            var listener = world.host("srv").listener(80);
            WebSocketClient.connect(world.host("cli").manager(), "ws://srv/", (webSocket, event) -> {});
            WebSocketEnd served = WebSocketEnd.server(listener.accept());
            served.sendAsIs(WireFrame.text("masked").masked(1))
                    .expectClose(1002)
                    .close();
        });
    }

    @Test
    void theRulesOfASideAreKeptUnlessAskedNotTo() {
        SocketPair pair = SocketPair.stream(clock);
        WireFrame masked = WireFrame.text("x").masked(7);
        WebSocketEnd.openedServer(pair).send(masked);
        pair.peer().expectBytes(WireFrame.text("x").bytes());
        WebSocketEnd.openedServer(pair).sendAsIs(masked);
        pair.peer().expectBytes(masked.bytes());
        WebSocketEnd.openedClient(pair).send(WireFrame.text("x"));
        assertEquals(7, pair.peer().receive(7).length());
        pair.peer().expectNothing();
    }

    @Test
    void aFrameMayStayABeginning() {
        SocketPair pair = pair();
        WebSocketEnd chat = WebSocketEnd.client(pair, "/");
        chat.sendBeginning(WireFrame.text("hello"), 8).expectNothingFor(Duration.ofSeconds(1));
        assertThrows(IllegalArgumentException.class, () -> chat.sendBeginning(WireFrame.text("x"), 8));
        chat.stream().closeOutput();
        chat.expectEnd();
    }

    // ---- what failures say

    private static String failure(Runnable expectation) {
        String message = assertThrows(AssertionError.class, expectation::run).getMessage();
        return message.lines().findFirst().orElseThrow();
    }

    @Test
    void aFailureNamesTheEndWhatWasExpectedAndWhatCame() {
        WebSocketEnd chat = client().sendText("hallo");
        String message = failure(() -> chat.expectText("hello"));
        assertTrue(message.endsWith(": expected text, 5 bytes: \"hello\", but text, 5 bytes: \"hallo\" came"), message);
        chat.sendPing("p");
        message = failure(() -> chat.expectClose(1000));
        assertTrue(message.endsWith(": expected a close frame with 1000, but pong, 1 bytes: \"p\" came"), message);
        chat.sendClose(1000).expectClose(1000);
        message = failure(() -> chat.expectText("more"));
        assertTrue(message.startsWith("expected text, 4 bytes: \"more\", but no whole frame came: "), message);
        assertTrue(message.endsWith("but the input ended after 0"), message);
    }

    @Test
    void whoMasksAndMustNotIsNoticed() {
        SocketPair pair = SocketPair.stream(clock);
        WebSocketEnd client = WebSocketEnd.openedClient(pair);
        WebSocketEnd server = WebSocketEnd.openedServer(pair.peer());
        server.sendAsIs(WireFrame.text("x").masked(1));
        client.sendAsIs(WireFrame.text("x"));
        assertTrue(failure(client::receive).endsWith("came, masked by a server"));
        assertTrue(failure(server::receive).endsWith("came, not masked by a client"));
    }

    @Test
    void lastEventsOfAFailureShowFramesIfAskedTo() {
        clock.traceWebSockets();
        WebSocketEnd chat = client().sendText("hallo");
        AssertionError error = assertThrows(AssertionError.class, () -> chat.expectText("hello"));
        assertTrue(error.getMessage().contains("-> text, masked, 5 bytes: \"hallo\""), error.getMessage());
        assertTrue(error.getMessage().contains("<- text, 5 bytes: \"hallo\""), error.getMessage());
    }

    @Test
    void onlyWsIsConnectedTo() {
        SimWorld.run(world -> {
            for (String uri : List.of("wss://srv/", "http://srv/", "ws:srv", "/")) {
                assertThrows(IllegalArgumentException.class, () -> WebSocketEnd.connect(world.host("cli"), uri));
            }
        });
    }
}
