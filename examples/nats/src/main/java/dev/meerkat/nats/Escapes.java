package dev.meerkat.nats;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Any text as one token of a subject, or as the value of a header: letters, digits, minus and underscore stay. */
final class Escapes {
    private Escapes() {}

    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 8);
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            if (c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_')) {
                escaped.append(c);
            } else {
                escaped.append('~').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        return escaped.toString();
    }

    /** The text; what was not written by {@link #escape} is an IllegalArgumentException. */
    static String text(String escaped) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c != '~') {
                bytes.write(c);
            } else if (i + 2 < escaped.length()) {
                bytes.write(Integer.parseInt(escaped, i + 1, i + 3, 16));
                i += 2;
            } else {
                throw new IllegalArgumentException("an escape is cut off: " + escaped);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
