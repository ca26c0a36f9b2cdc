package dev.meerkat.topic;

import dev.meerkat.event.Bytes;
import java.util.Objects;
import java.util.Optional;

/**
 * A message between processes. An engine carries all of it, unchanged.
 *
 * @param origin who published it: the {@link BusLine#origin} of that line
 * @param sequence its number among the messages of that origin: 1, 2, 3 …; some may be missing
 * @param text whether it is a text
 * @param key what it is about
 * @param payload its bytes, those of a text in UTF-8
 */
public record BusMessage(String origin, long sequence, boolean text, Optional<String> key, Bytes payload) {
    // Rejects missing parts.
    public BusMessage {
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(payload, "payload");
    }
}
