package dev.meerkat.internal.loop;

/** Work that somebody caused inside a callback and that runs after it, later in the same turn: never nested. */
@FunctionalInterface
public interface Deferred {
    /** Runs the work. */
    void runDeferred();
}
