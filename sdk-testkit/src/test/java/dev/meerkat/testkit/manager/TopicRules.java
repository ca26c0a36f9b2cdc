package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpServer;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.websocket.Opcode;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.topic.InProcessBus;
import dev.meerkat.topic.Member;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.Topic;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.topic.TopicSubscription;
import dev.meerkat.topic.WhenFull;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketEvent;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;

/** Topics with WebSockets and TCP connections as subscribers, on every transport. */
abstract class TopicRules extends ManagerRules {
    private final List<TopicSubscription> subscriptions = new ArrayList<>();
    private final List<WebSocket> webSockets = new ArrayList<>();

    private static SubscriptionOptions.Builder how() {
        return SubscriptionOptions.builder();
    }

    /** Whoever opens a WebSocket subscribes, and publishes what he sends. */
    final WebSocketHandler room(Topic topic, SubscriptionOptions options) {
        return (webSocket, event) -> {
            if (event instanceof WebSocketEvent.Opened) {
                webSockets.add(webSocket);
                subscriptions.add(topic.subscribe(webSocket, options));
            } else if (event instanceof WebSocketEvent.Text text) {
                topic.publish(text.text());
            }
        };
    }

    /** A peer whose WebSocket, on a manager, is served by a handler. */
    final Peer join(EventManager manager, WebSocketHandler handler, SocketOptions options) {
        return join(manager, handler, options, WebSocketRules.ASK);
    }

    private Peer join(EventManager manager, WebSocketHandler handler, SocketOptions options, String request) {
        Acceptor acceptor = manager.listen(
                arm.listenAddress(),
                listening(connection -> {
                    if (options != SocketOptions.DEFAULT) {
                        connection.sendBufferBytes(options.sendBufferBytes());
                    }
                }),
                HttpServer.handler(HttpServerRules.TIMELESS, WebSocketServer.of(handler)));
        int before = webSockets.size();
        Peer client = peer(acceptor, options).send(request);
        until("the answer", () -> client.text().contains("\r\n\r\n") && webSockets.size() > before);
        acceptor.close();
        return client;
    }

    final Peer join(EventManager manager, Topic topic, SubscriptionOptions options) {
        return join(manager, room(topic, options), SocketOptions.DEFAULT);
    }

    final Peer join(EventManager manager, Topic topic) {
        return join(manager, topic, SubscriptionOptions.DEFAULT);
    }

    /** What has come behind the answer to the handshake. */
    private static String frames(Peer client) {
        String all = new String(client.received(), StandardCharsets.ISO_8859_1);
        return all.substring(all.indexOf("\r\n\r\n") + 4);
    }

    /** The texts that a client has received, and the codes of close frames. */
    static List<String> heard(Peer client) {
        String bytes = frames(client);
        List<String> texts = new ArrayList<>();
        int at = 0;
        while (at + 2 <= bytes.length()) {
            int opcode = bytes.charAt(at) & 15;
            int length = bytes.charAt(at + 1) & 127;
            int head = length < 126 ? 2 : length == 126 ? 4 : 10;
            if (at + head > bytes.length()) {
                break;
            }
            if (length >= 126) {
                length = 0;
                for (int i = 2; i < head; i++) {
                    length = length << 8 | bytes.charAt(at + i);
                }
            }
            int end = at + head + length;
            if (end > bytes.length()) {
                break;
            }
            String payload = bytes.substring(at + head, end);
            texts.add(opcode == 8 ? "close " + (payload.charAt(0) << 8 | payload.charAt(1)) : payload);
            at = end;
        }
        return texts;
    }

    private void untilHeard(Peer client, String... texts) {
        until("what was published", () -> heard(client).size() >= texts.length);
        assertEquals(List.of(texts), heard(client));
    }

    // ---------------------------------------------------------------- order

    @Test
    void whoeverPublishesAllWebSocketsOfAllManagersHearItInOneOrder() {
        Topic topic = Topic.named("room");
        EventManager one = use(options -> {});
        EventManager two = use(options -> {});
        Peer a = join(one, topic);
        Peer b = join(one, topic);
        Peer c = join(two, topic);
        for (int i = 0; i < 20; i++) {
            a.send(WebSocketRules.text("a" + i));
            c.send(WebSocketRules.text("c" + i));
        }
        until("all of it", () -> heard(a).size() == 40 && heard(b).size() == 40 && heard(c).size() == 40);
        assertEquals(heard(a), heard(b));
        assertEquals(heard(a), heard(c));
        assertEquals(
                IntStream.range(0, 20).mapToObj(i -> "c" + i).toList(),
                heard(a).stream().filter(text -> text.startsWith("c")).toList());
        assertEquals(3, topic.statistics().subscriptions());
        assertEquals(120, topic.statistics().delivered());
    }

