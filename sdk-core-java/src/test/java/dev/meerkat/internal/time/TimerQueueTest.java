package dev.meerkat.internal.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TimerQueueTest {
    private final TimerQueue queue = new TimerQueue();

    private static TimerNode node() {
        return new TimerNode((node, deadline) -> {});
    }

    private TimerNode armed(long deadline) {
        TimerNode node = node();
        queue.arm(node, deadline);
        return node;
    }

    @Test
    void firesInOrderOfDeadline() {
        TimerNode late = armed(30);
        TimerNode early = armed(10);
        TimerNode middle = armed(20);
        assertSame(early, queue.pollDue(100));
        assertSame(middle, queue.pollDue(100));
        assertSame(late, queue.pollDue(100));
        assertNull(queue.pollDue(100));
    }

    @Test
    void equalDeadlinesFireInOrderOfArming() {
        List<TimerNode> nodes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            nodes.add(armed(5));
        }
        for (TimerNode expected : nodes) {
            assertSame(expected, queue.pollDue(5));
        }
    }

    @Test
    void rearmingForTheSameDeadlineGoesBehindTheOthers() {
        TimerNode first = armed(5);
        TimerNode second = armed(5);
        queue.arm(first, 5);
        assertSame(second, queue.pollDue(5));
        assertSame(first, queue.pollDue(5));
    }

    @Test
    void isDueAtItsDeadlineAndNotOneNanosecondEarlier() {
        TimerNode node = armed(1_000);
        assertNull(queue.pollDue(999));
        assertSame(node, queue.pollDue(1_000));
    }

    @Test
    void cancelledTimersNeverFireAndAreNotTheNextDeadline() {
        TimerNode cancelled = armed(1);
        armed(7);
        assertTrue(queue.cancel(cancelled));
        assertFalse(queue.cancel(cancelled));
        assertEquals(7, queue.nextDeadline());
        assertEquals(1, queue.armed());
    }

    @Test
    void postponedTimersFireAtTheNewDeadlineOnly() {
        TimerNode node = armed(1);
        queue.arm(node, 50);
        assertEquals(50, queue.nextDeadline());
        assertNull(queue.pollDue(49));
        assertSame(node, queue.pollDue(50));
        assertNull(queue.pollDue(Long.MAX_VALUE - 1));
    }

    @Test
    void advancedTimersFireAtTheNewDeadlineOnly() {
        TimerNode node = armed(50);
        queue.arm(node, 1);
        assertSame(node, queue.pollDue(1));
        assertNull(queue.pollDue(50));
        assertEquals(Long.MAX_VALUE, queue.nextDeadline());
    }

    @Test
    void cancelledAndArmedAgainFiresOnce() {
        TimerNode node = armed(10);
        queue.cancel(node);
        queue.arm(node, 20);
        assertNull(queue.pollDue(10));
        assertSame(node, queue.pollDue(20));
        assertNull(queue.pollDue(20));
    }

    @Test
    void clearedQueueTakesTheSameNodesAgain() {
        TimerNode node = armed(10);
        queue.clear();
        assertFalse(node.isArmed());
        queue.arm(node, 30);
        assertSame(node, queue.pollDue(30));
    }

    @Test
    void deadEntriesAreSweptWhenTheyOutnumberTheLiveThreeToOne() {
        TimerNode survivor = armed(0);
        for (int i = 1; i <= 100_000; i++) {
            queue.cancel(armed(i));
            assertTrue(queue.entries() <= 1_025, () -> "entries: " + queue.entries());
        }
        assertSame(survivor, queue.pollDue(100_000));
        assertNull(queue.pollDue(Long.MAX_VALUE - 1));
    }

    @Test
    void postponingAgainAndAgainNeedsOneEntry() {
        TimerNode node = node();
        for (int i = 0; i < 100_000; i++) {
            queue.arm(node, i);
        }
        assertEquals(1, queue.entries());
    }

    /** T3 of the testkit's contract: 10,000 random programs against a sorted list. */
    @Test
    void behavesAsAListSortedByDeadlineAndArming() {
        for (int program = 0; program < 10_000; program++) {
            new Program(new SplittableRandom(program)).run(60);
        }
    }

    /** Fewer but long programs, so that sweeping happens in the middle of them. */
    @Test
    void behavesAsASortedListAcrossSweeps() {
        for (int program = 0; program < 3; program++) {
            new Program(new SplittableRandom(-1 - program)).run(12_000);
        }
    }

    private static final class Program {
        private record Entry(long deadline, long sequence, TimerNode node) {}

        private final SplittableRandom random;
        private final TimerQueue queue = new TimerQueue();
        private final List<TimerNode> nodes = new ArrayList<>();
        private final List<Entry> model = new ArrayList<>();
        private long sequence;
        private long now;

        Program(SplittableRandom random) {
            this.random = random;
        }

        void run(int steps) {
            for (int step = 0; step < steps; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> arm(fresh());
                    case 3, 4 -> arm(any());
                    case 5, 6 -> cancel(any());
                    default -> advance();
                }
                assertEquals(next(), queue.nextDeadline());
                assertEquals(model.size(), queue.armed());
            }
        }

        private TimerNode fresh() {
            TimerNode node = node();
            nodes.add(node);
            return node;
        }

        private TimerNode any() {
            return nodes.isEmpty() ? fresh() : nodes.get(random.nextInt(nodes.size()));
        }

        private void arm(TimerNode node) {
            long deadline = now + random.nextInt(20);
            model.removeIf(entry -> entry.node() == node);
            model.add(new Entry(deadline, sequence++, node));
            queue.arm(node, deadline);
        }

        private void cancel(TimerNode node) {
            assertEquals(model.removeIf(entry -> entry.node() == node), queue.cancel(node));
        }

        private long next() {
            return model.stream().mapToLong(Entry::deadline).min().orElse(Long.MAX_VALUE);
        }

        private void advance() {
            now += random.nextInt(15);
            for (; ; ) {
                Entry expected = model.stream()
                        .filter(entry -> entry.deadline() <= now)
                        .min(Comparator.comparingLong(Entry::deadline).thenComparingLong(Entry::sequence))
                        .orElse(null);
                TimerNode found = queue.pollDue(now);
                assertSame(expected == null ? null : expected.node(), found);
                if (expected == null) {
                    return;
                }
                assertEquals(expected.deadline(), expected.node().deadlineNanos());
                model.remove(expected);
                if (random.nextInt(3) == 0) {
                    arm(expected.node()); // inside its own callback, possibly for this very instant
                }
                if (random.nextInt(3) == 0) {
                    cancel(any()); // another one, possibly due at this very instant
                }
            }
        }
    }
}
