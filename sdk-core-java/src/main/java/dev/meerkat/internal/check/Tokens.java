package dev.meerkat.internal.check;

/** Tokens: names and simple values in the heads of HTTP and of what is like it (RFC 9110 §5.6.2). */
public final class Tokens {
    private static final String SPECIALS = "!#$%&'*+-.^_`|~";

    /** For each byte whether it may stand in a token. */
    private static final boolean[] ALLOWED = new boolean[256];

    static {
        for (char c = '0'; c <= 'z'; c++) {
            ALLOWED[c] = c <= '9' || (c >= 'A' && c <= 'Z') || c >= 'a';
        }
        for (int i = 0; i < SPECIALS.length(); i++) {
            ALLOWED[SPECIALS.charAt(i)] = true;
        }
    }

    private Tokens() {}

    /**
     * Tells whether a byte may stand in a token.
     *
     * @param octet the byte
     * @return whether it may
     */
    public static boolean has(byte octet) {
        return ALLOWED[octet & 0xff];
    }

    /**
     * Tells whether a character may stand in a token.
     *
     * @param c the character
     * @return whether it may
     */
    public static boolean has(char c) {
        return c < ALLOWED.length && ALLOWED[c];
    }

    /**
     * Tells whether a text is a token.
     *
     * @param text the text
     * @return whether it is one; an empty text is none
     */
    public static boolean isToken(String text) {
        return !text.isEmpty() && end(text, 0) == text.length();
    }

    /**
     * Finds the end of the token that begins at an index.
     *
     * @param text a text
     * @param from the index
     * @return the index behind it; the same one if there is none
     */
    public static int end(String text, int from) {
        int at = from;
        while (at < text.length() && has(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /**
     * Finds the end of the token that begins at an index.
     *
     * @param bytes some bytes
     * @param from the index
     * @param to where it ends at the latest
     * @return the index behind it; the same one if there is none
     */
    public static int end(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && has(bytes[at])) {
            at++;
        }
        return at;
    }
}