    /** RFC 7692 §7.2.1: the first bit reserved is set; the payload ends before an empty block. */
    @Test
    void thoseWhoCompressAreSentTheSameCompressedBytesAndTheOthersPlainOnes() throws Exception {
        Topic topic = Topic.named("room");
        String asking = WebSocketRules.ASK.replace(
                "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n\r\n");
        WebSocketHandler room = room(topic, SubscriptionOptions.DEFAULT);
        Peer one = join(manager(), room, SocketOptions.DEFAULT, asking);
        Peer two = join(manager(), room, SocketOptions.DEFAULT, asking);
        Peer plain = join(manager(), topic);
        String text = "all the same ".repeat(500);
        topic.publish(text);
        untilHeard(plain, text);
        until(
                "the compressed frame",
                () -> frames(one).length() > 2 && frames(one).equals(frames(two)));
        String frame = frames(one);
        assertEquals(0xc1, frame.charAt(0));
        assertTrue(frame.length() < 126, "it is compressed");
        assertEquals(frame.length() - 2, frame.charAt(1));
        Inflater inflater = new Inflater(true);
        inflater.setInput((frame.substring(2) + "\0\0\u00ff\u00ff").getBytes(StandardCharsets.ISO_8859_1));
        byte[] inflated = new byte[10_000];
        int length = inflater.inflate(inflated);
        inflater.end();
        assertEquals(text, new String(inflated, 0, length, StandardCharsets.UTF_8));
    }

    @Test
    void theReplayComesFirst() {
        Topic topic =
                Topic.named("room", TopicOptions.builder().replay(2, 1_000).build());
        topic.publish("a");
        topic.publish("b");
        topic.publish("c");
        Peer client = join(manager(), topic);
        topic.publish("d");
        untilHeard(client, "b", "c", "d");
    }

    @Test
    void aWebSocketIsToldWhoIsHere() {
        Topic topic = Topic.named(
                "room", TopicOptions.builder().toWebSockets(TopicRules::inWords).build());
        Peer anna = join(manager(), topic, how().member("anna").presence(true).build());
        Peer bert = join(manager(), topic, how().member("bert").presence(true).build());
        anna.send(WebSocketRules.text("hello"));
        untilHeard(bert, "here: anna bert", "hello");
        bert.reset();
        untilHeard(anna, "here: anna", "+bert", "hello", "-bert");
        assertEquals(List.of("anna"), topic.members().stream().map(Member::name).toList());
    }

    private static Optional<Message> inWords(TopicEvent event) {
        if (event instanceof TopicEvent.Subscribed subscribed) {
            List<String> names = subscribed.members().stream().map(Member::name).toList();
            return Optional.of(Message.text("here: " + String.join(" ", names)));
        } else if (event instanceof TopicEvent.Joined joined) {
            return Optional.of(Message.text("+" + joined.member().name()));
        } else if (event instanceof TopicEvent.Left left) {
            return Optional.of(Message.text("-" + left.member().name()));
        }
        return Optional.empty();
    }

    // ---------------------------------------------------------------- coming and going

    @Test
    void aSubscriptionEndsWithItsWebSocket() {
        Topic topic = Topic.named("room");
        Peer staying = join(manager(), topic);
        Peer closing = join(manager(), topic);
        join(manager(), topic).reset();
        closing.send(WebSocketRules.masked(Opcode.CLOSE, FrameEncoder.closePayload(1000, "")));
        until("both to be gone", () -> topic.statistics().subscriptions() == 1);
        topic.publish("x");
        untilHeard(staying, "x");
        assertEquals(List.of("close 1000"), heard(closing));
        inTurn(() -> assertThrows(IllegalStateException.class, () -> topic.subscribe(webSockets.get(1))));
    }

    @Test
    void unsubscribingLeavesTheWebSocketOpen() {
        Topic topic = Topic.named("room");
        Peer client = join(manager(), topic);
        inTurn(() -> {
            topic.publish("never seen");
            subscriptions.get(0).unsubscribe();
            webSockets.get(0).send("still here");
        });
        untilHeard(client, "still here");
    }

