package dev.meerkat.testkit.internal;

import java.util.Arrays;

/** The batches under way, oldest first: when each arrives and up to which position it goes. */
final class BatchQueue {
    private long[] arrivals = {};
    private long[] ends = {};
    private int head;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    long nextArrival() {
        return arrivals[head];
    }

    long lastArrival() {
        return size == 0 ? 0 : arrivals[slot(size - 1)];
    }

    void add(long arrival, long end) {
        if (size > 0 && arrivals[slot(size - 1)] == arrival) {
            ends[slot(size - 1)] = end;
            return;
        }
        if (size == arrivals.length) {
            grow();
        }
        arrivals[slot(size)] = arrival;
        ends[slot(size)] = end;
        size++;
    }

    /** Takes out what has arrived, and answers up to which position that is; 0 if nothing has. */
    long arrivedUntil(long now) {
        long end = 0;
        while (size > 0 && arrivals[head] <= now) {
            end = ends[head];
            head = slot(1);
            size--;
        }
        return end;
    }

    /** Drops what would arrive after an instant or lies beyond a position; answers up to where the rest goes. */
    long dropAfter(long instant, long position, long arrived) {
        long end = arrived;
        int kept = 0;
        while (kept < size && arrivals[slot(kept)] <= instant && end < position) {
            end = Math.min(ends[slot(kept)], position);
            ends[slot(kept++)] = end;
        }
        size = kept;
        return end;
    }

    void delayUntil(long instant) {
        for (int i = 0; i < size; i++) {
            arrivals[slot(i)] = Math.max(arrivals[slot(i)], instant);
        }
    }

    void clear() {
        size = 0;
    }

    private int slot(int index) {
        return head + index & arrivals.length - 1;
    }

    private void grow() {
        int capacity = Math.max(2, size * 2);
        long[] newArrivals = Arrays.copyOf(arrivals, capacity);
        long[] newEnds = Arrays.copyOf(ends, capacity);
        for (int i = 0; i < size; i++) {
            newArrivals[i] = arrivals[slot(i)];
            newEnds[i] = ends[slot(i)];
        }
        arrivals = newArrivals;
        ends = newEnds;
        head = 0;
    }
}
