package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.Timer;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.testkit.SimConfig.Verify;
import dev.meerkat.topic.InProcessBus;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.Topic;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.topic.TopicSubscription;
import dev.meerkat.topic.WhenFull;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketOptions;
import dev.meerkat.websocket.WebSocketProtocol;
import dev.meerkat.websocket.WebSocketServer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** Topics in worlds: a thousand receivers with a slow one among them, and links that flap. */
class TopicWorldTest {
    private static final String ASK = "GET /room HTTP/1.1\r\nHost: srv\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    /** A client that notes what comes behind the answer to its handshake. */
    private static class Guest implements Handler {
        private int headEnd;
        boolean ended;

        @Override
        public void onEvent(Connection connection, Event event) {
            if (event instanceof TcpEvent.Opened) {
                connection.send(ASK);
            } else if (event instanceof TcpEvent.Received received) {
                ByteBuffer bytes = received.take().asByteBuffer();
                while (headEnd < 4 && bytes.hasRemaining()) {
                    headEnd = bytes.get() == "\r\n\r\n".charAt(headEnd) ? headEnd + 1 : 0;
                }
                if (bytes.hasRemaining()) {
                    frames(bytes);
                }
            } else if (event instanceof TcpEvent.Closed) {
                ended = true;
            }
        }

        void frames(ByteBuffer bytes) {}
    }

    /** Compares by check sum: a thousand times 400 KiB are not kept. */
    private static final class Summing extends Guest {
        private final CRC32 sum = new CRC32();
        private long count;

        @Override
        void frames(ByteBuffer bytes) {
            count += bytes.remaining();
            sum.update(bytes);
        }
    }

    /** Keeps what it hears, as numbers at the beginning of texts. */
    private static final class Counting extends Guest {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TopicSubscription subscription;

        @Override
        void frames(ByteBuffer more) {
            byte[] piece = new byte[more.remaining()];
            more.get(piece);
            bytes.writeBytes(piece);
        }

        List<String> heard() {
            ByteBuffer all = ByteBuffer.wrap(bytes.toByteArray());
            List<String> texts = new ArrayList<>();
            while (all.remaining() >= 2) {
                boolean isText = (all.get() & 15) == 1;
                int length = all.get();
                if (length == 126 && all.remaining() >= 2) {
                    length = all.getShort() & 0xffff;
                } else if (length == 126) {
                    break;
                }
                if (all.remaining() < length) {
                    break;
                }
                byte[] payload = new byte[length];
                all.get(payload);
                if (isText) {
                    String text = new String(payload, StandardCharsets.UTF_8);
                    texts.add(text.substring(0, text.indexOf('.')));
                }
            }
            return texts;
        }

        List<Integer> numbers() {
            return heard().stream().map(Integer::valueOf).toList();
        }
    }

    private static void serve(EventManager manager, WebSocketHandler handler) {
        // the guests of these worlds answer no pings
        WebSocketOptions silent =
                WebSocketOptions.builder().pingInterval(Duration.ZERO).build();
        manager.listen(
                "http://0.0.0.0:80",
                WebSocketServer.builder()
                        .options(silent)
                        .protocol(WebSocketProtocol.unnamed(handler))
                        .build());
    }

    private static String text(Object number, int length) {
        return number + "." + "x".repeat(length - String.valueOf(number).length() - 1);
    }

    private static final int GUESTS = 1_000;
    private static final int SLOW = 417;
    private static final int MESSAGES = 200;
    private static final int LENGTH = 2 << 10;
    private static final int WAITING = 32;

