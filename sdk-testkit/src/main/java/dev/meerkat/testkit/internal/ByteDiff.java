package dev.meerkat.testkit.internal;

/** Shows where two sequences of bytes part, in hexadecimal and as text. */
public final class ByteDiff {
    private static final int BEFORE = 16;
    private static final int SHOWN = 32;

    private ByteDiff() {}

    /**
     * Compares.
     *
     * @param expected what was expected
     * @param found what was found
     * @return several lines: the first offset that differs, and both sides around it
     */
    public static String of(byte[] expected, byte[] found) {
        int offset = 0;
        while (offset < expected.length && offset < found.length && expected[offset] == found[offset]) {
            offset++;
        }
        String first = offset == expected.length && offset == found.length
                ? "no difference"
                : "first difference at offset " + offset + (offset == found.length ? ", where the bytes end" : "");
        int from = Math.max(0, offset - BEFORE);
        return first + "\n  expected (" + expected.length + " bytes) " + window(expected, from) + "\n  found    ("
                + found.length + " bytes) " + window(found, from);
    }

    /**
     * Shows the beginning of some bytes.
     *
     * @param bytes the bytes
     * @return one line
     */
    public static String of(byte[] bytes) {
        return bytes.length + " bytes " + window(bytes, 0);
    }

    private static String window(byte[] bytes, int from) {
        int end = Math.min(bytes.length, from + SHOWN);
        StringBuilder hex = new StringBuilder(from > 0 ? "…" : "");
        StringBuilder text = new StringBuilder(from > 0 ? "…" : "");
        for (int i = from; i < end; i++) {
            hex.append(Character.forDigit(bytes[i] >> 4 & 15, 16)).append(Character.forDigit(bytes[i] & 15, 16));
            hex.append(' ');
            text.append(printable(bytes[i]));
        }
        String more = end < bytes.length ? "…" : "";
        return "[" + hex.toString().trim() + more + "] \"" + text + more + "\"";
    }

    private static String printable(byte value) {
        return switch (value) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '"' -> "\\\"";
            default -> value >= ' ' && value < 127 ? String.valueOf((char) value) : ".";
        };
    }
}
