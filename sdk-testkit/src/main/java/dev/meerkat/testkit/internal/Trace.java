package dev.meerkat.testkit.internal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened, as a rolling hash over everything and the text of the last events. The hash covers time, order, who,
 * what, how long and the payload's checksum; two runs that differ in any of it differ in the hash.
 */
public final class Trace {
    private static final int RING_SIZE = 4096;
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final long[] times = new long[RING_SIZE];
    private final long[] lengths = new long[RING_SIZE];
    private final @Nullable String[] kinds = new String[RING_SIZE];
    private final @Nullable Entity[] entities = new Entity[RING_SIZE];
    private @Nullable Observer observer;
    private @Nullable AssertionError stop;
    private long count;
    /** How many lines the ring has been given: the events, and what was noted beside them. */
    private long noted;

    private long hash;

    /** Hears of every event, for comparing two runs. */
    public interface Observer {
        /**
         * Takes note of an event.
         *
         * @param index its number, from 0
         * @param hash the rolling hash after it
         * @param line the event
         */
        void onEvent(long index, long hash, Line line);
    }

    /**
     * One event.
     *
     * @param time when, in virtual nanoseconds
     * @param entity who
     * @param kind what
     * @param length how many bytes, or another number that belongs to the kind
     */
    public record Line(long time, Entity entity, String kind, long length) {
        @Override
        public String toString() {
            return Times.text(time) + "  " + entity.name() + "  " + kind + (length == 0 ? "" : " " + length);
        }
    }

    /**
     * Has every further event observed.
     *
     * @param value who observes
     */
    public void observe(Observer value) {
        observer = value;
    }

    /**
     * Notes an event.
     *
     * @param now the virtual time
     * @param entity who
     * @param kind what
     * @param length how many bytes, or another number that belongs to the kind
     * @param checksum of the payload, 0 if there is none
     */
    public void record(long now, Entity entity, String kind, long length, long checksum) {
        mix(now, entity.id(), kind, length, checksum);
        count++;
        keep(now, entity, kind, length);
        Observer watching = observer;
        if (watching != null) {
            watching.onEvent(count - 1, hash, new Line(now, entity, kind, length));
        }
    }

    /**
     * Notes what explains an event to a reader and is none itself: it is in the text, and not in the hash.
     *
     * @param now the virtual time
     * @param entity who
     * @param text what
     */
    void note(long now, Entity entity, String text) {
        keep(now, entity, text, 0);
    }

    private void keep(long now, Entity entity, String kind, long length) {
        int slot = (int) (noted++ & RING_SIZE - 1);
        times[slot] = now;
        lengths[slot] = length;
        kinds[slot] = kind;
        entities[slot] = entity;
    }

    /** Counts an event into the hash without keeping its text: a turn of a loop, which says little to a reader. */
    void mix(long now, int entity, String kind, long length, long checksum) {
        long h = (hash ^ now) * MULTIPLIER;
        h = (Long.rotateLeft(h, 29) ^ (((long) kind.hashCode() << 32) | (entity & 0xFFFFFFFFL))) * MULTIPLIER;
        h = (Long.rotateLeft(h, 31) ^ length) * MULTIPLIER;
        hash = Long.rotateLeft(h, 27) + checksum;
    }

    /**
     * Ends the run after the present event. What an observer throws itself would end in the loop that caused the event.
     *
     * @param reason what to throw; the first one counts
     */
    public void stop(AssertionError reason) {
        if (stop == null) {
            stop = reason;
        }
    }

    void throwIfStopped() {
        AssertionError reason = stop;
        if (reason != null) {
            throw reason;
        }
    }

    /**
     * The rolling hash.
     *
     * @return the hash of everything so far
     */
    public long hash() {
        return SimRandom.mix(hash);
    }

    /**
     * How many events have been noted.
     *
     * @return the count
     */
    public long count() {
        return count;
    }

    /**
     * The last events.
     *
     * @param limit how many at most
     * @return oldest first
     */
    public List<Line> last(int limit) {
        int kept = (int) Math.min(Math.min(noted, RING_SIZE), limit);
        List<Line> lines = new ArrayList<>(kept);
        for (long i = noted - kept; i < noted; i++) {
            int slot = (int) (i & RING_SIZE - 1);
            Entity entity = entities[slot];
            String kind = kinds[slot];
            if (entity != null && kind != null) {
                lines.add(new Line(times[slot], entity, kind, lengths[slot]));
            }
        }
        return lines;
    }
}
