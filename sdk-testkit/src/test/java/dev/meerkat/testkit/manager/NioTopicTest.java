package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.Topic;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.topic.TopicStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** With real loops, several threads publish and several deliver. */
class NioTopicTest extends TopicRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    private static final int THREADS = 4;
    private static final int EACH = 2_000;

    /** Loops of a group, publishers on their own threads and on the loops, subscribers that join meanwhile. */
    @Test
    void whateverThreadsPublishAllHearOneOrder() throws Exception {
        // no loop can be so far behind that it misses something
        Topic topic = Topic.named(
                "room",
                TopicOptions.builder()
                        .backlog(THREADS * EACH, 1 << 24)
                        .replay(10, 1 << 20)
                        .build());
        try (EventManagerGroup group =
                EventManagerGroup.builder().managers(3).build().start()) {
            List<List<Long>> heard = new ArrayList<>();
            List<CountDownLatch> ends = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                subscribe(topic, group.managers().get(i % 3), heard, ends);
            }
            List<CompletableFuture<Integer>> publishers = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                publishers.add(Threads.start(() -> {
                    for (int i = 0; i < EACH; i++) {
                        topic.publish("x");
                    }
                    return EACH;
                }));
            }
            subscribe(topic, group.managers().get(0), heard, ends);
            publishers.forEach(CompletableFuture::join);
            topic.publish("the end");
            for (CountDownLatch end : ends) {
                end.await();
            }
            List<Long> all = IntStream.rangeClosed(1, THREADS * EACH + 1)
                    .mapToObj(Long::valueOf)
                    .toList();
            for (int i = 0; i < 9; i++) {
                assertEquals(all, heard.get(i));
            }
            List<Long> late = heard.get(9);
            assertEquals(all.subList(all.size() - late.size(), all.size()), late);
        }
        TopicStatistics end = topic.statistics();
        assertEquals(0, end.subscriptions());
        assertEquals(0, end.dropped());
    }

    private static void subscribe(
            Topic topic, EventManager manager, List<List<Long>> heard, List<CountDownLatch> ends) {
        List<Long> mine = new ArrayList<>();
        CountDownLatch end = new CountDownLatch(1);
        heard.add(mine);
        ends.add(end);
        topic.subscribe(manager, SubscriptionOptions.DEFAULT, (subscription, event) -> {
            if (event instanceof TopicEvent.Published published) {
                mine.add(published.sequence());
                if (published.text().equals("the end")) {
                    end.countDown();
                }
            }
        });
    }
}
