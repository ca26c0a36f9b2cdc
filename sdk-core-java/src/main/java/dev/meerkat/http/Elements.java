package dev.meerkat.http;

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
