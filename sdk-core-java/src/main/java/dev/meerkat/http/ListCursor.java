package dev.meerkat.http;

/**
 * Walks the elements of one field value (RFC 9110 §5.6.1): separated by commas that do not stand in quoted strings,
 * without the white space around them, the empty ones left out.
 */
final class ListCursor {
    private final byte[] bytes;
    private final int to;
    private int at;
    private int start;
    private int end;

    ListCursor(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.to = to;
        at = from;
    }

    /** Moves to the next element, if there is one. */
    boolean next() {
        while (at < to) {
            start = at;
            end = elementEnd();
            at = end + 1;
            while (start < end && Grammar.isSpace(bytes[start])) {
                start++;
            }
            while (end > start && Grammar.isSpace(bytes[end - 1])) {
                end--;
            }
            if (start < end) {
                return true;
            }
        }
        return false;
    }

    /** Where the comma stands that ends the element at {@code at}, or the end of the value. */
    private int elementEnd() {
        boolean quoted = false;
        for (int i = at; i < to; i++) {
            byte octet = bytes[i];
            if (octet == '"') {
                quoted = !quoted;
            } else if (quoted && octet == '\\') {
                i++;
            } else if (octet == ',' && !quoted) {
                return i;
            }
        }
        return to;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }
}
