package dev.meerkat.internal.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.topic.WhenFull;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WaitingTest {
    private record Item(String name, int bytes, Object conflationKey) implements Holdable {
        static Item of(String text) {
            String[] parts = text.split(":");
            int bytes = Integer.parseInt(parts[1]);
            return parts.length > 2 ? new Item(parts[0], bytes, parts[2]) : new Item(parts[0], bytes, new Object());
        }
    }

    private static String drain(Waiting<Item> waiting) {
        List<String> names = new ArrayList<>();
        for (Item item = waiting.poll(); item != null; item = waiting.poll()) {
            names.add(item.name());
        }
        assertEquals(0, waiting.bytes());
        assertEquals(0, waiting.size());
        assertNull(waiting.peek());
        return String.join(" ", names);
    }

    /** Three messages and 100 bytes may wait. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            DROP_OLDEST | a:1 b:1 c:1                | a b c | 0 | 0 | true
            DROP_OLDEST | a:1 b:1 c:1 d:1            | b c d | 1 | 0 | true
            DROP_OLDEST | a:50 b:50                  | a b   | 0 | 0 | true
            DROP_OLDEST | a:50 b:51                  | b     | 1 | 0 | true
            DROP_OLDEST | a:40 b:30 c:30 d:60        | c d   | 2 | 0 | true
            DROP_OLDEST | a:1 b:500                  | b     | 1 | 0 | true
            DROP_NEWEST | a:1 b:1 c:1 d:1            | a b c | 1 | 0 | true
            DROP_NEWEST | a:50 b:51 c:50             | a c   | 1 | 0 | true
            DROP_NEWEST | a:500                      | a     | 0 | 0 | true
            CLOSE       | a:1 b:1 c:1                | a b c | 0 | 0 | true
            CLOSE       | a:1 b:1 c:1 d:1            | a b c | 0 | 0 | false
            CLOSE       | a:50 b:51                  | a     | 0 | 0 | false
            CONFLATE    | a:1:x b:1:y c:1:z          | a b c | 0 | 0 | true
            CONFLATE    | a:1:x b:1:y c:1:x          | b c   | 0 | 1 | true
            CONFLATE    | a:1:x b:1:y c:1:z d:1:x    | b c d | 0 | 1 | true
            CONFLATE    | a:1:x b:1:y c:1:z d:1:w    | b c d | 1 | 0 | true
            CONFLATE    | a:90:x b:10:y c:90:x       | b c   | 0 | 1 | true
            CONFLATE    | a:90:x b:10:y c:91:x       | c     | 1 | 1 | true
            CONFLATE    | a:1 b:1 c:1 d:1            | b c d | 1 | 0 | true
            """)
    void policies(WhenFull policy, String input, String kept, long dropped, long conflated, boolean lastAdded) {
        Waiting<Item> waiting = new Waiting<>(3, 100, policy);
        boolean added = true;
        for (String text : input.split(" ")) {
            assertTrue(added);
            added = waiting.add(Item.of(text));
        }
        assertEquals(lastAdded, added);
        assertEquals(dropped, waiting.dropped());
        assertEquals(conflated, waiting.conflated());
        assertEquals(kept, drain(waiting));
    }

    @ParameterizedTest
    @EnumSource(WhenFull.class)
    void whateverComesTheBoundsHoldAndTheOrderStays(WhenFull policy) {
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int most = random.nextInt(1, 8);
            int mostBytes = random.nextInt(1, 60);
            Waiting<Item> waiting = new Waiting<>(most, mostBytes, policy);
            List<Integer> out = new ArrayList<>();
            long lost = 0;
            int taken = 0;
            for (int i = 0; i < 100; i++) {
                if (random.nextInt(3) > 0) {
                    Item item = new Item(String.valueOf(i), random.nextInt(20), random.nextInt(3));
                    if (!waiting.add(item)) {
                        lost++;
                    }
                    taken++;
                } else {
                    Item item = waiting.poll();
                    if (item != null) {
                        out.add(Integer.parseInt(item.name()));
                    }
                }
                assertTrue(waiting.size() <= most);
                assertTrue(waiting.bytes() <= mostBytes || waiting.size() == 1);
            }
            for (Item item = waiting.poll(); item != null; item = waiting.poll()) {
                out.add(Integer.parseInt(item.name()));
            }
            assertEquals(taken, out.size() + lost + waiting.dropped() + waiting.conflated(), "seed " + seed);
            assertEquals(out.stream().sorted().toList(), out, "seed " + seed);
            assertEquals(0, waiting.bytes());
        }
    }

    @Test
    void whatThePolicyHasTakenIsNotRemovedAgain() {
        Waiting<Item> waiting = new Waiting<>(2, 100, WhenFull.DROP_OLDEST);
        Item first = Item.of("a:1");
        waiting.add(first);
        waiting.add(Item.of("b:1"));
        waiting.add(Item.of("c:1"));
        waiting.removeIfFirst(first);
        assertEquals("b c", drain(waiting));
        assertFalse(waiting.size() > 0);
    }
}
