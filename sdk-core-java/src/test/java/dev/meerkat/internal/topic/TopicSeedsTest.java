package dev.meerkat.internal.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.topic.Member;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.topic.TopicSubscription;
import dev.meerkat.topic.WhenFull;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Loops that run when chance says so, with subscribers that come, go, pause and publish: what holds always. */
class TopicSeedsTest {
    private static final int SEEDS = 1_000;
    private static final int REPLAY = 4;

    /** What one subscriber must have heard: all messages from a place on, until it left. */
    private static final class Expected extends Listener {
        private final int from;
        private int until = -1;
        private TopicSubscription subscription;

        Expected(int from) {
            this.from = from;
        }
    }

    @Test
    void everySubscriberHearsAllOfOneOrderFromTheReplayToItsEnd() {
        for (int seed = 0; seed < SEEDS; seed++) {
            new Run(seed).play();
        }
    }

    private static final class Run {
        private final SplittableRandom random;
        private final String where;
        private final List<FakeLoop> loops = List.of(new FakeLoop(), new FakeLoop(), new FakeLoop());
        private final RealTopic topic = RealTopic.create(
                "room", TopicOptions.builder().replay(REPLAY, 1 << 20).build());
        private final List<Long> published = new ArrayList<>();
        private final List<Expected> all = new ArrayList<>();

        Run(int seed) {
            random = new SplittableRandom(seed);
            where = "seed " + seed;
        }

        private void play() {
            for (int step = 0; step < 120; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> published.add(topic.publish("message " + published.size()));
                    case 3 -> subscribe();
                    case 4 -> {
                        Expected some = some();
                        // elsewhere than on its loop one would not know what it has heard
                        if (some != null && some.until < 0 && random.nextInt(3) == 0) {
                            some.subscription.unsubscribe();
                            some.until = published.size();
                        }
                    }
                    case 5 -> {
                        Expected some = some();
                        if (some != null) {
                            if (random.nextBoolean()) {
                                some.subscription.pause();
                            } else {
                                some.subscription.resume();
                            }
                        }
                    }
                    default -> loops.get(random.nextInt(loops.size())).runOne();
                }
            }
            all.forEach(each -> each.subscription.resume());
            loops.forEach(FakeLoop::runAll);
            loops.forEach(FakeLoop::runAll);
            all.forEach(this::check);
            assertEquals(0, topic.backlog(), where);
        }

        private void subscribe() {
            Expected expected = new Expected(Math.max(0, published.size() - REPLAY));
            SubscriptionOptions.Builder how =
                    SubscriptionOptions.builder().waiting(1_000, 1 << 20).presence(true);
            if (random.nextBoolean()) {
                how.member("member " + all.size());
            }
            expected.subscription = topic.subscribe(loops.get(random.nextInt(loops.size())), how.build(), expected);
            all.add(expected);
        }

        private Expected some() {
            return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
        }

        private void check(Expected expected) {
            List<Long> heard = expected.all(TopicEvent.Published.class).stream()
                    .map(TopicEvent.Published::sequence)
                    .toList();
            int to = expected.until < 0 ? published.size() : expected.from + heard.size();
            assertEquals(published.subList(expected.from, to), heard, where);
            if (expected.until >= 0) {
                assertTrue(to <= expected.until, where + ": heard what was published after its end");
                return;
            }
            assertTrue(expected.events.get(0) instanceof TopicEvent.Subscribed, where);
            checkPresence(expected);
        }

        /** Who was here at first, plus who came, less who went, is who is here. */
        private void checkPresence(Expected expected) {
            Set<Member> here = new LinkedHashSet<>(
                    expected.all(TopicEvent.Subscribed.class).get(0).members());
            for (TopicEvent event : expected.events) {
                if (event instanceof TopicEvent.Joined joined) {
                    assertTrue(here.add(joined.member()), where + ": joined twice");
                } else if (event instanceof TopicEvent.Left left) {
                    assertTrue(here.remove(left.member()), where + ": left without having joined");
                }
            }
            assertEquals(topic.members(), List.copyOf(here), where);
        }
    }

    @Test
    void slowReceiversSeeAPartOfTheOneOrderWithinTheirBounds() {
        WhenFull[] policies = {WhenFull.DROP_OLDEST, WhenFull.DROP_NEWEST, WhenFull.CONFLATE};
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            FakeLoop loop = new FakeLoop();
            RealTopic topic = RealTopic.create("room", TopicOptions.DEFAULT);
            int most = random.nextInt(1, 6);
            List<FakeOutlet> outlets = new ArrayList<>();
            for (WhenFull policy : policies) {
                SubscriptionOptions options = SubscriptionOptions.builder()
                        .waiting(most, 1 << 20)
                        .whenFull(policy)
                        .build();
                outlets.add(FakeOutlet.join(topic, loop, options, random.nextInt(4)));
            }
            int published = random.nextInt(60);
            for (int i = 0; i < published; i++) {
                topic.publish(dev.meerkat.websocket.Message.text("" + i), "key " + random.nextInt(3));
                if (random.nextBoolean()) {
                    loop.runAll();
                }
                if (random.nextInt(4) == 0) {
                    outlets.get(random.nextInt(outlets.size())).drain(random.nextInt(4));
                }
                for (FakeOutlet outlet : outlets) {
                    assertTrue(outlet.subscription.waitingMessages() <= most, "seed " + seed);
                }
            }
            loop.runAll();
            long heard = 0;
            for (FakeOutlet outlet : outlets) {
                outlet.drain(1_000);
                List<Integer> numbers =
                        outlet.sent.stream().map(Integer::valueOf).toList();
                assertEquals(numbers.stream().sorted().distinct().toList(), numbers, "seed " + seed);
                heard += numbers.size();
            }
            assertEquals(
                    3L * published,
                    heard + topic.statistics().dropped() + topic.statistics().conflated(),
                    "seed " + seed);
        }
    }
}
