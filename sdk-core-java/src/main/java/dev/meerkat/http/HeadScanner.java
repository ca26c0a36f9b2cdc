package dev.meerkat.http;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Finds the lines of a head and its end, and remembers how far it has searched, so that every byte is looked at once
 * however few come at a time. It refuses what may stand in no line, and what is too long.
 *
 * <p>The search goes from control byte to control byte, eight bytes a step. A limit is checked before the byte is
 * judged that was found behind it: in a head that comes whole as in one that comes byte by byte the same is found
 * first.
 */
final class HeadScanner {
    private static final long EACH = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    /** As many bounds are kept for the next head: those of 32 fields. Longer arrays come once and go. */
    private static final int KEPT_BOUNDS = 4 * 32;

    /** What to say if there are too many lines, or too long ones. */
    enum Part {
        HEADERS(HttpRule.TOO_MANY_FIELDS, HttpRule.FIELDS_TOO_LONG),
        TRAILERS(HttpRule.TOO_MANY_TRAILERS, HttpRule.TRAILERS_TOO_LONG);

        private final HttpRule tooMany;
        private final HttpRule tooLong;

        Part(HttpRule tooMany, HttpRule tooLong) {
            this.tooMany = tooMany;
            this.tooLong = tooLong;
        }
    }

    private final HttpLimits limits;

    /** How many bytes from the position on are known. */
    private int searched;

    /** How many bytes were looked at in all, for tests. */
    private long examined;

    private int lineStart;

    /** Where the start line ends, or −1 while it has not ended. */
    private int startLineEnd = -1;

    private int fieldsStart;

    /** Where each field line begins and ends, at 4 n and 4 n + 3, as {@link Headers} wants it. */
    private int[] bounds = new int[4 * 16];

    private int fields;

    HeadScanner(HttpLimits limits) {
        this.limits = limits;
    }

    /** Makes ready for a new head or section. */
    void reset() {
        searched = 0;
        lineStart = 0;
        startLineEnd = -1;
        fieldsStart = 0;
        fields = 0;
        if (bounds.length > KEPT_BOUNDS) {
            bounds = new int[KEPT_BOUNDS];
        }
    }

    long examined() {
        return examined;
    }

    boolean hasBegun() {
        return searched > 0;
    }

    int startLineEnd() {
        return startLineEnd;
    }

    int fieldsStart() {
        return fieldsStart;
    }

    /** Where the empty line begins, once the end was found. */
    int fieldsEnd() {
        return lineStart;
    }

    /** The bounds of the fields, as many as there are; the caller's own. */
    int[] takeBounds() {
        return Arrays.copyOf(bounds, 4 * fields);
    }

    int fields() {
        return fields;
    }

    /** Searches on for the end of a start line and fields; true once it is there. */
    boolean head(ByteBuffer in) throws HttpException {
        return search(in, startLineEnd < 0, Part.HEADERS);
    }

    /** Searches on for the end of fields without a start line; true once it is there. */
    boolean fields(ByteBuffer in, Part part) throws HttpException {
        return search(in, false, part);
    }

    private boolean search(ByteBuffer in, boolean inStartLine, Part part) throws HttpException {
        boolean first = inStartLine;
        int base = in.position();
        int available = in.remaining();
        int at = searched;
        while (true) {
            int from = at;
            at = nextControl(in, base + at, base + available) - base;
            examined += at - from + 1;
            if (first) {
                checkStartLine(at);
            } else if (at > lineStart) {
                checkFields(at, part);
            }
            if (at == available) {
                break;
            }
            byte found = in.get(base + at);
            if (found == '\t') {
                at++;
                continue;
            }
            if (found != '\r') {
                throw refused(found, at);
            }
            if (at + 1 == available) {
                break;
            }
            if (in.get(base + at + 1) != '\n') {
                throw new HttpException(new HttpError(
                        HttpRule.BARE_CR, "a CR without an LF behind it, at byte " + at + " of the head"));
            }
            if (first) {
                if (at == 0) {
                    throw new HttpException(
                            new HttpError(HttpRule.EMPTY_LINE, "an empty line where a head should begin"));
                }
                startLineEnd = at;
                fieldsStart = at + 2;
                first = false;
            } else if (at == lineStart) {
                return true;
            } else {
                addLine(at);
            }
            at += 2;
            lineStart = at;
        }
        searched = at;
        return false;
    }

    private void addLine(int end) {
        if (bounds.length < 4 * (fields + 1)) {
            bounds = Arrays.copyOf(bounds, 2 * bounds.length);
        }
        bounds[4 * fields] = lineStart;
        bounds[4 * fields + 3] = end;
        fields++;
    }

    private void checkStartLine(int at) throws HttpException {
        if (at > limits.startLineBytes()) {
            throw new HttpException(new HttpError(
                    HttpRule.START_LINE_TOO_LONG,
                    "the first line is longer than " + limits.startLineBytes() + " bytes"));
        }
    }

    private void checkFields(int at, Part part) throws HttpException {
        boolean headers = part == Part.HEADERS;
        int most = headers ? limits.headerCount() : limits.trailerCount();
        if (fields == most) {
            throw new HttpException(new HttpError(part.tooMany, "more than " + most + " fields"));
        }
        int longest = headers ? limits.headerBytes() : limits.trailerBytes();
        if (at + 2 - fieldsStart > longest) {
            throw new HttpException(new HttpError(part.tooLong, "the fields are longer than " + longest + " bytes"));
        }
    }

    private static HttpException refused(byte found, int at) {
        if (found == '\n') {
            return new HttpException(
                    new HttpError(HttpRule.BARE_LF, "an LF without a CR before it, at byte " + at + " of the head"));
        }
        return new HttpException(new HttpError(
                HttpRule.CONTROL_BYTE,
                "control byte " + Grammar.shown(new byte[] {found}, 0, 1) + " at byte " + at + " of the head"));
    }

    /**
     * The index of the first byte below 0x20 or equal to 0x7f, or {@code to}. The subtraction borrows from the bytes
     * above a hit only, so that the lowest hit is a true one.
     */
    static int nextControl(ByteBuffer in, int from, int to) {
        boolean big = in.order() == ByteOrder.BIG_ENDIAN;
        int at = from;
        while (at <= to - 8) {
            long eight = in.getLong(at);
            if (big) {
                eight = Long.reverseBytes(eight);
            }
            long deleted = eight ^ (0x7f * EACH);
            long hits = (((eight - 0x20 * EACH) & ~eight) | ((deleted - EACH) & ~deleted)) & HIGH;
            if (hits != 0) {
                return at + (Long.numberOfTrailingZeros(hits) >>> 3);
            }
            at += 8;
        }
        while (at < to) {
            byte octet = in.get(at);
            if ((octet >= 0 && octet < ' ') || octet == 0x7f) {
                return at;
            }
            at++;
        }
        return to;
    }
}
