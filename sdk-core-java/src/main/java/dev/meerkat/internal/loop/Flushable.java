package dev.meerkat.internal.loop;

/** Something that was written to during this turn and flushes at its end. */
@FunctionalInterface
public interface Flushable {
    /** Hands to the system what was written. */
    void flush();
}
