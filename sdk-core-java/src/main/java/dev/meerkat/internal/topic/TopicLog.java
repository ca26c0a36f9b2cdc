package dev.meerkat.internal.topic;

import dev.meerkat.topic.TopicOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was published, in its order: the part that some loop has not taken yet, and the messages that are kept for those
 * who come later. Pure; whoever has it sees to the thread.
 */
final class TopicLog {
    private static final int LEAST_SLOTS = 16;

    private final TopicOptions options;
    /** The entry of a number stands at its low bits; null where there is none. */
    private @Nullable Entry[] ring = new Entry[LEAST_SLOTS];

    private long first = 1;
    private long last;
    private long bytes;
    private final ArrayDeque<Entry> replay = new ArrayDeque<>();
    private int replayBytes;

    TopicLog(TopicOptions options) {
        this.options = options;
    }

    /** The number of the newest entry; 0 before the first. */
    long last() {
        return last;
    }

    /** The number of the oldest entry that can be read, one above the newest if there is none. */
    long first() {
        return first;
    }

    /**
     * Adds the next entry.
     *
     * @param entry its number is one above the last
     * @param isRead whether anybody will read it; otherwise only its number and its replay are kept
     */
    void add(Entry entry, boolean isRead) {
        last++;
        if (entry.sequence() != last) {
            throw new IllegalArgumentException("expected entry " + last + ", found " + entry.sequence());
        }
        if (isRead) {
            put(entry);
        } else {
            trim(last);
        }
        keep(entry);
    }

    private void put(Entry entry) {
        int size = (int) (last - first);
        if (size == ring.length) {
            grow();
        }
        ring[slot(last)] = entry;
        bytes += entry.bytes();
        while (first < last && (last - first + 1 > options.backlogMessages() || bytes > options.backlogBytes())) {
            removeFirst();
        }
    }

    private int slot(long sequence) {
        return (int) (sequence & ring.length - 1);
    }

    private void grow() {
        @Nullable Entry[] old = ring;
        ring = Arrays.copyOf(new Entry[0], old.length * 2);
        for (@Nullable Entry entry : old) {
            if (entry != null) {
                ring[slot(entry.sequence())] = entry;
            }
        }
    }

    private void removeFirst() {
        Entry gone = ring[slot(first)];
        ring[slot(first)] = null;
        if (gone != null) {
            bytes -= gone.bytes();
        }
        first++;
    }

    private void keep(Entry entry) {
        if (!entry.isMessage() || options.replayMessages() == 0) {
            return;
        }
        replay.add(entry);
        replayBytes += entry.bytes();
        while (replay.size() > 1 && (replay.size() > options.replayMessages() || replayBytes > options.replayBytes())) {
            replayBytes -= replay.remove().bytes();
        }
    }

    /**
     * Reads what comes behind a number, oldest first.
     *
     * @param after the last number that was read
     * @param into takes entries from its start on
     * @return how many entries there are now in {@code into}
     */
    int read(long after, @Nullable Entry[] into) {
        long from = Math.max(after + 1, first);
        int count = (int) Math.min(into.length, last - from + 1);
        for (int i = 0; i < count; i++) {
            into[i] = Objects.requireNonNull(ring[slot(from + i)]);
        }
        return Math.max(count, 0);
    }

    /** Forgets what nobody will read any more: up to this number. */
    void trim(long upTo) {
        while (first <= upTo && first <= last) {
            removeFirst();
        }
        if (first > last && ring.length > LEAST_SLOTS) {
            ring = new Entry[LEAST_SLOTS];
        }
    }

    /** The newest messages that are kept, oldest first. */
    List<Entry> replay(int most) {
        int skipped = Math.max(0, replay.size() - most);
        List<Entry> kept = new ArrayList<>(replay.size() - skipped);
        for (Entry entry : replay) {
            if (skipped > 0) {
                skipped--;
            } else {
                kept.add(entry);
            }
        }
        return kept;
    }

    /** How many entries can be read. */
    int size() {
        return (int) (last - first + 1);
    }

    /** How many bytes can be read. */
    long bytes() {
        return bytes;
    }
}
