package dev.meerkat.testkit.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Event;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.HttpTimeouts;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.SocketPair;
import dev.meerkat.testkit.StreamEnd;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scenario 3: a handshake at every cut, byte by byte, ended everywhere, and as slowly as is just too slow. */
class HandshakeScenarioTest {
    private static final Duration HEAD = Duration.ofSeconds(10);
    private static final Duration NANO = Duration.ofNanos(1);

    private final List<String> told = new ArrayList<>();

    private final WebSocketHandler telling = (webSocket, event) -> {
        told.add(
                event instanceof WebSocketEvent.Text text
                        ? "Text " + text.text()
                        : event.getClass().getSimpleName());
    };

    private WebSocketServer server() {
        return WebSocketServer.builder()
                .protocol(WebSocketProtocol.unnamed(telling))
                .build();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }

    // ---- our server

    private static final byte[] REQUEST = joined(
            bytes(OpeningHead.request("srv", "/", "Origin: https://example.com")),
            WireFrame.text("early").masked(0x01020304).bytes());

    private static void answered(StreamEnd pair) {
        OpeningHead.readAnswer(pair);
        WebSocketEnd.openedClient(pair).sendClose(1000).expectClose(1000).expectEnd();
    }

    @Test
    void aRequestAtEveryCutIsTheSame() {
        for (int cut = 1; cut < REQUEST.length; cut++) {
            told.clear();
            FakeClock clock = new FakeClock();
            SocketPair pair = SocketPair.stream(clock, HttpServer.handler(server()));
            pair.send(Arrays.copyOf(REQUEST, cut));
            clock.advance(NANO);
            pair.send(Arrays.copyOfRange(REQUEST, cut, REQUEST.length));
            answered(pair);
            pair.close();
            clock.untilIdle();
            assertEquals(List.of("Opened", "Text early", "Closed"), told, "cut at " + cut);
        }
    }

    @Test
    void aRequestByteByByteIsTheSame() {
        FakeClock clock = new FakeClock();
        SocketPair pair = SocketPair.stream(clock, HttpServer.handler(server()));
        for (byte each : REQUEST) {
            pair.send(new byte[] {each});
            clock.advance(NANO);
        }
        answered(pair);
        pair.close();
        clock.untilIdle();
        assertEquals(List.of("Opened", "Text early", "Closed"), told);
    }

    @Test
    void aRequestThatEndsAnywhereLeavesNothing() {
        int head = REQUEST.length - WireFrame.text("early").masked(0).bytes().length;
        for (int cut = 0; cut < head; cut++) {
            for (boolean reset : new boolean[] {false, true}) {
                byte[] part = Arrays.copyOf(REQUEST, cut);
                SimWorld.run(world -> {
                    world.host("srv").listen(80, HttpServer.handler(server()));
                    StreamEnd end = world.host("cli").stream("srv", 80).send(part);
                    if (reset) {
                        end.abort();
                    } else {
                        end.closeOutput();
                        world.advance(Duration.ofSeconds(10));
                        end.take();
                        end.expectEnd();
                    }
                    world.advance(Duration.ofSeconds(10));
                    assertEquals(0, world.host("srv").manager().statistics().timers());
                });
                assertEquals(List.of(), told, "ended after " + cut);
            }
        }
    }

    @Test
    void whoTakesLongerThanTheHeadMayIsToldAtTheInstant() {
        FakeClock clock = new FakeClock();
        SocketPair pair = SocketPair.stream(
                clock,
                HttpServer.handler(
                        HttpServerOptions.builder()
                                .timeouts(HttpTimeouts.builder().head(HEAD).build())
                                .build(),
                        server()));
        clock.advance(Duration.ofSeconds(7)); // it counts from the first byte
        for (int i = 0; i < 10; i++) {
            pair.send(new byte[] {REQUEST[i]});
            pair.expectNothingFor(
                    i < 9 ? Duration.ofSeconds(1) : Duration.ofSeconds(1).minus(NANO));
        }
        clock.advance(NANO);
        assertTrue(pair.receivedBytes() > 0, "at the instant");
        assertEquals(Duration.ofSeconds(17), clock.elapsed());
        assertTrue(pair.receiveLine().startsWith("HTTP/1.1 408 "));
        assertEquals(List.of(), told);
    }

