package dev.meerkat.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which parts of a representation a request asks for (RFC 9110 §14). Pure.
 *
 * @param ranges in the order in which they are to be sent, none of them empty and no two overlapping; none at all if
 *     nothing that was asked for is there (416)
 */
record ByteRanges(List<Range> ranges) {
    /** Parts that are less than this apart are sent as one: what a part costs besides its bytes (§15.3.7.2). */
    static final int GAP_BYTES = 80;

    /**
     * A part.
     *
     * @param first its first byte
     * @param last its last byte
     */
    record Range(long first, long last) {
        long length() {
            return last - first + 1;
        }

        /** The value of Content-Range. */
        String text(long size) {
            return "bytes " + first + "-" + last + "/" + size;
        }
    }

    // Keeps the list from changing.
    ByteRanges {
        ranges = List.copyOf(ranges);
    }

    /**
     * Reads the field. What is malformed, in another unit or more than the limit is to be ignored as a whole (§14.2),
     * so that the peer gets everything.
     *
     * @param value of {@code Range}
     * @param size of the whole representation
     * @param most how many ranges are allowed
     * @return what to send; null to ignore the field
     */
    static @Nullable ByteRanges parse(String value, long size, int most) {
        int equals = value.indexOf('=');
        if (equals < 0
                || !value.substring(0, equals).strip().toLowerCase(Locale.ROOT).equals("bytes")) {
            return null;
        }
        String[] specs = value.substring(equals + 1).split(",", -1);
        List<Range> found = new ArrayList<>();
        int asked = 0;
        boolean suffixOfNothing = false;
        for (String each : specs) {
            String spec = trim(each);
            if (spec.isEmpty()) {
                continue; // empty elements of a list are nothing (§5.6.1.2)
            }
            int dash = spec.indexOf('-');
            if (++asked > most || dash < 0) {
                return null;
            }
            long from = number(spec, 0, dash);
            long to = number(spec, dash + 1, spec.length());
            boolean open = dash + 1 == spec.length();
            if (dash == 0 ? to < 0 : from < 0 || (!open && (to < 0 || to < from))) {
                return null;
            }
            if (dash == 0) {
                suffixOfNothing |= size == 0 && to > 0;
                from = Math.max(0, size - to);
                to = to == 0 ? -1 : size - 1;
            } else if (open) {
                to = size - 1;
            }
            if (from < size && to >= from) {
                found.add(new Range(from, Math.min(to, size - 1)));
            }
        }
        // of an empty representation the last bytes are all that it has, and there is no way to say so as a range
        return asked == 0 || (found.isEmpty() && suffixOfNothing) ? null : new ByteRanges(joined(found));
    }

    private static String trim(String text) {
        int from = TextGrammar.skipSpace(text, 0);
        int to = text.length();
        while (to > from && (text.charAt(to - 1) == ' ' || text.charAt(to - 1) == '\t')) {
            to--;
        }
        return text.substring(from, to);
    }

    /** A decimal number, the largest if it is larger than that; −1 if it is none. */
    private static long number(String text, int from, int to) {
        long number = from == to ? -1 : 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : number * 10 + digit;
        }
        return number;
    }

    /**
     * In the order in which they were asked for, unless two overlap or nearly touch: then they are joined and sorted.
     */
    private static List<Range> joined(List<Range> ranges) {
        List<Range> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(Range::first));
        List<Range> joined = new ArrayList<>();
        for (Range each : sorted) {
            Range before = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (before != null && each.first() - before.last() <= GAP_BYTES) {
                joined.set(joined.size() - 1, new Range(before.first(), Math.max(before.last(), each.last())));
            } else {
                joined.add(each);
            }
        }
        return joined.size() == ranges.size() ? ranges : joined;
    }
}
