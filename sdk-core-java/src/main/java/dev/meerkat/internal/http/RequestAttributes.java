package dev.meerkat.internal.http;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What filters and handlers have attached to a request, by type: few, so that a search is the cheapest. */
final class RequestAttributes {
    /** A type and its value, and so on; null where there is none. */
    private @Nullable Object[] entries = {};

    <T> @Nullable T get(Class<T> type) {
        int at = indexOf(type);
        return at < 0 ? null : type.cast(entries[at + 1]);
    }

    void put(Class<?> type, @Nullable Object value) {
        int at = indexOf(type);
        if (at < 0 && value != null) {
            at = entries.length;
            entries = Arrays.copyOf(entries, at + 2);
            entries[at] = type;
        }
        if (at >= 0) {
            entries[at + 1] = value;
        }
    }

    private int indexOf(Class<?> type) {
        for (int i = 0; i < entries.length; i += 2) {
            if (entries[i] == type) {
                return i;
            }
        }
        return -1;
    }
}