    @Test
    void whoClosesOthersWhileSomethingIsPublishedIsSafe() {
        Topic topic = Topic.named("room");
        Peer a = join(manager(), topic);
        SubscriptionOptions closesTheOthers = how().filter(message -> {
                    webSockets.get(0).close();
                    webSockets.get(2).abort();
                    return true;
                })
                .build();
        Peer b = join(manager(), topic, closesTheOthers);
        Peer c = join(manager(), topic);
        Peer d = join(manager(), topic);
        topic.publish("x");
        untilHeard(b, "x");
        untilHeard(d, "x");
        until("the others to be gone", () -> topic.statistics().subscriptions() == 2);
        topic.publish("y");
        untilHeard(d, "x", "y");
        assertEquals(List.of("x", "close 1000"), heard(a));
        assertEquals(List.of(), heard(c));
    }

    @Test
    void aFilterThatThrowsIsReportedAndHarmsNobody() {
        Topic topic = Topic.named("room");
        Peer deaf = join(
                manager(),
                topic,
                how().filter(message -> {
                            throw new IllegalStateException("filter");
                        })
                        .build());
        Peer client = join(manager(), topic);
        topic.publish("x");
        untilHeard(client, "x");
        assertEquals("filter", takeFailure().thrown().getMessage());
        assertEquals(List.of(), heard(deaf));
    }

    @Test
    void aClosedManagerHasNoSubscribersAndTheOthersGoOn() {
        Topic topic = Topic.named("room");
        EventManager one = use(options -> {});
        EventManager two = use(options -> {});
        List<TopicEvent> events = new ArrayList<>();
        topic.subscribe(one, SubscriptionOptions.DEFAULT, (subscription, event) -> events.add(event));
        join(one, topic);
        Peer client = join(two, topic);
        one.close();
        topic.publish("x");
        untilHeard(client, "x");
        assertEquals(1, topic.statistics().subscriptions());
        assertEquals(new TopicEvent.Ended(TopicEvent.Ended.Reason.MANAGER_CLOSED), events.get(events.size() - 1));
    }

    // ---------------------------------------------------------------- slow receivers

    private static final int LENGTH = 32 << 10;
    private static final int COUNT = 2 * MORE_THAN_FITS / LENGTH;

    /** Texts of a number and much else. */
    private static String numbered(int number) {
        return number + "." + "x".repeat(LENGTH - 10);
    }

    private static List<Integer> numbers(Peer client) {
        return heard(client).stream()
                .map(text -> Integer.valueOf(text.substring(0, text.indexOf('.'))))
                .toList();
    }

    private Peer slow(Topic topic, WhenFull policy) {
        return join(
                        manager(),
                        room(
                                topic,
                                how().waiting(4, 4 * LENGTH).whenFull(policy).build()),
                        SMALL_PEER)
                .stopReading();
    }

    /** Publishes more than anybody holds; the fast one hears all of it meanwhile. */
    private void publish(Topic topic, Peer fast) {
        for (int i = 0; i < COUNT; i++) {
            topic.publish(Message.text(numbered(i)), "key " + i % 2);
            int soFar = i + 1;
            until("message " + i, () -> numbers(fast).size() == soFar);
            for (TopicSubscription subscription : subscriptions) {
                assertTrue(subscription.waitingMessages() <= 4);
                assertTrue(subscription.waitingBytes() <= 4 * LENGTH);
            }
        }
    }

    @Test
    void aReaderThatStopsMissesTheOldestAndHoldsUpNobody() {
        Topic topic = Topic.named("room");
        Peer slow = slow(topic, WhenFull.DROP_OLDEST);
        Peer fast = join(manager(), topic);
        publish(topic, fast);
        assertTrue(subscriptions.get(0).dropped() > 0);
        slow.startReading();
        long expected = COUNT - subscriptions.get(0).dropped();
        until("the rest", () -> numbers(slow).size() == expected);
        List<Integer> numbers = numbers(slow);
        assertEquals(numbers.stream().sorted().distinct().toList(), numbers);
        assertEquals(
                List.of(COUNT - 4, COUNT - 3, COUNT - 2, COUNT - 1),
                numbers.subList(numbers.size() - 4, numbers.size()));
        topic.publish(numbered(COUNT));
        until("the next", () -> numbers(slow).size() == expected + 1);
    }

