package dev.meerkat.internal.time;

/** What a due timer calls. One object may own several timers and tell them apart by their nodes. */
@FunctionalInterface
public interface TimerTask {
    /**
     * Called once per firing, after the node was disarmed, so that it may be armed anew.
     *
     * @param node the timer that is due
     * @param deadlineNanos when it was due
     */
    void onTimer(TimerNode node, long deadlineNanos);
}
