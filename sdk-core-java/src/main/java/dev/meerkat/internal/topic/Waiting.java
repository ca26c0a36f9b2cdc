package dev.meerkat.internal.topic;

import dev.meerkat.topic.WhenFull;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What waits for one receiver, in the order of the topic, within bounds. Pure; whoever has it sees to the thread. */
final class Waiting<E extends Holdable> {
    private final int mostMessages;
    private final int mostBytes;
    private final WhenFull policy;
    /** One of the two: by key where newer messages replace older ones. */
    private final @Nullable ArrayDeque<E> queue;

    private final @Nullable Map<Object, E> newest;
    private int bytes;
    private long dropped;
    private long conflated;

    Waiting(int mostMessages, int mostBytes, WhenFull policy) {
        this.mostMessages = mostMessages;
        this.mostBytes = mostBytes;
        this.policy = policy;
        this.queue = policy == WhenFull.CONFLATE ? null : new ArrayDeque<>();
        this.newest = policy == WhenFull.CONFLATE ? new LinkedHashMap<>() : null;
    }

    /**
     * Adds an entry behind the others, and makes room by the policy.
     *
     * @return false if there is no room and the policy is to close; nothing was changed then
     */
    boolean add(E entry) {
        if (newest != null) {
            E older = newest.remove(entry.conflationKey());
            if (older != null) {
                bytes -= older.bytes();
                conflated++;
            }
        }
        while (size() > 0 && !hasRoom(entry)) {
            switch (policy) {
                case CLOSE -> {
                    return false;
                }
                case DROP_NEWEST -> {
                    dropped++;
                    return true;
                }
                default -> {
                    poll();
                    dropped++;
                }
            }
        }
        if (queue != null) {
            queue.add(entry);
        } else if (newest != null) {
            newest.put(entry.conflationKey(), entry);
        }
        bytes += entry.bytes();
        return true;
    }

    private boolean hasRoom(E entry) {
        return size() < mostMessages && (long) bytes + entry.bytes() <= mostBytes;
    }

    @Nullable
    E peek() {
        if (queue != null) {
            return queue.peek();
        }
        Iterator<E> values = byKey().values().iterator();
        return values.hasNext() ? values.next() : null;
    }

    @Nullable
    E poll() {
        @Nullable E first;
        if (queue != null) {
            first = queue.poll();
        } else {
            Iterator<E> values = byKey().values().iterator();
            first = values.hasNext() ? values.next() : null;
            if (first != null) {
                values.remove();
            }
        }
        if (first != null) {
            bytes -= first.bytes();
        }
        return first;
    }

    /** Takes an entry out if it is still the first: the policy may have taken it before. */
    void removeIfFirst(E entry) {
        if (peek() == entry) {
            poll();
        }
    }

    /** Loses an entry if it is still the first: it can never go. */
    void dropIfFirst(E entry) {
        if (peek() == entry) {
            poll();
            dropped++;
        }
    }

    private Map<Object, E> byKey() {
        if (newest == null) {
            throw new AssertionError("neither a queue nor a map");
        }
        return newest;
    }

    int size() {
        return queue != null ? queue.size() : byKey().size();
    }

    int bytes() {
        return bytes;
    }

    /** How many were lost. */
    long dropped() {
        return dropped;
    }

    /** How many were replaced. */
    long conflated() {
        return conflated;
    }
}
