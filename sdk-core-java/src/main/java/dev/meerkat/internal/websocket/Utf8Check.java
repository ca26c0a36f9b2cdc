package dev.meerkat.internal.websocket;

import java.nio.ByteBuffer;

/**
 * Tells whether bytes are UTF-8 (RFC 3629 §4), piece by piece, and at which byte they cease to be: no overlong forms,
 * no surrogates, nothing above U+10FFFF. Eight bytes are looked at together as long as there are eight.
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
                at = whole(in, at, to);
                if (at == to) {
                    return COMPLETE;
                }
            }
            now = next(now, in.get(at) & 0xff);
            if (now < 0) {
                return ~at;
            }
            at++;
        }
        return now;
    }

    /** Passes characters as long as there are eight bytes, and then what is ASCII. */
    private static int whole(ByteBuffer in, int from, int to) {
        int at = from;
        int accepted = Long.BYTES;
        while (accepted > 0 && at <= to - Long.BYTES) {
            at = ascii(in, at, to);
            if (at <= to - Long.BYTES) {
                accepted = accepted(BigEndian.eight(in, at));
                at += accepted;
            }
        }
        while (at < to && in.get(at) >= 0) {
            at++;
        }
        return at;
    }

    /** The beginning of the first word that is not ASCII, or of what is less than a word. */
    private static int ascii(ByteBuffer in, int from, int to) {
        int at = from;
        while (at <= to - Long.BYTES && (in.getLong(at) & Masking.NOT_ASCII) == 0) {
            at += Long.BYTES;
        }
        return at;
    }

    /**
     * How many of eight bytes can be passed at once, since they are whole characters: all that are ASCII, or two of
     * three bytes, four of two, or else one. 0 if they begin with no character.
     */
    private static int accepted(long word) {
        long high = word & Masking.NOT_ASCII;
        if (high >= 0) {
            return Long.numberOfLeadingZeros(high) >> 3; // 8 of none is high
        }
        int pair = (int) (word >>> 48);
        if ((word & 0xf0c0_c000_0000_0000L) == 0xe080_8000_0000_0000L) {
            if (!isThree(pair)) {
                return 0;
            }
            boolean twice = (word & 0x00_0000_f0c0_c0_0000L) == 0x00_0000_e080_80_0000L;
            return twice && isThree((int) (word >>> 24) & 0xffff) ? 6 : 3;
        }
        if ((pair & 0xe0c0) == 0xc080) {
            return twos(word, pair);
        }
        // F0 90 to F4 8F: neither overlong nor above U+10FFFF.
        boolean four = (word & 0x00c0_c0c0_0000_0000L) == 0x0080_8080_0000_0000L;
        return four && pair >= 0xf090 && pair <= 0xf48f ? 4 : 0;
    }

    /**
     * Of a character of three bytes that has the right form: that it is not overlong (E0 80) and no surrogate (ED A0).
     */
    private static boolean isThree(int pair) {
        int distinct = pair & 0xff20;
        return distinct != 0xe000 && distinct != 0xed20;
    }

    /** Of a character of two bytes that has the right form: that it is not overlong, and how many follow. */
    private static int twos(long word, int pair) {
        if ((word & 0xe0c0_e0c0_e0c0_e0c0L) == 0xc080_c080_c080_c080L) {
            // In each pair the sum has its highest bit if the first byte is above C1.
            long sums = (word & 0x1e00_1e00_1e00_1e00L) + 0x7e00_7e00_7e00_7e00L;
            if ((sums & 0x8000_8000_8000_8000L) == 0x8000_8000_8000_8000L) {
                return 8;
            }
        }
        return (pair & 0x1e00) == 0 ? 0 : 2;
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
}
