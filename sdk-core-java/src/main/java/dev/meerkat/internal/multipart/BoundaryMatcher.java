package dev.meerkat.internal.multipart;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds the delimiter of parts, {@code CR LF "--" boundary} (RFC 2046 §5.1.1), in input that comes in pieces.
 *
 * <p>Two things make it fast and bounded. The window is looked at from its end, and by the byte that stands there it
 * moves on by up to its whole length (Horspool's rule), so that most bytes of a file are never read. And a boundary
 * holds no CR, so the delimiter has exactly one, at its start: what was compared with success behind a CR holds no
 * second start and is passed over, and every byte is read four times at the most, whoever chose boundary and data.
 * Boundaries that are too short for long moves are searched by their CR, eight bytes at a time.
 *
 * <p>For the same reason nothing has to be copied at the end of a piece. What is held back there is the beginning of a
 * delimiter, whose bytes are known: a count is all that is kept.
 *
 * <pre>
 *              find(): a delimiter            find(): the piece ends within one
 *  SEARCHING ─────────────────────► FOUND   SEARCHING ─────────────────────► HELD
 *      ▲                              │         ▲                             │ │
 *      └──────────────────────────────┘         └─────────────────────────────┘ └──► FOUND
 *                 next find()                      go on: it was none              go on: it was one
 * </pre>
 */
final class BoundaryMatcher {
    private static final int LINE_END_BYTES = 2;

    /** Up to here moves are so short that it costs less to look at every byte, eight at once. */
    private static final int SHORT_BYTES = 20;

    private static final long EACH_CR = 0x0D0D0D0D0D0D0D0DL;
    private static final long EACH_LOW_BIT = 0x0101010101010101L;
    private static final long EACH_HIGH_BIT = 0x8080808080808080L;

    private final byte[] delimiter;

    /** How far the window may move if this byte stands at its end; 0 for the delimiter's last byte. */
    private final byte[] shift = new byte[256];

    /** The same for the last byte, if the rest does not match. */
    private final int shiftAfterLast;

    /** How many bytes of a delimiter end the input so far. */
    private int held;

    /** How many of the held ones are not part of what the delimiter would end: the line end in front of a body. */
    private int before;

    /** How often a byte was read; for the test that proves the promise above. */
    private long reads;

    /**
     * Makes a matcher that stands at the start of a line.
     *
     * @param boundary 1 to 70 characters of ASCII, none a CR
     */
    BoundaryMatcher(String boundary) {
        delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.US_ASCII);
        atLineStart();
        int last = delimiter.length - 1;
        Arrays.fill(shift, (byte) delimiter.length);
        for (int i = 0; i < last; i++) {
            shift[delimiter[i]] = (byte) (last - i);
        }
        shiftAfterLast = shift[delimiter[last]];
        shift[delimiter[last]] = 0;
    }

    /**
     * What comes begins a line: of the body, whose first delimiter may stand at its very start, or of a part's data,
     * which are missing if a delimiter comes at once (RFC 2046 §5.1.1, body-part). The line end before is not data.
     */
    void atLineStart() {
        held = LINE_END_BYTES;
        before = LINE_END_BYTES;
    }

    /** The length of the delimiter: one more than can ever be held back. */
    int length() {
        return delimiter.length;
    }

    /** How many bytes are held back: they are the beginning of a delimiter, or of data that looks like one. */
    int held() {
        return held;
    }

    /** The bytes that were held back and are not a delimiter, after {@link #resume} said so; perhaps none. */
    ByteBuffer released(int wereHeld) {
        int from = before;
        before = 0;
        return ByteBuffer.wrap(delimiter, from, wereHeld - from).slice().asReadOnlyBuffer();
    }

    long reads() {
        return reads;
    }

    /** What has become of the bytes that were held back. */
    enum Resumed {
        /** The delimiter is complete; the position stands behind it. */
        FOUND,
        /** Still the beginning of one; all input is taken. */
        HELD,
        /** It was data; the position has not moved. */
        NONE
    }

    /** Goes on comparing what was held back; only if {@link #held()} is not 0. */
    Resumed resume(ByteBuffer input) {
        int from = input.position();
        int count = Math.min(input.remaining(), delimiter.length - held);
        int matching = 0;
        while (matching < count && input.get(from + matching) == delimiter[held + matching]) {
            matching++;
        }
        reads += matching + 1;
        if (matching < count) {
            held = 0;
            return Resumed.NONE;
        }
        held += count;
        input.position(from + count);
        if (held < delimiter.length) {
            return Resumed.HELD;
        }
        held = 0;
        before = 0;
        return Resumed.FOUND;
    }

    /**
     * Looks for a delimiter from the position on, which does not move; only if nothing is held back.
     *
     * @return where it begins, or where the beginning of one is held back from now on, or the limit if neither
     */
    int find(ByteBuffer input) {
        return delimiter.length > SHORT_BYTES ? findByEnd(input) : findByReturn(input);
    }

    /** The window moves by what stands at its end. */
    private int findByEnd(ByteBuffer input) {
        int limit = input.limit();
        int last = delimiter.length - 1;
        int end = input.position() + last;
        long looks = 0;
        while (end < limit) {
            int move = shift[input.get(end) & 0xFF];
            looks++;
            if (move == 0) {
                int matching = matching(input, end - last, last);
                looks += matching + 1;
                if (matching == last) {
                    reads += looks;
                    return end - last;
                }
                move = Math.max(matching, shiftAfterLast);
            }
            end += move;
        }
        reads += looks;
        return findStart(input, end - last, limit);
    }

    /** Every CR is looked at. */
    private int findByReturn(ByteBuffer input) {
        int limit = input.limit();
        int lastStart = limit - delimiter.length;
        int index = input.position();
        long looks = 0;
        while (index <= lastStart) {
            looks++;
            if (index + Long.BYTES <= limit && !hasReturn(input.getLong(index))) {
                index += Long.BYTES;
                continue;
            }
            int stop = Math.min(index + Long.BYTES, lastStart + 1);
            while (index < stop) {
                int matching = matching(input, index, delimiter.length);
                looks += matching + 1;
                if (matching == delimiter.length) {
                    reads += looks;
                    return index;
                }
                index += Math.max(matching, 1);
            }
        }
        reads += looks;
        return findStart(input, index, limit);
    }

    /** Whether one of eight bytes is a CR: subtracting one borrows from the high bit of a byte that is zero. */
    private static boolean hasReturn(long bytes) {
        long zeroIfReturn = bytes ^ EACH_CR;
        return ((zeroIfReturn - EACH_LOW_BIT) & ~zeroIfReturn & EACH_HIGH_BIT) != 0;
    }

    /** Tells whether {@link #find} has found a whole delimiter at this index. */
    boolean isWhole(int index, ByteBuffer input) {
        return held == 0 && index < input.limit();
    }

    /** Looks for the beginning of a delimiter that the limit cuts. */
    private int findStart(ByteBuffer input, int from, int limit) {
        int index = from;
        while (index < limit) {
            if (input.get(index) != '\r') {
                index++;
                reads++;
                continue;
            }
            int matching = matching(input, index, limit - index);
            reads += matching + 1;
            if (matching == limit - index) {
                held = matching;
                return index;
            }
            index += matching;
        }
        return limit;
    }

    private int matching(ByteBuffer input, int start, int count) {
        int matching = 0;
        while (matching < count && input.get(start + matching) == delimiter[matching]) {
            matching++;
        }
        return matching;
    }
}
