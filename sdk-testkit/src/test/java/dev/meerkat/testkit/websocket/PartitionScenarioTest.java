package dev.meerkat.testkit.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.ConnectOptions;
import dev.meerkat.event.Event;
import dev.meerkat.http.HttpServer;
import dev.meerkat.testkit.Link;
import dev.meerkat.testkit.SimConfig;
import dev.meerkat.testkit.SimHost;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.ReconnectCause;
import dev.meerkat.websocket.ReconnectPolicy;
import dev.meerkat.websocket.ReconnectingHandler;
import dev.meerkat.websocket.ReconnectingWebSocket;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Scenario 7: five hosts, a partition, a link that is cut one way, mended in any order. Clients come back by themselves
 * and say where they were; nobody is told anything twice, and in the end all have been told everything.
 */
class PartitionScenarioTest {
    private static final int SEEDS = 60;
    private static final int MESSAGES = 90;
    private static final int CLIENTS = 4;
    private static final Duration BETWEEN = Duration.ofMillis(500);
    private static final Duration HEALED = Duration.ofSeconds(40);
    private static final Duration PHASE_2 = Duration.ofSeconds(15);

    private static final WebSocketOptions OPTIONS = WebSocketOptions.builder()
            .pingInterval(Duration.ofSeconds(3))
            .pongTimeout(Duration.ofSeconds(2))
            .build();

    private static final WebSocketClientOptions CLIENT = WebSocketClientOptions.builder()
            .webSocket(OPTIONS)
            .handshakeTimeout(Duration.ofSeconds(2))
            .connect(ConnectOptions.builder()
                    .connectTimeout(Duration.ofSeconds(2))
                    .build())
            .build();

    private static final ReconnectPolicy POLICY = ReconnectPolicy.builder()
            .firstDelay(Duration.ofMillis(100))
            .longestDelay(Duration.ofSeconds(2))
            .build();

    /** A feed of numbered messages: who comes says what it has, and is sent the rest and whatever follows. */
    private static final class Feed {
        private int published;
        private final WebSocketServer server = WebSocketServer.builder()
                .options(OPTIONS)
                .protocol(WebSocketProtocol.unnamed(this::onEvent).session(webSocket -> new boolean[1]))
                .build();

        void onEvent(WebSocket webSocket, Event event) {
            if (event instanceof WebSocketEvent.Text text) {
                for (int i = Integer.parseInt(text.text()); i < published; i++) {
                    webSocket.send(Integer.toString(i));
                }
                webSocket.session(boolean[].class)[0] = true;
            }
        }

        void publish() {
            String message = Integer.toString(published++);
            server.protocols()
                    .get(0)
                    .send(Message.text(message), webSocket -> webSocket.session(boolean[].class)[0]);
        }
    }

    /** Notes what it is told, and fails when it is told anything twice or out of order. */
    private static final class Reader implements ReconnectingHandler {
        private int next;
        private int attempts;
        private int openings;

        @Override
        public void onEvent(WebSocket webSocket, Event event) {
            if (event instanceof WebSocketEvent.Opened) {
                openings++;
                webSocket.send(Integer.toString(next));
            } else if (event instanceof WebSocketEvent.Text text) {
                assertEquals(next, Integer.parseInt(text.text()), "the next message");
                next++;
            }
        }

        @Override
        public void onWaiting(ReconnectCause cause, Duration delay) {
            attempts++;
        }
    }

    private static int run(SimWorld world) {
        Random random = new Random(world.seed());
        Feed feed = new Feed();
        SimHost server = world.host("srv");
        server.listen(80, HttpServer.handler(feed.server));
        List<String> names = IntStream.range(0, CLIENTS).mapToObj(i -> "c" + i).toList();
        List<Reader> readers = new ArrayList<>();
        List<ReconnectingWebSocket> clients = new ArrayList<>();
        for (String name : names) {
            world.link(name, "srv").latency(Duration.ofMillis(1), Duration.ofMillis(40));
            Reader reader = new Reader();
            readers.add(reader);
            clients.add(WebSocketClient.create(world.host(name).manager(), CLIENT)
                    .reconnecting("ws://srv/", POLICY, reader));
        }
        for (int i = 1; i <= MESSAGES; i++) {
            world.at(BETWEEN.multipliedBy(i), () -> server.manager().post(feed::publish));
        }
        world.at(Duration.ofSeconds(10), () -> world.partition(names.subList(0, 2), List.of("srv", "c2", "c3")));
        Link oneWay = random.nextBoolean() ? world.oneWay("c2", "srv") : world.oneWay("srv", "c2");
        world.at(Duration.ofSeconds(20), oneWay::partition);
        List<Link> cut = new ArrayList<>(
                List.of(world.link("c0", "srv"), world.link("c1", "srv"), oneWay, world.link("c0", "c2")));
        Collections.shuffle(cut, random);
        for (Link each : cut) {
            world.at(Duration.ofMillis(30_000 + random.nextInt(10_000)), each::heal);
        }
        world.advanceTo(HEALED.toNanos());
        world.heal();
        world.advance(PHASE_2);
        int openings = 0;
        for (Reader reader : readers) {
            assertEquals(MESSAGES, reader.next, "everything");
            assertTrue(reader.attempts <= 40, () -> "a storm: " + reader.attempts);
            openings += reader.openings;
        }
        clients.forEach(ReconnectingWebSocket::close);
        world.advance(Duration.ofSeconds(30));
        return openings;
    }

    @Test
    void nobodyIsToldTwiceAndAllAreToldEverything() {
        int[] openings = new int[1];
        SimWorld.run(SimConfig.builder().seeds(SEEDS).explore(true).build(), world -> openings[0] += run(world));
        assertTrue(openings[0] >= SEEDS * (CLIENTS + 2), "who was cut off came back: " + openings[0]);
    }
}
