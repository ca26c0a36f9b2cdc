package dev.meerkat.internal.websocket;

import dev.meerkat.http.MalformedHeadException;

/** Tokens (RFC 9110 §5.6.2), and how what is none is shown to people. */
final class Tokens {
    private static final String SPECIALS = "!#$%&'*+-.^_`|~";
    private static final int SHOWN = 60;

    private Tokens() {}

    static boolean isTokenCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || (c < 0x80 && SPECIALS.indexOf(c) >= 0);
    }

    /** The index behind the token that begins at an index; that index if there is none. */
    static int end(String text, int from) {
        int at = from;
        while (at < text.length() && isTokenCharacter(text.charAt(at))) {
            at++;
        }
        return at;
    }

    static boolean isToken(String text) {
        return !text.isEmpty() && end(text, 0) == text.length();
    }

    /** The index of the first character that is neither space nor tabulator. */
    static int skipSpace(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    static void require(String what, String text) {
        if (!isToken(text)) {
            throw new MalformedHeadException(what + " is a token: " + shown(text));
        }
    }

    /** A text in quotes, printable, and cut if it is long. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder("'");
        for (int i = 0; i < Math.min(text.length(), SHOWN); i++) {
            char c = text.charAt(i);
            shown.append(c >= ' ' && c < 0x7f ? c : '?');
        }
        return shown.append(text.length() > SHOWN ? "…'" : "'").toString();
    }
}
