package dev.meerkat.runtime;

/**
 * A thread that runs code which blocks, and the one way in which it waits. Made by {@link Workers#startThread}.
 *
 * <p>Waiting goes through here, so that a runtime knows when a thread waits and what for: a world of the testkit lets
 * exactly one of its threads run at a time, and hands over at these places.
 */
public interface WorkerThread {
    /**
     * Waits until {@link #unpark} was called since the last wait ended, or the time is over. May also return for no
     * reason: who waits asks again what it waits for. This thread only.
     *
     * @param what what is waited for, for thread dumps and reports, for instance {@code "read of srv/conn-3"}
     * @param nanos how long at most; negative for no limit
     * @throws InterruptedException if the thread is interrupted; its interrupt status is cleared
     */
    void park(String what, long nanos) throws InterruptedException;

    /** May be called from any thread. Ends the present wait, or else the next one at once. */
    void unpark();

    /**
     * May be called from any thread. Interrupts the thread, if its code still runs; code that has not begun by then
     * never does.
     */
    void interrupt();

    /**
     * May be called from any thread. Waits for the end of the code.
     *
     * @param nanos how long at most; in a virtual world no time passes, and threads run as far as they can
     * @return whether it has ended
     */
    boolean join(long nanos);

    /**
     * May be called from any thread. Tells whether this is the calling thread, running this code.
     *
     * @return whether it may {@link #park}
     */
    boolean isCurrent();

    /**
     * May be called from any thread. Where the thread is at this moment.
     *
     * @return its stack, innermost first; empty if it has not begun or has ended
     */
    StackTraceElement[] stackTrace();
}
