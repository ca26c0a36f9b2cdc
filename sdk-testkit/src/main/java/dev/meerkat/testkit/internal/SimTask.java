package dev.meerkat.testkit.internal;

/**
 * Something that happens at an instant of virtual time. An object of its own holds one place in the queue, so that what
 * happens again and again (a delivery, a deadline) is scheduled without allocating anything.
 */
public abstract class SimTask {
    static final int NOT_QUEUED = -1;

    long time;
    long sequence;
    int heapIndex = NOT_QUEUED;
    /** How many events of the same instant led to this one; see {@link Scheduler}. */
    int depth;

    /** Does what is due. Called once for each time it was scheduled, no longer queued by then. */
    protected abstract void run();

    /** Says in one line what is waited for, for the list of pending timers in a report. */
    public abstract String describe();

    @Override
    public final String toString() {
        return Times.text(time) + " " + describe();
    }

    /**
     * Tells whether it only passes time, as a timer does that is set again and again; anything else is under way and
     * comes to an end.
     */
    boolean isTimer() {
        return false;
    }

    /**
     * Tells whether it waits for its instant.
     *
     * @return whether it is queued
     */
    public final boolean isScheduled() {
        return heapIndex != NOT_QUEUED;
    }

    /**
     * The instant it is or was last scheduled for.
     *
     * @return virtual nanoseconds
     */
    public final long time() {
        return time;
    }
}
