package dev.meerkat.internal.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Bytes;
import dev.meerkat.topic.BusLine;
import dev.meerkat.topic.BusListener;
import dev.meerkat.topic.BusMessage;
import dev.meerkat.topic.InProcessBus;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.TopicBus;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.topic.WhenFull;
import dev.meerkat.websocket.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Topics on a bus. */
class BusLinkTest {
    private final InProcessBus hub = InProcessBus.create();
    private final InProcessBus.Node nodeA = hub.node("a");
    private final InProcessBus.Node nodeB = hub.node("b");
    private final FakeLoop loop = new FakeLoop();

    private static TopicOptions.Builder on(TopicBus bus) {
        return TopicOptions.builder().bus(bus);
    }

    private Listener listen(RealTopic topic) {
        Listener listener = new Listener();
        topic.subscribe(loop, SubscriptionOptions.DEFAULT, listener);
        return listener;
    }

    @Test
    void whatOneNodePublishesTheOthersHearOnceAndNobodyHearsHimself() {
        RealTopic a = RealTopic.create("room", on(nodeA).build());
        RealTopic b = RealTopic.create("room", on(nodeB).build());
        RealTopic elsewhere = RealTopic.create("other", on(nodeB).build());
        Listener onA = listen(a);
        Listener onB = listen(b);
        Listener onElsewhere = listen(elsewhere);
        a.publish(Message.text("1"), "key");
        b.publish("2");
        a.publish("3");
        loop.runAll();
        assertEquals(List.of("subscribed 0 []", "1", "remote 2", "3"), onA.story());
        assertEquals(List.of("subscribed 0 []", "remote 1", "2", "remote 3"), onB.story());
        assertEquals(
                Optional.of("key"), onB.all(TopicEvent.Published.class).get(0).key());
        assertEquals(List.of(), onElsewhere.texts());
        assertEquals(2, a.statistics().sent());
        assertEquals(1, a.statistics().received());
        assertEquals(0, a.statistics().duplicates());
        assertTrue(a.statistics().busConnected());
    }

    @Test
    void aBusThatIsAwayLosesNoLocalDeliveryAndSaysSo() {
        RealTopic a = RealTopic.create("room", on(nodeA).build());
        RealTopic b = RealTopic.create("room", on(nodeB).build());
        Listener onA = listen(a);
        Listener onB = listen(b);
        a.publish("1");
        nodeA.disconnect("cable");
        nodeA.disconnect("again");
        a.publish("2");
        b.publish("never comes to a");
        loop.runAll();
        assertEquals(List.of("subscribed 0 []", "1", "lost cable", "2"), onA.story());
        assertEquals(1, a.statistics().waitingForBus());
        assertFalse(a.statistics().busConnected());
        nodeA.reconnect();
        a.publish("3");
        b.publish("4");
        loop.runAll();
        assertEquals(List.of("subscribed 0 []", "1", "lost cable", "2", "resumed 0", "3", "remote 4"), onA.story());
        assertEquals(
                List.of("remote 1", "never comes to a", "remote 2", "remote 3", "4"),
                onB.story().subList(1, 6));
        assertEquals(0, a.statistics().waitingForBus());
    }

    /** Three messages or 10 bytes wait. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            DROP_OLDEST | a b c       | a b c | 0
            DROP_OLDEST | a b c d     | b c d | 1
            DROP_OLDEST | aaaaa bbbbb | aaaaa bbbbb | 0
            DROP_OLDEST | aaaaa bbbbb c | bbbbb c | 1
            DROP_NEWEST | a b c d     | a b c | 1
            DROP_NEWEST | aaaaa bbbbb c | aaaaa bbbbb | 1
            """)
    void whatWaitsForTheBusIsBounded(WhenFull policy, String published, String arrived, long dropped) {
        RealTopic a = RealTopic.create("room", on(nodeA).away(3, 10, policy).build());
        RealTopic b = RealTopic.create("room", on(nodeB).build());
        Listener onA = listen(a);
        Listener onB = listen(b);
        nodeA.disconnect("cable");
        List.of(published.split(" ")).forEach(a::publish);
        assertEquals(dropped, a.statistics().droppedForBus());
        nodeA.reconnect();
        loop.runAll();
        assertEquals(List.of(arrived.split(" ")), onB.texts());
        assertEquals(List.of(published.split(" ")), onA.texts());
        assertEquals("resumed " + dropped, onA.story().get(onA.events.size() - 1));
        nodeA.disconnect("cable");
        nodeA.reconnect();
        loop.runAll();
        assertEquals("resumed 0", onA.story().get(onA.events.size() - 1), "each loss is told once");
    }

    @Test
    void newestOfAKeyWaitForTheBus() {
        RealTopic a = RealTopic.create(
                "room", on(nodeA).away(2, 10, WhenFull.CONFLATE).build());
        Listener onB = listen(RealTopic.create("room", on(nodeB).build()));
        nodeA.disconnect("cable");
        for (int i = 0; i < 5; i++) {
            a.publish(Message.text("x" + i), "x");
            a.publish(Message.text("y" + i), "y");
        }
        nodeA.reconnect();
        loop.runAll();
        assertEquals(List.of("x4", "y4"), onB.texts());
    }

    @Test
    void aBusDoesNotCloseForWantOfRoom() {
        assertThrows(
                IllegalArgumentException.class,
                () -> TopicOptions.builder().away(1, 1, WhenFull.CLOSE).build());
    }

    /** A bus that the test plays. */
    private static final class ByHand implements TopicBus, BusLine {
        BusListener listener;
        final List<BusMessage> taken = new ArrayList<>();
        int room = Integer.MAX_VALUE;
        boolean closed;
        RuntimeException failure;
        int most = Integer.MAX_VALUE;
        Runnable inside = () -> {};

