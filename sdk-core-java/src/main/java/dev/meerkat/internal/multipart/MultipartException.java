package dev.meerkat.internal.multipart;

import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;

/** The way from where a rule was found broken to where the body ends for it; no stack trace, and never public. */
final class MultipartException extends Exception {
    private static final long serialVersionUID = 1L;

    /** How much of what the peer sent a message quotes. */
    private static final int QUOTED_CHARS = 60;

    private final transient MultipartError error;

    MultipartException(Kind kind, String message) {
        super(message, null, false, false);
        error = MultipartError.of(kind, message);
    }

    static MultipartException malformed(String message) {
        return new MultipartException(Kind.MALFORMED, message);
    }

    static MultipartException unsupported(String message) {
        return new MultipartException(Kind.UNSUPPORTED, message);
    }

    MultipartError error() {
        return error;
    }

    /** What the peer sent, for a message: bounded, and harmless in a log. */
    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < Math.min(text.length(), QUOTED_CHARS); i++) {
            char next = text.charAt(i);
            if (next < ' '
                    || next == 0x7F
                    || Character.isISOControl(next)
                    || Character.getType(next) == Character.FORMAT) {
                quoted.append("\\u")
                        .append(Character.forDigit(next >> 12, 16))
                        .append(Character.forDigit(next >> 8 & 15, 16))
                        .append(Character.forDigit(next >> 4 & 15, 16))
                        .append(Character.forDigit(next & 15, 16));
            } else {
                quoted.append(next);
            }
        }
        return quoted.append(text.length() > QUOTED_CHARS ? "…\"" : "\"").toString();
    }
}
