package dev.meerkat.internal.websocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tells whether bytes are UTF-8 (RFC 3629 §4), piece by piece, and at which byte they cease to be: no overlong forms,
 * no surrogates, nothing above U+10FFFF. ASCII is passed eight bytes at a time.
 *
 * <p>What is known between two pieces is one int: {@link #COMPLETE}, or what the next byte of a character that has
 * begun may be.
 */
public final class Utf8Check {
    /** Every character that has begun is complete; so it begins, and so must it end. */
    public static final int COMPLETE = 0;

    private static final int MALFORMED = -1;

    /** What follows the first byte of a character of n bytes: n−1, and the least and the greatest that the next is. */
    private static final int[] FIRST = new int[0x40];

    static {
        for (int octet = 0xc0; octet < 0x100; octet++) {
            FIRST[octet - 0xc0] = afterFirst(octet);
        }
    }

    private Utf8Check() {}

    private static int afterFirst(int octet) {
        if (octet < 0xc2 || octet > 0xf4) {
            return MALFORMED; // overlong, or above U+10FFFF
        }
        if (octet < 0xe0) {
            return expecting(1, 0x80, 0xbf);
        }
        if (octet < 0xf0) {
            int least = octet == 0xe0 ? 0xa0 : 0x80; // else overlong
            int greatest = octet == 0xed ? 0x9f : 0xbf; // else a surrogate
            return expecting(2, least, greatest);
        }
        int least = octet == 0xf0 ? 0x90 : 0x80; // else overlong
        int greatest = octet == 0xf4 ? 0x8f : 0xbf; // else above U+10FFFF
        return expecting(3, least, greatest);
    }

    private static int expecting(int bytes, int least, int greatest) {
        return bytes << 16 | least << 8 | greatest;
    }

    /**
     * Looks at the next bytes.
     *
     * @param state what the call before has answered; {@link #COMPLETE} at first
     * @param in holds the bytes; its position is not touched
     * @param from the index of the first one
     * @param to the index behind the last one
     * @return the state after them, not negative; or, if a byte is not UTF-8, its index as its complement,
     *     {@code ~index}
     */
    public static int advance(int state, ByteBuffer in, int from, int to) {
        int at = from;
        int now = state;
        while (at < to) {
            if (now == COMPLETE) {
                at = skipAscii(in, at, to);
                if (at == to) {
                    return COMPLETE;
                }
            }
            int octet = in.get(at) & 0xff;
            now = next(now, octet);
            if (now < 0) {
                return ~at;
            }
            at++;
        }
        return now;
    }

    private static int next(int state, int octet) {
        if (state == COMPLETE) {
            return octet < 0x80 ? COMPLETE : octet < 0xc0 ? MALFORMED : FIRST[octet - 0xc0];
        }
        if (octet < (state >> 8 & 0xff) || octet > (state & 0xff)) {
            return MALFORMED;
        }
        int bytes = (state >> 16) - 1;
        return bytes == 0 ? COMPLETE : expecting(bytes, 0x80, 0xbf);
    }

    /** The index of the first byte that is not ASCII. */
    private static int skipAscii(ByteBuffer in, int from, int to) {
        int at = from;
        while (at <= to - Long.BYTES) {
            long high = in.getLong(at) & Masking.NOT_ASCII;
            if (high != 0) {
                boolean big = in.order() == ByteOrder.BIG_ENDIAN;
                return at + ((big ? Long.numberOfLeadingZeros(high) : Long.numberOfTrailingZeros(high)) >> 3);
            }
            at += Long.BYTES;
        }
        while (at < to && in.get(at) >= 0) {
            at++;
        }
        return at;
    }
}
