package dev.meerkat.internal.http;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What filters and handlers have attached to a request, by type: few, so that a search is the cheapest. In an array
 * that the request holds itself, a type and its value, and so on; most requests have one, so every object counts.
 */
final class RequestAttributes {
    private RequestAttributes() {}

    /** What is attached of a type; null if nothing is. */
    static <T> @Nullable T get(@Nullable Object @Nullable [] entries, Class<T> type) {
        if (entries == null) {
            return null;
        }
        int at = indexOf(entries, type);
        return at < 0 ? null : type.cast(entries[at + 1]);
    }

    /** Attaches a value, or null for none; answers the entries from now on. */
    static @Nullable Object @Nullable [] put(
            @Nullable Object @Nullable [] entries, Class<?> type, @Nullable Object value) {
        if (entries == null) {
            return value == null ? null : new @Nullable Object[] {type, value};
        }
        int at = indexOf(entries, type);
        if (at >= 0) {
            entries[at + 1] = value;
            return entries;
        }
        if (value == null) {
            return entries;
        }
        @Nullable Object[] longer = Arrays.copyOf(entries, entries.length + 2);
        longer[entries.length] = type;
        longer[entries.length + 1] = value;
        return longer;
    }

    private static int indexOf(@Nullable Object[] entries, Class<?> type) {
        for (int i = 0; i < entries.length; i += 2) {
            if (entries[i] == type) {
                return i;
            }
        }
        return -1;
    }
}
