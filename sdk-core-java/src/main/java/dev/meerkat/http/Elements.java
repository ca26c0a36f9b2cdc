package dev.meerkat.http;

import java.util.List;

/** The elements of a field's value: separated by commas that do not stand in quoted strings (RFC 9110 §5.6.1). */
final class Elements {
    private Elements() {}

    /** Where the comma stands that ends the element at {@code from}, or the end of the value. */
    static int end(byte[] bytes, int from, int to) {
        boolean quoted = false;
        for (int i = from; i < to; i++) {
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

    /** Whether one element of a value is the token, but for case. */
    static boolean contain(byte[] bytes, int from, int to, String token) {
        int next;
        for (int at = from; at < to; at = next + 1) {
            next = end(bytes, at, to);
            int first = skipSpace(bytes, at, next);
            if (Grammar.same(bytes, first, trimSpace(bytes, first, next), token)) {
                return true;
            }
        }
        return false;
    }

    /** Adds the elements of a value that are not empty. */
    static void collect(byte[] bytes, int from, int to, List<String> elements) {
        int next;
        for (int at = from; at < to; at = next + 1) {
            next = end(bytes, at, to);
            int first = skipSpace(bytes, at, next);
            if (first < next) {
                elements.add(Grammar.text(bytes, first, trimSpace(bytes, first, next)));
            }
        }
    }

    static int skipSpace(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && Grammar.isSpace(bytes[at])) {
            at++;
        }
        return at;
    }

    static int trimSpace(byte[] bytes, int from, int to) {
        int at = to;
        while (at > from && Grammar.isSpace(bytes[at - 1])) {
            at--;
        }
        return at;
    }
}
