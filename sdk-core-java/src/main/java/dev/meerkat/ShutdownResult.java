package dev.meerkat;

/**
 * How a graceful end went: {@link EventManager#shutdown}.
 *
 * @param ended how many connections came to their end by themselves, from the beginning of the shutdown on
 * @param cut how many were still there when the time was over, or when the manager was closed meanwhile
 */
public record ShutdownResult(int ended, int cut) {

    /**
     * Adds what is told of another manager.
     *
     * @param other how it went there
     * @return the sums
     */
    public ShutdownResult plus(ShutdownResult other) {
        return new ShutdownResult(ended + other.ended, cut + other.cut);
    }
}
