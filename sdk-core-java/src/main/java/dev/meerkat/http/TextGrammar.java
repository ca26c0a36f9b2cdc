package dev.meerkat.http;

import dev.meerkat.internal.check.Tokens;

/** The small grammars that values of fields are made of (RFC 9110 §5.6). */
final class TextGrammar {
    private TextGrammar() {}

    /** Tells whether a character is a letter or a digit of ASCII. */
    static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /** Tells whether a character may not stand in a field. */
    static boolean isControl(char c) {
        return (c < ' ' && c != '\t') || c == 0x7F;
    }

    /** The index of the first character that is neither space nor tabulator. */
    static int skipSpace(String text, int from) {
        int i = from;
        while (i < text.length() && (text.charAt(i) == ' ' || text.charAt(i) == '\t')) {
            i++;
        }
        return i;
    }

    /**
     * Reads the quoted string that begins at an index (RFC 9110 §5.6.4).
     *
     * @param content receives it without quotation marks and backslashes
     * @return the index behind it
     */
    static int quotedString(String text, int from, StringBuilder content) {
        int i = from + 1;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '"') {
                return i + 1;
            }
            if (c == '\\') {
                i++;
                c = i < text.length() ? text.charAt(i) : 0;
            }
            if (isControl(c)) {
                break;
            }
            content.append(c);
            i++;
        }
        throw new MalformedTextException(text, Math.min(i, text.length()), "a quotation mark, or text before it");
    }

    /** Writes a value as a token if it is one, else as a quoted string. */
    static void appendValue(StringBuilder text, String value) {
        if (Tokens.isToken(value)) {
            text.append(value);
            return;
        }
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append(c);
        }
        text.append('"');
    }
}
