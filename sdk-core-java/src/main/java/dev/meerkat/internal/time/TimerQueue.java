package dev.meerkat.internal.time;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Timers in the order (deadline, sequence of arming), exact to the nanosecond.
 *
 * <p>A 4-ary heap over plain arrays. Cancelling and postponing are the common fate of a network timer, so both cost one
 * field write: the heap entry stays where it is and is dropped, or moved to its new place, when it reaches the root.
 * That keeps the order exact, because an entry never stands later than its timer is due. Entries that stand for nothing
 * are swept out when they outnumber the live ones three to one, so the heap is never larger than four times the armed
 * timers and a constant.
 *
 * <p>One thread; no clock: the caller says what time it is.
 */
public final class TimerQueue {
    /** Below this size sweeping is not worth while. */
    private static final int SWEEP_FLOOR = 1024;

    private long[] deadlines = new long[16];
    private long[] sequences = new long[16];
    private @Nullable TimerNode[] nodes = new TimerNode[16];
    private int size;
    private int armed;
    private long lastSequence;

    /**
     * Arms a timer, in place of what it was armed for before.
     *
     * @param node the timer
     * @param deadlineNanos when it is to fire
     */
    public void arm(TimerNode node, long deadlineNanos) {
        if (node.sequence == 0) {
            armed++;
        }
        long sequence = ++lastSequence;
        node.deadline = deadlineNanos;
        node.sequence = sequence;
        if (node.carrier != 0 && node.carrierDeadline <= deadlineNanos) {
            return; // the entry moves when it reaches the root
        }
        push(deadlineNanos, sequence, node);
        sweepIfWorthwhile();
    }

    /**
     * Disarms a timer.
     *
     * @param node the timer
     * @return whether it was armed
     */
    public boolean cancel(TimerNode node) {
        if (node.sequence == 0) {
            return false;
        }
        node.sequence = 0;
        armed--;
        sweepIfWorthwhile();
        return true;
    }

    /**
     * When the next timer is due.
     *
     * @return the deadline, or {@link Long#MAX_VALUE} if no timer is armed
     */
    public long nextDeadline() {
        settleRoot();
        return size == 0 ? Long.MAX_VALUE : deadlines[0];
    }

    /**
     * Takes the next timer that is due, and disarms it.
     *
     * @param nowNanos the time
     * @return the timer, or null if none is due
     */
    public @Nullable TimerNode pollDue(long nowNanos) {
        settleRoot();
        if (size == 0 || deadlines[0] > nowNanos) {
            return null;
        }
        TimerNode node = nodeAt(0);
        removeRoot();
        node.carrier = 0;
        node.sequence = 0;
        armed--;
        return node;
    }

    /**
     * How many timers are armed.
     *
     * @return the count
     */
    public int armed() {
        return armed;
    }

    /**
     * How many heap entries there are, for the test of the bound.
     *
     * @return the count, live and dead
     */
    int entries() {
        return size;
    }

    /** Disarms every timer. */
    public void clear() {
        for (int i = 0; i < size; i++) {
            TimerNode node = nodeAt(i);
            node.sequence = 0;
            node.carrier = 0;
        }
        Arrays.fill(nodes, 0, size, null);
        size = 0;
        armed = 0;
    }

    /** Drops and moves entries at the root until it stands for a timer that is due exactly then. */
    private void settleRoot() {
        while (size > 0) {
            TimerNode node = nodeAt(0);
            long sequence = sequences[0];
            if (sequence == node.sequence) {
                return;
            }
            if (sequence != node.carrier) {
                removeRoot(); // another entry has taken over
            } else if (node.sequence == 0) {
                node.carrier = 0;
                removeRoot(); // cancelled
            } else {
                node.carrier = node.sequence; // postponed
                node.carrierDeadline = node.deadline;
                siftDown(0, node.deadline, node.sequence, node);
            }
        }
    }

    private void sweepIfWorthwhile() {
        if (size > SWEEP_FLOOR && size > 4 * (long) armed) {
            sweep();
        }
    }

    private void sweep() {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            TimerNode node = nodeAt(i);
            if (sequences[i] != node.carrier) {
                continue;
            }
            if (node.sequence == 0) {
                node.carrier = 0;
                continue;
            }
            node.carrier = node.sequence;
            node.carrierDeadline = node.deadline;
            deadlines[kept] = node.deadline;
            sequences[kept] = node.sequence;
            nodes[kept++] = node;
        }
        Arrays.fill(nodes, kept, size, null);
        size = kept;
        for (int i = (kept - 2) >> 2; i >= 0; i--) {
            siftDown(i, deadlines[i], sequences[i], nodeAt(i));
        }
    }

    private void push(long deadline, long sequence, TimerNode node) {
        if (size == nodes.length) {
            int capacity = size * 2;
            deadlines = Arrays.copyOf(deadlines, capacity);
            sequences = Arrays.copyOf(sequences, capacity);
            nodes = Arrays.copyOf(nodes, capacity);
        }
        node.carrier = sequence;
        node.carrierDeadline = deadline;
        int hole = size++;
        while (hole > 0) {
            int parent = (hole - 1) >> 2;
            if (deadlines[parent] <= deadline) {
                break; // an equal deadline that was armed earlier stays in front
            }
            move(parent, hole);
            hole = parent;
        }
        place(hole, deadline, sequence, node);
    }

    private void removeRoot() {
        int last = --size;
        TimerNode moved = nodeAt(last);
        nodes[last] = null;
        if (last > 0) {
            siftDown(0, deadlines[last], sequences[last], moved);
        }
    }

    private void siftDown(int start, long deadline, long sequence, TimerNode node) {
        int hole = start;
        for (; ; ) {
            int first = (hole << 2) + 1;
            if (first >= size) {
                break;
            }
            int least = first;
            int end = Math.min(first + 4, size);
            for (int child = first + 1; child < end; child++) {
                if (isBefore(deadlines[child], sequences[child], deadlines[least], sequences[least])) {
                    least = child;
                }
            }
            if (!isBefore(deadlines[least], sequences[least], deadline, sequence)) {
                break;
            }
            move(least, hole);
            hole = least;
        }
        place(hole, deadline, sequence, node);
    }

    private static boolean isBefore(long deadline, long sequence, long otherDeadline, long otherSequence) {
        return deadline < otherDeadline || (deadline == otherDeadline && sequence < otherSequence);
    }

    private void move(int from, int to) {
        deadlines[to] = deadlines[from];
        sequences[to] = sequences[from];
        nodes[to] = nodes[from];
    }

    private void place(int at, long deadline, long sequence, TimerNode node) {
        deadlines[at] = deadline;
        sequences[at] = sequence;
        nodes[at] = node;
    }

    private TimerNode nodeAt(int index) {
        TimerNode node = nodes[index];
        if (node == null) {
            throw new AssertionError("no timer at " + index + " of " + size);
        }
        return node;
    }
}
