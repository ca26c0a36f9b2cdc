package dev.meerkat;

/** A scheduled task of an {@link EventManager}. Loop thread only. */
public interface Timer {
    /** What a fixed-rate timer does about periods that passed while the loop was busy. */
    enum Overrun {
        /** Runs once and goes on at the next multiple of the period; the missed runs are left out. */
        SKIP,
        /** Runs once for every missed period, one after the other, until it has caught up. */
        BURST
    }

    /**
     * Cancels the timer. From then on it does not fire, not even if it is due at this very instant.
     *
     * @return whether it was still going to fire
     */
    boolean cancel();

    /**
     * Tells whether the timer is going to fire.
     *
     * @return false after it was cancelled or, if it fires once, has fired
     */
    boolean isArmed();

    /**
     * When the timer is due next.
     *
     * @return the deadline on the manager's monotonic clock, in nanoseconds; meaningful only while armed
     */
    long deadlineNanos();
}