    @Test
    void whoIsThereANanosecondBeforeIsServed() {
        FakeClock clock = new FakeClock();
        SocketPair pair = SocketPair.stream(
                clock,
                HttpServer.handler(
                        HttpServerOptions.builder()
                                .timeouts(HttpTimeouts.builder().head(HEAD).build())
                                .build(),
                        server()));
        pair.send(Arrays.copyOf(REQUEST, 10)).expectNothingFor(HEAD.minus(NANO));
        pair.send(Arrays.copyOfRange(REQUEST, 10, REQUEST.length));
        answered(pair);
        assertEquals("Text early", told.get(1));
    }

    // ---- our client

    /** What a server answers and says at once. */
    private static byte[] answer(StreamEnd end) {
        return joined(
                bytes(OpeningHead.readRequest(end).answer()),
                WireFrame.text("early").bytes());
    }

    @Test
    void anAnswerAtEveryCutIsTheSame() {
        int length = 1;
        for (int cut = 1; cut <= length; cut++) {
            told.clear();
            int at = cut;
            int[] whole = new int[1];
            SimWorld.run(world -> {
                var listener = world.host("srv").listener(80);
                WebSocketClient.connect(world.host("cli").manager(), "ws://srv/", telling);
                StreamEnd end = listener.accept();
                byte[] answer = answer(end);
                whole[0] = answer.length - 1;
                end.send(Arrays.copyOf(answer, at));
                world.advance(NANO);
                end.send(Arrays.copyOfRange(answer, at, answer.length));
                WebSocketEnd.openedServer(end).sendClose(1000).expectClose(1000).close();
                world.advance(Duration.ofSeconds(1));
            });
            length = whole[0];
            assertEquals(List.of("Opened", "Text early", "Closed"), told, "cut at " + cut);
        }
        assertTrue(length > 100);
    }

    @Test
    void anAnswerThatEndsAnywhereIsOneEnd() {
        for (int cut = 0; cut < 120; cut++) {
            for (boolean reset : new boolean[] {false, true}) {
                told.clear();
                int at = cut;
                SimWorld.run(world -> {
                    var listener = world.host("srv").listener(80);
                    WebSocketClient.connect(world.host("cli").manager(), "ws://srv/", telling);
                    StreamEnd end = listener.accept();
                    end.send(Arrays.copyOf(answer(end), at));
                    world.advance(NANO);
                    if (reset) {
                        end.abort();
                    } else {
                        end.close();
                    }
                    world.advance(Duration.ofSeconds(1));
                    assertEquals(0, world.host("cli").manager().statistics().timers());
                });
                assertEquals(List.of("Closed"), told, "ended after " + cut + (reset ? ", reset" : ""));
            }
        }
    }

    // ---- goodbyes

    @Test
    void goodbyesThatCrossOnTheWayEndBothInOrder() {
        for (int codes = 0; codes < 4; codes++) {
            told.clear();
            int ours = 3000 + codes;
            SimWorld.run(world -> {
                List<WebSocket> served = new ArrayList<>();
                WebSocketServer server = WebSocketServer.builder()
                        .protocol(WebSocketProtocol.unnamed((webSocket, event) -> {
                            served.add(webSocket);
                            note("server", event);
                        }))
                        .build();
                world.host("srv").listen(80, HttpServer.handler(server));
                world.link("cli", "srv").latency(Duration.ofMillis(10));
                var client = WebSocketClient.connect(
                        world.host("cli").manager(), "ws://srv/", (webSocket, event) -> note("client", event));
                world.await("both", () -> told.size() == 2);
                world.advance(Duration.ofSeconds(1));
                Duration before = world.elapsed();
                client.close(CloseStatus.of(ours));
                served.get(0).close(CloseStatus.of(4000));
                world.await("the ends", () -> told.size() == 4);
                assertEquals(Duration.ofMillis(30), world.elapsed().minus(before), "goodbye, end, end");
            });
            told.sort(null);
            assertEquals(
                    List.of(
                            "client Closed " + ours + " by LOCAL",
                            "client Opened",
                            "server Closed 4000 by LOCAL",
                            "server Opened"),
                    told);
        }
    }

    private void note(String who, Event event) {
        told.add(who + " "
                + (event instanceof WebSocketEvent.Closed closed
                        ? "Closed " + closed.status().code() + " by " + closed.by()
                                + (closed.clean() ? "" : ", not clean")
                        : event.getClass().getSimpleName()));
    }
}
