package dev.meerkat.internal.nio;

import dev.meerkat.runtime.TimeSource;
import java.time.Instant;

/** The clocks of the machine. */
enum SystemTime implements TimeSource {
    INSTANCE;

    /** The JDK's clock may start anywhere and even wrap round; counted from here it does neither within 292 years. */
    private final long origin = System.nanoTime();

    @Override
    public long nanoTime() {
        return System.nanoTime() - origin;
    }

    @Override
    public Instant wallTime() {
        return Instant.now();
    }
}
