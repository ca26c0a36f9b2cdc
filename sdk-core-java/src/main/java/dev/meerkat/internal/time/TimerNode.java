package dev.meerkat.internal.time;

/**
 * One timer of a {@link TimerQueue}: armed or not, re-armed any number of times. The node knows what is wanted; an
 * entry of the heap, its <em>carrier</em>, knows where in the heap it stands. The two may differ for a while: see the
 * queue.
 */
public final class TimerNode {
    /** Whom to call. */
    final TimerTask task;
    /** When the timer is due; meaningful while armed. */
    long deadline;
    /** Order of arming, 1 or more; 0 while not armed. */
    long sequence;
    /** Sequence of the heap entry that stands for this node; 0 if there is none. */
    long carrier;
    /** Deadline of that entry; never later than {@link #deadline} while armed. */
    long carrierDeadline;

    /**
     * Makes a timer that is not armed.
     *
     * @param task whom to call
     */
    public TimerNode(TimerTask task) {
        this.task = task;
    }

    /**
     * Tells whether the timer is armed.
     *
     * @return whether it will fire
     */
    public boolean isArmed() {
        return sequence != 0;
    }

    /**
     * When the timer is due.
     *
     * @return the deadline it was last armed for
     */
    public long deadlineNanos() {
        return deadline;
    }

    /**
     * Calls the task.
     *
     * @param deadlineNanos when the timer was due
     */
    public void fire(long deadlineNanos) {
        task.onTimer(this, deadlineNanos);
    }
}
