package dev.meerkat.http;

import java.util.Locale;

/**
 * A text does not follow its grammar: a percent escape, a query, a media type. Whether that is the peer's fault or the
 * program's depends on where the text came from; a server that reads it out of a request answers 400.
 */
public final class MalformedTextException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** How much of a text stands in a message: a line of a terminal. */
    private static final int SHOWN_CHARACTERS = 80;

    private final int index;

    /**
     * Makes the exception.
     *
     * @param text what was read; shown in part, and made printable
     * @param index where in it something else was found than expected; its length for its end
     * @param expected what was expected there
     */
    public MalformedTextException(String text, int index, String expected) {
        super("at index " + index + " expected " + expected + ", in " + quote(text));
        this.index = index;
    }

    /**
     * Where something else was found than expected.
     *
     * @return the index in the text, 0 to its length
     */
    public int index() {
        return index;
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
