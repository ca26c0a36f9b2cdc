package dev.meerkat.internal.blocking;

import java.util.Locale;

/** What a connection's thread waits for. */
enum Wait {
    READ,
    WRITE,
    EVENT,
    END,
    ANSWER,
    SLEEP;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
