package dev.meerkat.internal.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.meerkat.event.Bytes;
import dev.meerkat.topic.Member;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.websocket.Message;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TopicLogTest {
    private static Entry message(long sequence, int bytes) {
        Message message = Message.binary(Bytes.copyOf(new byte[bytes]));
        return new Entry(sequence, new TopicEvent.Published(sequence, message, Optional.empty(), false));
    }

    private static Entry joined(long sequence) {
        return new Entry(sequence, new TopicEvent.Joined(sequence, new Member(sequence, "x")));
    }

    private static List<Long> numbers(List<Entry> entries) {
        return entries.stream().map(Entry::sequence).toList();
    }

    private static List<Long> read(TopicLog log, long after, int most) {
        Entry[] into = new Entry[most];
        int count = log.read(after, into);
        return numbers(Arrays.asList(into).subList(0, count));
    }

    private static List<Long> range(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void whatWasAddedIsReadInOrderFromAnyPlace() {
        TopicLog log = new TopicLog(TopicOptions.DEFAULT);
        IntStream.rangeClosed(1, 100).forEach(i -> log.add(message(i, 1), true));
        assertEquals(range(1, 100), read(log, 0, 200));
        assertEquals(range(51, 60), read(log, 50, 10));
        assertEquals(List.of(), read(log, 100, 10));
        assertEquals(List.of(), read(log, 0, 0));
        log.trim(70);
        assertEquals(range(71, 100), read(log, 0, 200));
        log.trim(100);
        assertEquals(0, log.size());
        assertEquals(0, log.bytes());
        log.add(message(101, 7), true);
        assertEquals(List.of(101L), read(log, 0, 200));
        assertEquals(7, log.bytes());
    }

    @Test
    void entriesComeInTheirOrder() {
        TopicLog log = new TopicLog(TopicOptions.DEFAULT);
        assertThrows(IllegalArgumentException.class, () -> log.add(message(2, 1), true));
    }

    @Test
    void theBacklogIsBoundedInEvents() {
        TopicLog log = new TopicLog(TopicOptions.builder().backlog(20, 1 << 20).build());
        IntStream.rangeClosed(1, 20).forEach(i -> log.add(message(i, 1), true));
        assertEquals(1, log.first());
        log.add(message(21, 1), true);
        assertEquals(range(2, 21), read(log, 0, 200));
        assertEquals(20, log.bytes());
    }

    @Test
    void theBacklogIsBoundedInBytes() {
        TopicLog log = new TopicLog(TopicOptions.builder().backlog(100, 10).build());
        log.add(message(1, 5), true);
        log.add(message(2, 5), true);
        assertEquals(range(1, 2), read(log, 0, 200));
        log.add(message(3, 1), true);
        assertEquals(range(2, 3), read(log, 0, 200));
        log.add(message(4, 11), true);
        assertEquals(List.of(4L), read(log, 0, 200));
    }

    @Test
    void whatNobodyReadsIsNotHeld() {
        TopicLog log = new TopicLog(TopicOptions.builder().replay(2, 100).build());
        log.add(message(1, 5), true);
        log.add(message(2, 5), false);
        assertEquals(0, log.size());
        assertEquals(0, log.bytes());
        assertEquals(3, log.first());
        assertEquals(range(1, 2), numbers(log.replay(9)));
    }

    @Test
    void theLastMessagesAreKeptWithinBothBounds() {
        TopicLog log = new TopicLog(TopicOptions.builder().replay(3, 10).build());
        log.add(message(1, 1), true);
        log.add(joined(2), true);
        log.add(message(3, 1), true);
        log.add(message(4, 1), true);
        assertEquals(List.of(1L, 3L, 4L), numbers(log.replay(9)));
        log.add(message(5, 8), true);
        assertEquals(List.of(3L, 4L, 5L), numbers(log.replay(9)));
        assertEquals(List.of(4L, 5L), numbers(log.replay(2)));
        assertEquals(List.of(), numbers(log.replay(0)));
        log.add(message(6, 2), true);
        assertEquals(List.of(5L, 6L), numbers(log.replay(9)));
        log.add(message(7, 11), true);
        assertEquals(List.of(7L), numbers(log.replay(9)), "the last one however long");
    }

    @Test
    void nothingIsKeptUnlessAskedFor() {
        TopicLog log = new TopicLog(TopicOptions.DEFAULT);
        log.add(message(1, 1), true);
        assertEquals(List.of(), log.replay(9));
    }
}
