package dev.meerkat.internal.websocket;

import dev.meerkat.http.MalformedHeadException;
import dev.meerkat.internal.check.Tokens;

/** How the texts of a handshake are read, and how what is wrong with them is shown to people. */
final class HandshakeTexts {
    private static final int SHOWN = 60;

    private HandshakeTexts() {}

    /** The index of the first character that is neither space nor tabulator. */
    static int skipSpace(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    static void requireToken(String what, String text) {
        if (!Tokens.isToken(text)) {
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
