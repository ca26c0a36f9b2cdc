package dev.meerkat.internal.connection;

import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.time.TimerNode;
import dev.meerkat.internal.time.TimerTask;

/** The time-out of a polite end: first for what was sent to leave, then for the peer to end its side. */
final class Closing implements TimerTask {
    private final Lifecycle life;
    private final EventLoop loop;
    private final TimerNode timer = new TimerNode(this);
    private long length;

    Closing(Lifecycle life, EventLoop loop) {
        this.life = life;
        this.loop = loop;
    }

    /** Sets the time-out, in place of the one before. */
    void within(long nanos) {
        length = nanos;
        loop.arm(timer, loop.deadlineIn(nanos));
    }

    /** Sets the time-out if that makes it shorter. */
    void withinAtMost(long nanos) {
        if (loop.deadlineIn(nanos) < timer.deadlineNanos()) {
            within(nanos);
        }
    }

    /** Sets the last time-out once more. */
    void again() {
        within(length);
    }

    void over() {
        loop.disarm(timer);
    }

    @Override
    public void onTimer(TimerNode node, long deadlineNanos) {
        life.closingTimedOut();
    }
}
