package dev.meerkat.internal.buffer;

/** How many bytes of all connections of a manager may be on their way from other threads to its loop. Any thread. */
public interface HopBudget {
    /**
     * Counts bytes in.
     *
     * @param bytes how many
     * @return false if that would be too many; they are not counted then
     */
    boolean reserveHop(int bytes);

    /**
     * Counts bytes out that have arrived, or never left.
     *
     * @param bytes how many
     */
    void releaseHop(int bytes);
}
