package dev.meerkat.internal.names;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers that hold for a while. Of those that do not fit, the one that was longest not asked for goes. Knows no clock:
 * "now" is handed in.
 *
 * @param <K> what was asked for
 * @param <V> the answer
 */
public final class NameCache<K, V> {
    private record Entry<V>(V value, long expiresAt) {}

    private final int limit;
    private final LinkedHashMap<K, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * Makes an empty cache.
     *
     * @param limit how many answers it holds; 0 for none
     */
    public NameCache(int limit) {
        this.limit = limit;
    }

    /**
     * Finds an answer that still holds.
     *
     * @param key what is asked for
     * @param now monotonic nanoseconds
     * @return the answer, or null if there is none or its time is over, which it is at the very instant of its end
     */
    public @Nullable V get(K key, long now) {
        Entry<V> entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        if (entry.expiresAt <= now) {
            entries.remove(key);
            return null;
        }
        return entry.value;
    }

    /**
     * Keeps an answer in place of an earlier one.
     *
     * @param key what was asked for
     * @param value the answer
     * @param now monotonic nanoseconds
     * @param nanos how long it holds; if zero it is not kept, and what was kept is forgotten
     */
    public void put(K key, V value, long now, long nanos) {
        entries.remove(key);
        if (nanos <= 0 || limit == 0) {
            return;
        }
        long expiresAt = nanos >= Long.MAX_VALUE - Math.max(0, now) ? Long.MAX_VALUE : now + nanos;
        entries.put(key, new Entry<>(value, expiresAt));
        if (entries.size() > limit) {
            Iterator<Map.Entry<K, Entry<V>>> longestUnused = entries.entrySet().iterator();
            longestUnused.next();
            longestUnused.remove();
        }
    }

    /**
     * Forgets one answer.
     *
     * @param key what was asked for
     */
    public void remove(K key) {
        entries.remove(key);
    }

    /** Forgets everything. */
    public void clear() {
        entries.clear();
    }

    /**
     * How many answers are kept, those included whose time is over and that nobody asked for since.
     *
     * @return the count, at most the limit
     */
    public int size() {
        return entries.size();
    }
}
