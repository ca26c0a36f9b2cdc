package dev.meerkat;

import java.util.Locale;

/**
 * A text does not follow its grammar. Internal: the parsers of this package throw it, and the one method that was given
 * the whole text turns it into the exception that users see. Without a stack trace, because it never leaves.
 */
final class GrammarException extends Exception {
    private static final long serialVersionUID = 1;

    /** How much of a text stands in a message: enough for the longest address, which has a name of 253 characters. */
    private static final int SHOWN_CHARACTERS = 280;

    private final int start;
    private final int end;

    /**
     * Makes the exception.
     *
     * @param start the index of what was found in the place of what was expected
     * @param end the index behind it
     * @param expected what was expected
     */
    GrammarException(int start, int end, String expected) {
        super(expected, null, false, false);
        this.start = start;
        this.end = end;
    }

    /** Says where in the text what was expected, and what was found. */
    String explain(String text) {
        String found = start < text.length() ? quote(text.substring(start, Math.max(end, start + 1))) : "the end";
        return "at index " + start + " expected " + getMessage() + ", found " + found;
    }

    /** Puts a text into quotation marks, in such a way that it can neither forge a line of a log nor fill it. */
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        int shown = Math.min(text.length(), SHOWN_CHARACTERS);
        for (int i = 0; i < shown; i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c <= '~') {
                quoted.append(c);
            } else {
                quoted.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
            }
        }
        return quoted.append(shown < text.length() ? "…\"" : "\"").toString();
    }
}