    /** Scenario 2 of the testkit. */
    @Test
    void aThousandHearTheSameThoughOneIsSlow() {
        SimWorld.run(SimConfig.builder().name("broadcast").verify(Verify.ONCE).build(), world -> {
            Topic room = Topic.named("room");
            List<TopicSubscription> slow = new ArrayList<>();
            List<WebSocket> slowWebSocket = new ArrayList<>();
            SubscriptionOptions dropping = SubscriptionOptions.builder()
                    .waiting(WAITING, WAITING * LENGTH)
                    .whenFull(WhenFull.DROP_OLDEST)
                    .build();
            EventManager server = world.host("srv").manager();
            serve(server, (webSocket, event) -> {
                if (event instanceof WebSocketEvent.Opened) {
                    if (webSocket.connection().remoteAddress().toString().contains(address(world, "slow"))) {
                        slow.add(room.subscribe(webSocket, dropping));
                        slowWebSocket.add(webSocket);
                    } else {
                        room.subscribe(webSocket);
                    }
                }
            });
            List<Summing> guests = new ArrayList<>();
            Counting last = new Counting();
            for (int i = 0; i < GUESTS; i++) {
                if (i == SLOW) {
                    world.host("slow").connect("tcp://srv:80", last);
                } else {
                    Summing guest = new Summing();
                    guests.add(guest);
                    world.host("cli").connect("tcp://srv:80", guest);
                }
            }
            world.await("everybody", () -> room.statistics().subscriptions() == GUESTS);
            world.link("slow", "srv").bandwidth(1 << 10);
            int[] published = {0};
            Timer[] timer = new Timer[1];
            timer[0] = server.scheduleAtFixedRate(Duration.ZERO, Duration.ofMillis(1), Timer.Overrun.SKIP, () -> {
                for (int i = 0; i < 4; i++) {
                    room.publish(text(published[0]++, LENGTH));
                }
                if (published[0] == MESSAGES) {
                    timer[0].cancel();
                }
            });
            int limit = ConnectionOptions.DEFAULT.highWaterMark() + LENGTH + 4;
            while (published[0] < MESSAGES && world.step()) {
                // `always`: looked at after each event
                assertTrue(slow.get(0).waitingMessages() <= WAITING);
                assertTrue(slow.get(0).waitingBytes() <= WAITING * LENGTH);
                assertTrue(slowWebSocket.get(0).pendingBytes() <= limit);
            }
            world.advance(Duration.ofMillis(100));
            long expected = (long) MESSAGES * (LENGTH + 4);
            for (Summing guest : guests) {
                assertEquals(expected, guest.count);
                assertEquals(guests.get(0).sum.getValue(), guest.sum.getValue());
            }
            assertTrue(slow.get(0).dropped() > 0);
            assertTrue(last.numbers().size() < 10);
            world.link("slow", "srv").bandwidth(1 << 20);
            world.await("the rest", () -> last.numbers().contains(MESSAGES - 1), Duration.ofMinutes(10));
            List<Integer> numbers = last.numbers();
            assertEquals(numbers.stream().sorted().distinct().toList(), numbers);
            assertEquals(MESSAGES, numbers.size() + slow.get(0).dropped());
            assertEquals(
                    (long) GUESTS * MESSAGES,
                    room.statistics().delivered() + slow.get(0).dropped());
        });
    }

    private static String address(SimWorld world, String host) {
        return world.host(host).ipv4().getHostAddress();
    }

    // ---------------------------------------------------------------- flapping links

    private static final int SEEDS = 200;
    private static final int REPLAY = 8;

    private static void flap(SimWorld world, String host, String server, RandomGenerator random) {
        Link link = world.link(host, server);
        link.latency(Duration.ofMillis(random.nextInt(3)), Duration.ofMillis(3 + random.nextInt(60)));
        if (random.nextBoolean()) {
            link.chunks(random.nextBoolean() ? Chunks.random() : Chunks.of(1 + random.nextInt(500)));
        }
        if (random.nextBoolean()) {
            link.partialWrites(Chunks.random());
        }
        if (random.nextInt(3) == 0) {
            world.oneWay(server, host).resetAfter(1 + random.nextInt(20_000));
        }
        for (int i = 0; i < 3; i++) {
            Duration at = world.elapsed().plusMillis(random.nextInt(2_000));
            world.at(at, link::hold);
            world.at(at.plusMillis(random.nextInt(2_000)), link::release);
        }
    }

