package dev.meerkat.internal.loop;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The one entrance for other threads: a bounded queue with many producers and one consumer, first in, first out.
 *
 * <p>A linked list. A producer swings {@code tail} to its node and then links the former tail to it; between the two
 * steps the chain has a gap, and the consumer sees the queue end early. {@code count} is raised before and lowered
 * after, so a count above zero with nothing to take means: a producer is in that gap, look again.
 *
 * <p>Closing sets the highest bit of the count: who comes later is refused, who came before is still served.
 */
public final class Mailbox {
    /** The outcome of {@link #offer}. */
    public enum Offer {
        /** The task will run. */
        ACCEPTED,
        /** The mailbox holds as many tasks as it may. */
        FULL,
        /** The mailbox is closed. */
        CLOSED
    }

    private static final class Node {
        @Nullable
        Runnable task;

        volatile @Nullable Node next;

        Node(@Nullable Runnable task) {
            this.task = task;
        }
    }

    private static final int CLOSED_BIT = 1 << 31;

    private final int limit;
    /** Consumer's end: a node whose task has been taken. */
    private Node head = new Node(null);
    /** Producers' end. */
    private final AtomicReference<Node> tail = new AtomicReference<>(head);
    /** Tasks accepted and not yet taken, and {@link #CLOSED_BIT}. */
    private final AtomicInteger count = new AtomicInteger();

    /**
     * Makes an empty mailbox.
     *
     * @param limit how many tasks may wait
     */
    public Mailbox(int limit) {
        this.limit = limit;
    }

    /**
     * May be called from any thread. Adds a task, unless the mailbox is full or closed.
     *
     * @param task the task
     * @return what became of it
     */
    public Offer offer(Runnable task) {
        return offer(task, limit);
    }

    /**
     * May be called from any thread. Adds a task of the manager's own, which no limit refuses because each is bounded
     * by something else: one per look-up, one per closing.
     *
     * @param task the task
     * @return what became of it; never {@link Offer#FULL}
     */
    public Offer offerInternal(Runnable task) {
        return offer(task, Integer.MAX_VALUE);
    }

    private Offer offer(Runnable task, int most) {
        Objects.requireNonNull(task, "task");
        int before = count.getAndIncrement();
        if (before < 0) {
            count.getAndDecrement();
            return Offer.CLOSED;
        }
        if (before >= most) {
            count.getAndDecrement();
            return Offer.FULL;
        }
        Node node = new Node(task);
        Node former = tail.getAndSet(node);
        former.next = node;
        return Offer.ACCEPTED;
    }

    /**
     * Consumer only. Takes the oldest task.
     *
     * @return the task, or null if there is none that is complete
     */
    public @Nullable Runnable poll() {
        Node next = head.next;
        if (next == null) {
            return null;
        }
        head = next;
        Runnable task = next.task;
        next.task = null;
        count.getAndDecrement();
        return task;
    }

    /**
     * May be called from any thread. How many tasks wait; a refused offer may be counted for a moment.
     *
     * @return the count
     */
    public int size() {
        return count.get() & ~CLOSED_BIT;
    }

    /**
     * May be called from any thread. Tells whether tasks wait.
     *
     * @return true if none does
     */
    public boolean isEmpty() {
        return size() == 0;
    }

    /** Refuses every later offer. What was accepted before can still be taken. */
    public void close() {
        int before;
        do {
            before = count.get();
        } while (!count.compareAndSet(before, before | CLOSED_BIT));
    }
}
