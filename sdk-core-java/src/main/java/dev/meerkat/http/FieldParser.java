package dev.meerkat.http;

import dev.meerkat.internal.check.Tokens;

/** Field lines whose ends are known, and in which there is no control byte (RFC 9112 §5). */
final class FieldParser {
    private FieldParser() {}

    /**
     * Finds in each line where the name ends and the value begins and ends.
     *
     * @param bounds four numbers a line, of which the first and the last are the line's bounds; the others are filled
     *     in
     */
    static void findNamesAndValues(byte[] bytes, int[] bounds, int count) throws HttpException {
        for (int i = 0; i < 4 * count; i += 4) {
            int start = bounds[i];
            int end = bounds[i + 3];
            int colon = Tokens.end(bytes, start, end);
            if (colon == start || colon == end || bytes[colon] != ':') {
                throw refused(bytes, start, colon, end);
            }
            int from = colon + 1;
            while (from < end && Grammar.isSpace(bytes[from])) {
                from++;
            }
            while (end > from && Grammar.isSpace(bytes[end - 1])) {
                end--;
            }
            bounds[i + 1] = colon;
            bounds[i + 2] = from;
            bounds[i + 3] = end;
        }
    }

    /** Says what is wrong with a line whose name ends at {@code at} without a colon, or is empty. */
    private static HttpException refused(byte[] bytes, int start, int at, int end) {
        String line = Grammar.shown(bytes, start, end);
        if (Grammar.isSpace(bytes[start])) {
            return exception(HttpRule.OBSOLETE_FOLDING, "a line that begins with white space: " + line);
        }
        int next = at;
        while (next < end && Grammar.isSpace(bytes[next])) {
            next++;
        }
        if (next == end && at > start) {
            return exception(HttpRule.MISSING_COLON, "a field without a colon: " + line);
        }
        if (next > at && bytes[next] == ':') {
            return exception(HttpRule.SPACE_BEFORE_COLON, "white space between a field's name and its colon: " + line);
        }
        return exception(HttpRule.MALFORMED_FIELD_NAME, "a field's name that is no token: " + line);
    }

    private static HttpException exception(HttpRule rule, String message) {
        return new HttpException(new HttpError(rule, message));
    }
}
