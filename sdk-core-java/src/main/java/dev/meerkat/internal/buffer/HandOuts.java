package dev.meerkat.internal.buffer;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * What is for many receivers and waits for the end of the turn, in order: then each receiver is visited once, and what
 * it is given is written in that visit. Appended in one pass and written in another, a message to a thousand
 * connections finds each of them cold twice.
 *
 * <p>Nobody sees that it waits: whoever sends something else, or asks what is pending, has it {@linkplain #settle
 * queued} first. Loop thread.
 */
public final class HandOuts {
    /** A manager, for protocols within this library. */
    public interface Owner {
        /**
         * Loop thread.
         *
         * @return what waits for the end of this turn
         */
        HandOuts handOuts();
    }

    private final SegmentPool pool;
    private final Consumer<Runnable> later;
    private final ArrayDeque<HandOut> waiting = new ArrayDeque<>();
    private boolean scheduled;
    private boolean running;

    /**
     * Makes one for a manager.
     *
     * @param pool lends what is written from
     * @param later runs something at the end of the turn, when its handlers have been called and before it is flushed
     */
    public HandOuts(SegmentPool pool, Consumer<Runnable> later) {
        this.pool = pool;
        this.later = later;
    }

    /**
     * Lends what is written from.
     *
     * @return the pool of the loop
     */
    public SegmentPool pool() {
        return pool;
    }

    /**
     * Has something handed out at the end of the turn, or before.
     *
     * @param what behind all that waits already
     */
    public void add(HandOut what) {
        waiting.add(what);
        if (!scheduled) {
            scheduled = true;
            later.accept(this::endOfTurn);
        }
    }

    /** Has all that waits put into queues, since something else is about to be sent or asked. */
    public void settle() {
        if (!waiting.isEmpty()) {
            run(false);
        }
    }

    private void endOfTurn() {
        scheduled = false;
        run(true);
    }

    private void run(boolean atOnce) {
        if (running) {
            return; // what is sent from within comes behind what is being handed out
        }
        running = true;
        try {
            for (HandOut next; (next = waiting.poll()) != null; ) {
                next.handOut(atOnce);
            }
        } finally {
            running = false;
        }
    }
}
