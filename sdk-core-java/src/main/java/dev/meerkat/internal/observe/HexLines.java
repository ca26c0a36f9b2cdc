package dev.meerkat.internal.observe;

import java.nio.ByteBuffer;

/**
 * Bytes as lines of sixteen: offset, hexadecimal digits, and what of it is printable ASCII.
 *
 * <pre>
 * 0000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0d 0a        Hello, world..
 * </pre>
 */
public final class HexLines {
    /** How many bytes stand on a line. */
    public static final int BYTES_PER_LINE = 16;

    private static final char[] DIGITS = "0123456789abcdef".toCharArray();
    private static final int FIRST_OFFSET_DIGITS = 4;

    private HexLines() {}

    /**
     * Appends the lines.
     *
     * @param target appended to; every line ends with a line feed
     * @param bytes from its position to its limit; left as it is
     * @param limit how many bytes to show at most; a last line tells how many were left out
     */
    public static void append(StringBuilder target, ByteBuffer bytes, int limit) {
        int shown = Math.min(limit, bytes.remaining());
        for (int offset = 0; offset < shown; offset += BYTES_PER_LINE) {
            line(target, bytes, offset, Math.min(BYTES_PER_LINE, shown - offset));
        }
        if (shown < bytes.remaining()) {
            target.append("... ").append(bytes.remaining() - shown).append(" more bytes\n");
        }
    }

    private static void line(StringBuilder target, ByteBuffer bytes, int offset, int count) {
        String digits = Integer.toHexString(offset);
        target.append("0".repeat(Math.max(0, FIRST_OFFSET_DIGITS - digits.length())))
                .append(digits)
                .append(' ');
        int start = bytes.position() + offset;
        for (int i = 0; i < BYTES_PER_LINE; i++) {
            target.append(i == BYTES_PER_LINE / 2 ? "  " : " ");
            if (i < count) {
                byte each = bytes.get(start + i);
                target.append(DIGITS[each >> 4 & 0xF]).append(DIGITS[each & 0xF]);
            } else {
                target.append("  ");
            }
        }
        target.append("  ");
        for (int i = 0; i < count; i++) {
            char each = (char) (bytes.get(start + i) & 0xFF);
            target.append(each >= ' ' && each <= '~' ? each : '.');
        }
        target.append('\n');
    }
}
