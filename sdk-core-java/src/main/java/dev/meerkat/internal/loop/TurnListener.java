package dev.meerkat.internal.loop;

/** Hears of the end of every turn. */
@FunctionalInterface
public interface TurnListener {
    /**
     * A turn is over.
     *
     * @param polledNanos when its poll returned
     * @param work how many pieces of work it has done
     */
    void turnEnded(long polledNanos, int work);
}
