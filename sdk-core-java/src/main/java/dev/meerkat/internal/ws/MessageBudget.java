package dev.meerkat.internal.ws;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of messages that have not come whole may be held, on all managers together. Any thread. */
final class MessageBudget {
    private final long limit;
    private final AtomicLong held = new AtomicLong();

    MessageBudget(long limit) {
        this.limit = limit;
    }

    /** Counts bytes in; false if that would be too many, and they are not counted then. */
    boolean take(int bytes) {
        if (held.addAndGet(bytes) <= limit) {
            return true;
        }
        held.addAndGet(-bytes);
        return false;
    }

    /** Counts bytes out. */
    void give(int bytes) {
        held.addAndGet(-bytes);
    }
}