        @Override
        public BusLine join(String topic, BusListener hears) {
            listener = hears;
            return this;
        }

        @Override
        public String origin() {
            return "me";
        }

        @Override
        public boolean publish(BusMessage message) {
            if (failure != null) {
                throw failure;
            }
            if (message.payload().length() > most) {
                throw new IllegalArgumentException("too long");
            }
            inside.run();
            if (room-- <= 0) {
                room = 0;
                return false;
            }
            taken.add(message);
            return true;
        }

        @Override
        public void close() {
            closed = true;
        }

        List<String> texts() {
            return taken.stream().map(message -> message.payload().utf8()).toList();
        }
    }

    private final ByHand bus = new ByHand();

    private static BusMessage message(String origin, long sequence, String text) {
        return new BusMessage(origin, sequence, true, Optional.empty(), Bytes.utf8(text));
    }

    @Test
    void whatComesTwiceOrFromOurselvesIsLeftOut() {
        RealTopic topic = RealTopic.create("room", on(bus).build());
        Listener listener = listen(topic);
        bus.listener.onConnected();
        bus.listener.onMessage(message("x", 1, "x1"));
        bus.listener.onMessage(message("x", 1, "x1"));
        bus.listener.onMessage(message("y", 1, "y1"));
        bus.listener.onMessage(message("x", 3, "x3"));
        bus.listener.onMessage(message("x", 2, "x2"));
        bus.listener.onMessage(message("me", 9, "echo"));
        loop.runAll();
        assertEquals(List.of("x1", "y1", "x3"), listener.texts());
        assertEquals(3, topic.statistics().duplicates());
        assertEquals(3, topic.statistics().received());
    }

    @Test
    void whatIsTooLongOrNoTextIsLeftOut() {
        RealTopic topic = RealTopic.create("room", on(bus).messageBytes(3).build());
        Listener listener = listen(topic);
        bus.listener.onMessage(message("x", 1, "abc"));
        bus.listener.onMessage(message("x", 2, "abcd"));
        Bytes broken = Bytes.copyOf(new byte[] {(byte) 0xc3, 0x28});
        bus.listener.onMessage(new BusMessage("x", 3, true, Optional.empty(), broken));
        bus.listener.onMessage(new BusMessage("x", 4, false, Optional.empty(), broken));
        loop.runAll();
        assertEquals(2, listener.texts().size());
        assertEquals(2, topic.statistics().rejected());
    }

    @Test
    void aBusyBusIsAskedAgainWhenItCalls() {
        RealTopic topic = RealTopic.create("room", on(bus).build());
        Listener listener = listen(topic);
        topic.publish("0");
        assertEquals(List.of(), bus.texts(), "not before it is there");
        bus.listener.onConnected();
        bus.room = 1;
        topic.publish("1");
        topic.publish("2");
        topic.publish("3");
        assertEquals(List.of("0", "1"), bus.texts());
        bus.room = 99;
        topic.publish("4");
        assertEquals(List.of("0", "1"), bus.texts(), "it has not called");
        bus.listener.onConnected();
        assertEquals(List.of("0", "1", "2", "3", "4"), bus.texts());
        loop.runAll();
        assertEquals(1, listener.all(TopicEvent.BusResumed.class).size(), "it was never away");
        assertEquals(
                List.of(1L, 2L, 3L, 4L, 5L),
                bus.taken.stream().map(BusMessage::sequence).toList());
    }

