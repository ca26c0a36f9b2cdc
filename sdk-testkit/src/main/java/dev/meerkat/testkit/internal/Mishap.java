package dev.meerkat.testkit.internal;

/**
 * A failure that went to the error hook of a manager.
 *
 * @param time when, in virtual nanoseconds
 * @param where on which manager or connection
 * @param source what failed
 * @param failure what was thrown
 */
public record Mishap(long time, String where, String source, Throwable failure) {
    @Override
    public String toString() {
        return Times.text(time) + "  " + where + "  " + source + " failed: " + failure;
    }
}