    @Test
    void aReaderThatStopsMissesTheNewest() {
        Topic topic = Topic.named("room");
        Peer slow = slow(topic, WhenFull.DROP_NEWEST);
        Peer fast = join(manager(), topic);
        publish(topic, fast);
        slow.startReading();
        int expected = (int) (COUNT - subscriptions.get(0).dropped());
        until("the rest", () -> numbers(slow).size() == expected);
        assertEquals(IntStream.range(0, expected).boxed().toList(), numbers(slow));
    }

    @Test
    void aReaderThatStopsHearsTheNewestOfEachKey() {
        Topic topic = Topic.named("room");
        Peer slow = slow(topic, WhenFull.CONFLATE);
        Peer fast = join(manager(), topic);
        publish(topic, fast);
        slow.startReading();
        until("the rest", () -> numbers(slow).contains(COUNT - 1));
        List<Integer> numbers = numbers(slow);
        assertEquals(List.of(COUNT - 2, COUNT - 1), numbers.subList(numbers.size() - 2, numbers.size()));
        assertEquals(COUNT - numbers.size(), topic.statistics().conflated());
        assertEquals(0, topic.statistics().dropped());
    }

    @Test
    void aReaderThatStopsIsClosedAndTold() {
        Topic topic = Topic.named("room");
        Peer slow = slow(topic, WhenFull.CLOSE);
        Peer fast = join(manager(), topic);
        publish(topic, fast);
        assertEquals(1, topic.statistics().closedSlow());
        assertEquals(1, topic.statistics().subscriptions());
        slow.startReading();
        until("the close frame", () -> heard(slow).contains("close " + CloseStatus.TRY_AGAIN_LATER));
        assertFalse(webSockets.get(0).isOpen());
    }

    // ---------------------------------------------------------------- other receivers

    /** Pauses while its peer does not read: what waits, waits at the topic. */
    @Test
    void aTcpConnectionSubscribesByAHandlerThatPauses() {
        Topic topic = Topic.named("room");
        TopicSubscription[] subscription = new TopicSubscription[1];
        Script script = script().on(
                        TcpEvent.Opened.class,
                        (connection, opened) -> subscription[0] =
                                topic.subscribe(connection.manager(), SubscriptionOptions.DEFAULT, (self, event) -> {
                                    if (event instanceof TopicEvent.Published published) {
                                        send(connection, self, published.message());
                                    }
                                }))
                .on(TcpEvent.Writable.class, (connection, writable) -> subscription[0].resume());
        Peer peer = accepted(
                        ListenOptions.builder()
                                .connection(
                                        connection(options -> options.sendBufferBytes(SMALL_PEER.sendBufferBytes())))
                                .build(),
                        SMALL_PEER,
                        script)
                .stopReading();
        for (int i = 0; i < 100; i++) {
            topic.publish(numbered(i) + "\n");
            settle();
        }
        assertTrue(subscription[0].waitingMessages() > 0 || !subscription[0].isActive());
        assertFalse(subscription[0].isActive(), "100 messages of 32 KiB are more than may wait");
        peer.startReading();
        until("what was sent", () -> peer.text().contains("\n"));
    }

    private static void send(Connection connection, TopicSubscription subscription, Message message) {
        connection.send(message.bytes());
        if (!connection.isWritable()) {
            subscription.pause();
            connection.requestWritable();
        }
    }

    @Test
    void topicsOfTwoManagersMeetOnABus() {
        InProcessBus bus = InProcessBus.create();
        InProcessBus.Node node = bus.node("one");
        Topic here = Topic.named("room", TopicOptions.builder().bus(node).build());
        Topic there =
                Topic.named("room", TopicOptions.builder().bus(bus.node("two")).build());
        Peer a = join(use(options -> {}), here);
        Peer b = join(use(options -> {}), there);
        a.send(WebSocketRules.text("a1"));
        until("it", () -> heard(b).contains("a1"));
        node.disconnect("cable");
        a.send(WebSocketRules.text("a2"));
        until("local delivery", () -> heard(a).contains("a2"));
        b.send(WebSocketRules.text("b1"));
        until("local delivery", () -> heard(b).contains("b1"));
        node.reconnect();
        untilHeard(b, "a1", "b1", "a2");
        b.send(WebSocketRules.text("b2"));
        untilHeard(a, "a1", "a2", "b2");
    }
}