    @Test
    void aCallWhileTheBusRefusesIsNotLost() {
        RealTopic topic = RealTopic.create("room", on(bus).build());
        bus.listener.onConnected();
        bus.room = 0;
        bus.inside = () -> {
            bus.inside = () -> {};
            bus.listener.onConnected();
            bus.room = 0;
        };
        topic.publish("1");
        assertEquals(List.of(), bus.texts());
        bus.room = 9;
        bus.listener.onConnected();
        assertEquals(List.of("1"), bus.texts());
        bus.room = 0;
        bus.inside = () -> {
            if (bus.room == 0) {
                bus.inside = () -> bus.room = 9;
                bus.listener.onConnected();
            }
        };
        topic.publish("2");
        assertEquals(List.of("1", "2"), bus.texts());
    }

    @Test
    void aBusThatThrowsIsLost() {
        RealTopic topic = RealTopic.create("room", on(bus).build());
        Listener listener = listen(topic);
        bus.listener.onConnected();
        bus.failure = new IllegalStateException("broken");
        topic.publish("1");
        bus.failure = null;
        bus.listener.onConnected();
        loop.runAll();
        assertEquals(
                List.of(
                        "subscribed 0 []",
                        "resumed 0",
                        "1",
                        "lost java.lang.IllegalStateException: broken",
                        "resumed 0"),
                listener.story());
        assertEquals(List.of("1"), bus.texts());
    }

    @Test
    void whatTheBusCannotCarryIsDroppedAndCountedAndTheRestGoes() {
        RealTopic topic = RealTopic.create("room", on(bus).build());
        Listener listener = listen(topic);
        bus.most = 3;
        topic.publish("long");
        topic.publish("1");
        bus.listener.onConnected();
        topic.publish("longer");
        topic.publish("2");
        loop.runAll();
        assertEquals(List.of("long", "1", "longer", "2"), listener.texts(), "here all of it is heard");
        assertEquals(List.of("1", "2"), bus.texts());
        assertEquals(2, topic.statistics().droppedForBus());
        assertEquals(0, topic.statistics().waitingForBus());
        assertEquals(List.of(), listener.all(TopicEvent.BusLost.class));
    }

    @Test
    void closingATopicLeavesTheBus() {
        RealTopic topic = RealTopic.create("room", on(bus).build());
        bus.listener.onConnected();
        topic.close();
        assertTrue(bus.closed);
        bus.listener.onMessage(message("x", 1, "late"));
        assertEquals(0, topic.statistics().received());
        nodeA.close();
        assertThrows(
                IllegalStateException.class,
                () -> RealTopic.create("room", on(nodeA).build()));
    }

    @Test
    void whateverIsCutAndMendedEachHearsEachInOrderAndOnce() {
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            InProcessBus shared = InProcessBus.create();
            List<InProcessBus.Node> nodes = new ArrayList<>();
            List<RealTopic> topics = new ArrayList<>();
            List<Listener> listeners = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                nodes.add(shared.node("node " + i));
                topics.add(RealTopic.create("room", on(nodes.get(i)).build()));
                listeners.add(listen(topics.get(i)));
            }
            int[] count = new int[3];
            for (int step = 0; step < 100; step++) {
                int who = random.nextInt(3);
                switch (random.nextInt(6)) {
                    case 0 -> nodes.get(who).disconnect("chance");
                    case 1 -> nodes.get(who).reconnect();
                    case 2 -> loop.runOne();
                    default -> topics.get(who).publish(who + ":" + count[who]++);
                }
            }
            nodes.forEach(InProcessBus.Node::reconnect);
            loop.runAll();
            for (int to = 0; to < 3; to++) {
                for (int from = 0; from < 3; from++) {
                    String prefix = from + ":";
                    List<Integer> heard = listeners.get(to).texts().stream()
                            .filter(text -> text.startsWith(prefix))
                            .map(text -> Integer.valueOf(text.substring(2)))
                            .toList();
                    assertEquals(heard.stream().sorted().distinct().toList(), heard, "seed " + seed);
                    if (to == from) {
                        assertEquals(count[from], heard.size(), "no local delivery is lost, seed " + seed);
                    }
                }
            }
            topics.forEach(RealTopic::close);
            loop.runAll();
        }
    }
}