    /** Two nodes, a bus that is cut and mended, guests that come through links that hold, cut into pieces and reset. */
    @Test
    void whateverLinksDoEachHearsOneOrderWithoutGapOrDouble() {
        SimConfig config = SimConfig.builder().name("topics").seeds(SEEDS).build();
        SimWorld.run(config, world -> {
            RandomGenerator random = world.random("plan");
            InProcessBus bus = InProcessBus.create();
            List<InProcessBus.Node> nodes = new ArrayList<>();
            List<Topic> topics = new ArrayList<>();
            List<Counting> guests = new ArrayList<>();
            for (int node = 0; node < 2; node++) {
                nodes.add(bus.node("node " + node));
                topics.add(Topic.named(
                        "room",
                        TopicOptions.builder()
                                .bus(nodes.get(node))
                                .replay(REPLAY, 1 << 20)
                                .build()));
                Topic topic = topics.get(node);
                SubscriptionOptions patient =
                        SubscriptionOptions.builder().waiting(10_000, 1 << 24).build();
                serve(world.host("srv" + node).manager(), (webSocket, event) -> {
                    if (event instanceof WebSocketEvent.Opened) {
                        topic.subscribe(webSocket, patient);
                    }
                });
            }
            List<List<String>> published = List.of(new ArrayList<>(), new ArrayList<>());
            List<Integer> at = new ArrayList<>();
            for (int step = 0; step < 150; step++) {
                int node = random.nextInt(2);
                switch (random.nextInt(8)) {
                    case 0 -> {
                        String host = "guest" + guests.size();
                        Counting guest = new Counting();
                        guests.add(guest);
                        at.add(node);
                        flap(world, host, "srv" + node, random);
                        world.host(host).connect("tcp://srv" + node + ":80", guest);
                    }
                    case 1 -> nodes.get(node).disconnect("chance");
                    case 2 -> nodes.get(node).reconnect();
                    default -> {
                        String name = node + ":" + published.get(node).size();
                        published.get(node).add(name);
                        topics.get(node).publish(Message.text(text(name, 20 + random.nextInt(3_000))));
                    }
                }
                world.advance(Duration.ofMillis(random.nextInt(60)));
            }
            nodes.forEach(InProcessBus.Node::reconnect);
            world.advance(Duration.ofSeconds(30));
            for (int i = 0; i < guests.size(); i++) {
                check(guests.get(i), at.get(i), published);
            }
            checkOneOrder(guests, at);
        });
    }

    /** All of its own node from a place on, without gap; of the other node a part, in order. */
    private static void check(Counting guest, int node, List<List<String>> published) {
        List<String> heard = guest.heard();
        List<String> own =
                heard.stream().filter(text -> text.startsWith(node + ":")).toList();
        if (!own.isEmpty()) {
            int from = published.get(node).indexOf(own.get(0));
            assertEquals(published.get(node).subList(from, from + own.size()), own);
            if (!guest.ended) {
                assertEquals(published.get(node).size(), from + own.size(), "the end is missing");
            }
        }
        List<Integer> others = heard.stream()
                .filter(text -> !text.startsWith(node + ":"))
                .map(text -> Integer.valueOf(text.substring(2)))
                .toList();
        assertEquals(others.stream().sorted().distinct().toList(), others);
    }

    /** What two guests of a node have both heard stands in the same order, and without anything between. */
    private static void checkOneOrder(List<Counting> guests, List<Integer> at) {
        for (int node = 0; node < 2; node++) {
            List<String> longest = List.of();
            for (int i = 0; i < guests.size(); i++) {
                if (at.get(i) == node && guests.get(i).heard().size() > longest.size()) {
                    longest = guests.get(i).heard();
                }
            }
            for (int i = 0; i < guests.size(); i++) {
                List<String> heard = guests.get(i).heard();
                if (at.get(i) != node || heard.isEmpty()) {
                    continue;
                }
                int from = longest.indexOf(heard.get(0));
                if (from >= 0) {
                    int to = Math.min(longest.size(), from + heard.size());
                    assertEquals(longest.subList(from, to), heard.subList(0, to - from));
                }
            }
        }
    }
}
