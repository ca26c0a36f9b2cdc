package dev.meerkat.internal.nio;

import dev.meerkat.runtime.TimeSource;
import java.time.Instant;

/** The clocks of the machine. */
enum SystemTime implements TimeSource {
    INSTANCE;

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Instant wallTime() {
        return Instant.now();
    }
}
