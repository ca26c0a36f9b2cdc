package dev.meerkat.internal.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.BroadcastLimitException;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.event.Bytes;
import dev.meerkat.topic.Member;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.topic.TopicSubscription;
import dev.meerkat.topic.WhenFull;
import dev.meerkat.websocket.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RealTopicTest {
    private final FakeLoop loop = new FakeLoop();
    private final FakeLoop other = new FakeLoop();
    private RealTopic topic = RealTopic.create("room", TopicOptions.DEFAULT);

    private static SubscriptionOptions.Builder how() {
        return SubscriptionOptions.builder();
    }

    private Listener listen(Loop on, SubscriptionOptions options) {
        Listener listener = new Listener();
        topic.subscribe(on, options, listener);
        return listener;
    }

    private void run() {
        for (int i = 0; i < 10; i++) {
            loop.runAll();
            other.runAll();
        }
    }

    // ---------------------------------------------------------------- order

    @Test
    void everySubscriberOfEveryLoopHearsAllInTheOrderOfTheNumbers() {
        Listener here = listen(loop, SubscriptionOptions.DEFAULT);
        Listener there = listen(other, SubscriptionOptions.DEFAULT);
        assertEquals(1, topic.publish("a"));
        loop.runAll();
        assertEquals(2, topic.publish("b"));
        assertEquals(3, topic.publish(Message.text("c"), "key"));
        run();
        assertEquals(List.of("subscribed 0 []", "a", "b", "c"), here.story());
        assertEquals(here.events, there.events);
        assertEquals(
                Optional.of("key"), here.all(TopicEvent.Published.class).get(2).key());
    }

    @Test
    void nothingIsDeliveredInsidePublish() {
        Listener listener = listen(loop, SubscriptionOptions.DEFAULT);
        loop.runAll();
        topic.publish("a");
        topic.publish("b");
        assertEquals(List.of(), listener.texts());
        assertEquals(1, loop.tasks(), "one visit for both");
        run();
        assertEquals(List.of("a", "b"), listener.texts());
    }

    @Test
    void aHandlerMayPublishAndEverybodyHearsTheAnswerAfterTheQuestion() {
        topic.subscribe(loop, SubscriptionOptions.DEFAULT, (subscription, event) -> {
            if (event instanceof TopicEvent.Published published
                    && published.text().startsWith("ask")) {
                topic.publish("answer to " + published.text());
            }
        });
        Listener listener = listen(loop, SubscriptionOptions.DEFAULT);
        topic.publish("ask 1");
        topic.publish("ask 2");
        run();
        assertEquals(List.of("ask 1", "ask 2", "answer to ask 1", "answer to ask 2"), listener.texts());
    }

    @Test
    void theMessageIsTheSameObjectForAll() {
        FakeOutlet one = FakeOutlet.join(topic, loop, SubscriptionOptions.DEFAULT, 9);
        FakeOutlet two = FakeOutlet.join(topic, other, SubscriptionOptions.DEFAULT, 9);
        Listener listener = listen(loop, SubscriptionOptions.DEFAULT);
        Message message = Message.text("x");
        topic.publish(message);
        run();
        assertSame(message, one.messages.get(0));
        assertSame(message, two.messages.get(0));
        assertSame(message, listener.all(TopicEvent.Published.class).get(0).message());
    }

    @Test
    void moreThanALoopTakesAtOnceIsTakenInSeveralVisits() {
        Listener listener = listen(loop, SubscriptionOptions.DEFAULT);
        loop.runAll();
        for (int i = 0; i <= TopicRoom.BATCH; i++) {
            topic.publish("x");
        }
        loop.runOne();
        assertEquals(TopicRoom.BATCH, listener.texts().size());
        loop.runOne();
        assertEquals(TopicRoom.BATCH + 1, listener.texts().size());
        assertEquals(0, loop.tasks());
        assertEquals(0, topic.backlog());
    }

    // ---------------------------------------------------------------- who hears

    @Test
    void aFilterChoosesForItsSubscriptionAlone() {
        Listener some = listen(
                loop, how().filter(message -> message.text().length() > 1).build());
        Listener all = listen(loop, SubscriptionOptions.DEFAULT);
        topic.publish("a");
        topic.publish("bb");
        run();
        assertEquals(List.of("bb"), some.texts());
        assertEquals(List.of("a", "bb"), all.texts());
    }

    @Test
    void aFilterOrHandlerThatThrowsIsReportedAndHarmsNobody() {
        Listener filtered = listen(
                loop,
                how().filter(message -> {
                            throw new IllegalStateException("filter of " + message.text());
                        })
                        .build());
        AtomicInteger heard = new AtomicInteger();
        topic.subscribe(loop, SubscriptionOptions.DEFAULT, (subscription, event) -> {
            if (event instanceof TopicEvent.Published) {
                heard.incrementAndGet();
                throw new Exception("handler");
            }
        });
        Listener listener = listen(loop, SubscriptionOptions.DEFAULT);
        topic.publish("a");
        topic.publish("b");
        run();
        assertEquals(List.of(), filtered.texts());
        assertEquals(List.of("a", "b"), listener.texts());
        assertEquals(2, heard.get(), "the subscription goes on");
        assertEquals(
                List.of("filter of a", "filter of b", "handler", "handler"),
                loop.reported.stream().map(Throwable::getMessage).toList());
    }

    @Test
    void whoEndsASubscriptionInsideADeliveryIsSafe() {
        List<TopicSubscription> others = new ArrayList<>();
        List<String> heard = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            others.add(topic.subscribe(loop, SubscriptionOptions.DEFAULT, (subscription, event) -> {
                if (event instanceof TopicEvent.Published) {
                    heard.add("" + number);
                    if (number == 1) {
                        others.get(0).unsubscribe();
                        others.get(1).unsubscribe();
                        others.get(3).unsubscribe();
                        topic.subscribe(loop, SubscriptionOptions.DEFAULT, (added, what) -> {
                            if (what instanceof TopicEvent.Published) {
                                heard.add("new");
                            }
                        });
                    }
                }
            }));
        }
        topic.publish("x");
        run();
        assertEquals(List.of("0", "1", "2", "4"), heard);
        heard.clear();
        topic.publish("y");
        run();
        assertEquals(List.of("2", "4", "new"), heard);
        assertEquals(3, topic.statistics().subscriptions());
    }

    @Test
    void afterUnsubscribingOnTheLoopNothingComesAnyMore() {
        Listener listener = new Listener();
        TopicSubscription subscription = topic.subscribe(loop, SubscriptionOptions.DEFAULT, listener);
        topic.publish("a");
        run();
        topic.publish("b");
        subscription.unsubscribe();
        subscription.unsubscribe();
        run();
        assertEquals(List.of("a"), listener.texts());
        assertFalse(subscription.isActive());
        assertEquals(0, topic.statistics().subscriptions());
        assertEquals(0, loop.closeTasks(), "the room is gone");
        assertEquals(1, topic.statistics().delivered() - 1, "Subscribed and a");
    }

    @Test
    void aRoomThatWasLeftIsMadeAgain() {
        topic.subscribe(loop, SubscriptionOptions.DEFAULT, new Listener()).unsubscribe();
        run();
        topic.publish("nobody hears it");
        Listener listener = listen(loop, SubscriptionOptions.DEFAULT);
        topic.publish("a");
        run();
        assertEquals(List.of("subscribed 0 []", "a"), listener.story());
        assertEquals(1, loop.closeTasks());
    }

    // ---------------------------------------------------------------- replay

    @Test
    void theLastMessagesComeFirstWithoutGapOrDouble() {
        topic = RealTopic.create("room", TopicOptions.builder().replay(2, 100).build());
        topic.publish("a");
        topic.publish("b");
        topic.publish("c");
        Listener listener = listen(loop, SubscriptionOptions.DEFAULT);
        topic.publish("d");
        Listener late = listen(loop, SubscriptionOptions.DEFAULT);
        topic.publish("e");
        run();
        assertEquals(List.of("subscribed 2 []", "b", "c", "d", "e"), listener.story());
        assertEquals(List.of("subscribed 2 []", "c", "d", "e"), late.story());
        Listener few = listen(loop, how().replay(1).build());
        Listener none = listen(loop, how().replay(0).build());
        run();
        assertEquals(List.of("subscribed 1 []", "e"), few.story());
        assertEquals(List.of("subscribed 0 []"), none.story());
    }

    @Test
    void whatIsReplayedIsFilteredAndWaitsForASlowReceiverBesideTheBounds() {
        topic = RealTopic.create("room", TopicOptions.builder().replay(10, 1000).build());
        for (int i = 0; i < 6; i++) {
            topic.publish("" + i);
        }
        SubscriptionOptions options = how().waiting(1, 100)
                .filter(message -> !message.text().equals("3"))
                .build();
        FakeOutlet slow = FakeOutlet.join(topic, loop, options, 2);
        topic.publish("live");
        run();
        assertEquals(List.of("0", "1"), slow.sent);
        assertEquals(1, slow.subscription.waitingMessages(), "the replay is not counted");
        slow.drain(9);
        assertEquals(List.of("0", "1", "2", "4", "5", "live"), slow.sent);
        assertFalse(slow.closedTooSlow);
    }

    // ---------------------------------------------------------------- presence

    @Test
    void whoIsHereComesAndGoesIsToldInOrderWithTheMessages() {
        Listener watching = listen(loop, how().presence(true).build());
        Listener blind = listen(loop, SubscriptionOptions.DEFAULT);
        topic.publish("1");
        TopicSubscription anna = topic.subscribe(other, how().member("anna").build(), new Listener());
        topic.publish("2");
        Listener bert = listen(other, how().member("bert").presence(true).build());
        topic.publish("3");
        anna.unsubscribe();
        topic.publish("4");
        run();
        assertEquals(List.of("subscribed 0 []", "1", "+anna", "2", "+bert", "3", "-anna", "4"), watching.story());
        assertEquals(List.of("subscribed 0 [anna, bert]", "3", "-anna", "4"), bert.story());
        assertEquals(List.of("1", "2", "3", "4"), blind.texts());
        assertEquals(4, blind.events.size() - 1);
        assertEquals(List.of("bert"), topic.members().stream().map(Member::name).toList());
        assertEquals(anna.member().orElseThrow().id(), anna.id());
    }

    @Test
    void webSocketsAreToldOfPresenceInTheWordsOfTheTopic() {
        AtomicInteger asked = new AtomicInteger();
        topic = RealTopic.create(
                "room",
                TopicOptions.builder()
                        .toWebSockets(event -> {
                            asked.incrementAndGet();
                            return event instanceof TopicEvent.Left
                                    ? Optional.empty()
                                    : Optional.of(Message.text(Listener.tell(event)));
                        })
                        .build());
        FakeOutlet one = FakeOutlet.join(topic, loop, how().presence(true).build(), 9);
        FakeOutlet two = FakeOutlet.join(topic, loop, how().presence(true).build(), 9);
        FakeOutlet blind = FakeOutlet.join(topic, loop, SubscriptionOptions.DEFAULT, 9);
        TopicSubscription anna = topic.subscribe(loop, how().member("anna").build(), new Listener());
        anna.unsubscribe();
        run();
        assertEquals(List.of("subscribed 0 []", "+anna"), one.sent);
        assertEquals(one.sent, two.sent);
        assertSame(one.messages.get(1), two.messages.get(1), "made once");
        assertEquals(List.of(), blind.sent);
        assertEquals(4, asked.get(), "each one's Subscribed, Joined, Left");
    }

    // ---------------------------------------------------------------- slow receivers

    @Test
    void aSlowReceiverHoldsUpNobodyAndKeepsTheOrder() {
        FakeOutlet slow = FakeOutlet.join(
                topic,
                loop,
                how().waiting(3, 100).whenFull(WhenFull.DROP_OLDEST).build(),
                1);
        FakeOutlet fast = FakeOutlet.join(topic, loop, SubscriptionOptions.DEFAULT, 99);
        for (int i = 0; i < 6; i++) {
            topic.publish("" + i);
        }
        run();
        assertEquals(List.of("0"), slow.sent);
        assertEquals(6, fast.sent.size());
        assertEquals(3, slow.subscription.waitingMessages());
        assertEquals(3, slow.subscription.waitingBytes());
        assertEquals(2, slow.subscription.dropped());
        slow.drain(2);
        topic.publish("6");
        run();
        assertEquals(List.of("0", "3", "4"), slow.sent);
        slow.drain(9);
        assertEquals(List.of("0", "3", "4", "5", "6"), slow.sent);
        assertEquals(2, topic.statistics().dropped());
        assertEquals(5, slow.subscription.delivered());
    }

    @Test
    void oneMoreThanMayWaitEndsAReceiverThatMustMissNothing() {
        FakeOutlet slow = FakeOutlet.join(topic, loop, how().waiting(2, 100).build(), 0);
        topic.publish("a");
        topic.publish("b");
        run();
        assertTrue(slow.subscription.isActive());
        topic.publish("c");
        run();
        assertTrue(slow.closedTooSlow);
        assertTrue(slow.left);
        assertFalse(slow.subscription.isActive());
        assertEquals(1, topic.statistics().closedSlow());
        assertEquals(0, topic.statistics().subscriptions());
    }

    @Test
    void oneByteMoreThanMayWaitIsOneTooMany() {
        FakeOutlet slow = FakeOutlet.join(topic, loop, how().waiting(99, 4).build(), 0);
        topic.publish("ab");
        topic.publish("cd");
        run();
        assertFalse(slow.closedTooSlow);
        topic.publish("e");
        run();
        assertTrue(slow.closedTooSlow);
    }

    @Test
    void aHandlerPausesAndIsToldWhatItHasMissed() {
        Listener listener = new Listener();
        TopicSubscription subscription = topic.subscribe(
                loop, how().waiting(2, 100).whenFull(WhenFull.DROP_OLDEST).build(), listener);
        run();
        subscription.pause();
        for (int i = 0; i < 5; i++) {
            topic.publish("" + i);
        }
        run();
        assertEquals(List.of(), listener.texts());
        subscription.resume();
        topic.publish("5");
        run();
        assertEquals(List.of("subscribed 0 []", "missed 3", "3", "4", "5"), listener.story());
        assertEquals(5, listener.all(TopicEvent.Published.class).get(1).sequence());
        assertEquals(4, listener.all(TopicEvent.Missed.class).get(0).sequence());
    }

    @Test
    void aHandlerMayPauseWhileItIsCalled() {
        List<String> heard = new ArrayList<>();
        TopicSubscription subscription = topic.subscribe(loop, SubscriptionOptions.DEFAULT, (self, event) -> {
            if (event instanceof TopicEvent.Published published) {
                heard.add(published.text());
                self.pause();
            }
        });
        topic.publish("a");
        topic.publish("b");
        topic.publish("c");
        run();
        assertEquals(List.of("a"), heard);
        for (int i = 0; i < 1_000; i++) {
            subscription.resume();
        }
        assertEquals(1, loop.tasks(), "however often it resumes");
        run();
        assertEquals(List.of("a", "b"), heard);
        subscription.resume();
        run();
        assertEquals(List.of("a", "b", "c"), heard);
        assertEquals(0, subscription.waitingMessages());
    }

    @Test
    void ofAKeyOnlyTheNewestWaits() {
        FakeOutlet slow = FakeOutlet.join(
                topic, loop, how().waiting(3, 100).whenFull(WhenFull.CONFLATE).build(), 0);
        for (int i = 0; i < 10; i++) {
            topic.publish(Message.text("x" + i), "x");
            topic.publish(Message.text("y" + i), "y");
        }
        run();
        slow.drain(9);
        assertEquals(List.of("x9", "y9"), slow.sent);
        assertEquals(18, topic.statistics().conflated());
        assertEquals(0, topic.statistics().dropped());
    }

    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void aMessageThatNeverFitsIsLostOrEndsItByPolicy(WhenFull policy) {
        FakeOutlet outlet = FakeOutlet.join(topic, loop, how().whenFull(policy).build(), 9);
        outlet.longest = 3;
        topic.publish("abcd");
        topic.publish("abc");
        run();
        boolean closes = policy == WhenFull.CLOSE;
        assertEquals(closes ? List.of() : List.of("abc"), outlet.sent);
        assertEquals(closes ? 0 : 1, outlet.subscription.dropped());
        assertEquals(closes, outlet.closedTooSlow);
    }

    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void aMessageThatDoesNotFitNowWaitsAndKeepsItsPlace(WhenFull policy) {
        FakeOutlet outlet = FakeOutlet.join(topic, loop, how().whenFull(policy).build(), 9);
        outlet.longestNow = 3;
        topic.publish("abcd");
        topic.publish("abc");
        run();
        topic.publish("ab");
        run();
        assertTrue(outlet.waitsForRoom);
        assertEquals(List.of(), outlet.sent);
        assertEquals(3, outlet.subscription.waitingMessages());
        assertEquals(9, outlet.subscription.waitingBytes());
        outlet.longestNow = 4;
        outlet.drain(0);
        run();
        assertEquals(List.of("abcd", "abc", "ab"), outlet.sent);
        assertEquals(0, outlet.subscription.dropped());
        assertEquals(0, outlet.subscription.waitingMessages());
        assertEquals(3, outlet.subscription.delivered());
    }

    @Test
    void whatDoesNotFitNowIsForgottenWithTheSubscription() {
        FakeOutlet outlet = FakeOutlet.join(topic, loop, SubscriptionOptions.DEFAULT, 9);
        outlet.longestNow = 3;
        topic.publish("abcd");
        run();
        outlet.subscription.unsubscribe();
        run();
        outlet.longestNow = 9;
        outlet.drain(0);
        assertEquals(List.of(), outlet.sent);
        assertEquals(0, outlet.subscription.waitingMessages());
    }

    @Test
    void anOutletThatFailsIsEndedAndTheOthersHaveAll() {
        FakeOutlet first = FakeOutlet.join(topic, loop, SubscriptionOptions.DEFAULT, 9);
        FakeOutlet failing = FakeOutlet.join(topic, loop, SubscriptionOptions.DEFAULT, 9);
        FakeOutlet last = FakeOutlet.join(topic, loop, SubscriptionOptions.DEFAULT, 9);
        run();
        failing.failure = new IllegalStateException("a bug");
        topic.publish("a");
        topic.publish("b");
        run();
        assertEquals(List.of("a", "b"), first.sent);
        assertEquals(List.of("a", "b"), last.sent);
        assertEquals(List.of(), failing.sent);
        assertSame(failing.failure, failing.failed);
        assertFalse(failing.subscription.isActive());
        assertTrue(failing.left);
        assertEquals(2, topic.statistics().subscriptions());
    }

    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void aLoopThatIsTooFarBehindMissesTheOldestAndTheOthersNothing(WhenFull policy) {
        topic = RealTopic.create("room", TopicOptions.builder().backlog(5, 1000).build());
        Listener behind = listen(loop, how().whenFull(policy).build());
        Listener intime = listen(other, SubscriptionOptions.DEFAULT);
        run();
        for (int i = 0; i < 6; i++) {
            topic.publish("" + i);
            other.runAll();
            assertTrue(topic.backlog() <= 5);
        }
        run();
        assertEquals(6, intime.texts().size());
        if (policy == WhenFull.CLOSE) {
            assertEquals(List.of("subscribed 0 []", "ended TOO_SLOW"), behind.story());
        } else {
            assertEquals(List.of("subscribed 0 []", "missed 1", "1", "2", "3", "4", "5"), behind.story());
            assertEquals(1, topic.statistics().dropped());
        }
        assertEquals(0, topic.backlog());
    }

    // ---------------------------------------------------------------- limits and the end

    @Test
    void aMessageOfTheLimitIsPublishedAndOneByteMoreIsNot() {
        topic = RealTopic.create("room", TopicOptions.builder().messageBytes(4).build());
        topic.publish("abcd");
        topic.publish(Message.text("ab"), "xy");
        assertThrows(BroadcastLimitException.class, () -> topic.publish("abcde"));
        assertThrows(BroadcastLimitException.class, () -> topic.publish(Message.text("abc"), "xy"));
        assertEquals(2, topic.statistics().published());
    }

    @Test
    void aMessageOfSomebodyElsesMakingIsRefusedAtOnce() {
        Message foreign = new Message() {
            @Override
            public boolean isText() {
                return true;
            }

            @Override
            public Bytes bytes() {
                return Bytes.EMPTY;
            }
        };
        assertThrows(IllegalArgumentException.class, () -> topic.publish(foreign));
    }

    @Test
    void asManySubscribeAsMayAndNotOneMore() {
        topic = RealTopic.create("room", TopicOptions.builder().subscriptions(2).build());
        TopicSubscription first = topic.subscribe(loop, SubscriptionOptions.DEFAULT, new Listener());
        listen(other, SubscriptionOptions.DEFAULT);
        assertThrows(IllegalStateException.class, () -> listen(loop, SubscriptionOptions.DEFAULT));
        first.unsubscribe();
        listen(loop, SubscriptionOptions.DEFAULT);
        assertEquals(2, topic.statistics().subscriptions());
    }

    @Test
    void aNameHasABound() {
        how().member("x".repeat(Member.MOST_CHARACTERS)).build();
        assertThrows(
                IllegalArgumentException.class,
                () -> how().member("x".repeat(Member.MOST_CHARACTERS + 1)).build());
    }

    @Test
    void closingDeliversWhatWasPublishedAndTellsTheEnd() {
        Listener here = listen(loop, how().member("anna").build());
        Listener there = listen(other, SubscriptionOptions.DEFAULT);
        for (int i = 0; i < TopicRoom.BATCH + 1; i++) {
            topic.publish("x");
        }
        topic.close();
        topic.close();
        assertThrows(IllegalStateException.class, () -> topic.publish("b"));
        assertThrows(IllegalStateException.class, () -> listen(loop, SubscriptionOptions.DEFAULT));
        run();
        assertEquals(TopicRoom.BATCH + 1, here.texts().size());
        assertEquals("ended TOPIC_CLOSED", here.story().get(here.events.size() - 1));
        assertEquals(here.texts(), there.texts());
        assertEquals(0, topic.statistics().subscriptions());
        assertEquals(List.of(), topic.members());
        assertEquals(0, loop.closeTasks());
    }

    @Test
    void aManagerThatClosesTakesItsSubscriptionsAlong() {
        Listener here = listen(loop, how().member("anna").build());
        Listener there = listen(other, how().presence(true).build());
        run();
        loop.close();
        run();
        assertEquals("ended MANAGER_CLOSED", here.story().get(here.events.size() - 1));
        assertEquals(List.of("subscribed 0 [anna]", "-anna"), there.story());
        assertThrows(ManagerClosedException.class, () -> listen(loop, SubscriptionOptions.DEFAULT));
        topic.publish("a");
        run();
        assertEquals(List.of("a"), there.texts());
    }

    @Test
    void aWebSocketThatClosesHasLeft() {
        FakeOutlet outlet = FakeOutlet.join(topic, loop, how().member("anna").build(), 0);
        Listener watching = listen(loop, how().presence(true).build());
        topic.publish("a");
        run();
        outlet.subscription.outletClosed();
        run();
        assertEquals(List.of("subscribed 0 [anna]", "a", "-anna"), watching.story());
        assertEquals(0, outlet.subscription.waitingMessages());
        assertFalse(outlet.closedTooSlow);
    }
}
