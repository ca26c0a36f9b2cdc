package dev.meerkat.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Percent escapes (RFC 3986 §2.1) of UTF-8, in paths and in what forms send.
 *
 * <p>Decoding is strict, since two readings of one escape are how a check is passed and a file is reached: a percent
 * sign without two hexadecimal digits, bytes that are not UTF-8 (overlong forms and surrogates too) and the byte 0 are
 * refused. Each text is decoded once, so that {@code %252e} is {@code %2e} and not a dot. Characters that should have
 * been escaped and are not are taken as they are.
 */
public final class PercentCoding {
    /** What stands unescaped in a segment beside letters and digits: pchar of RFC 3986 §3.3. */
    private static final String SEGMENT = "-._~!$&'()*+,;=:@";

    /**
     * What stands unescaped in a form beside letters and digits: URL standard, application/x-www-form-urlencoded set.
     */
    private static final String FORM = "*-._";

    private static final String HEX = "0123456789ABCDEF";

    private PercentCoding() {}

    /**
     * Decodes a path or a piece of one; a plus is a plus.
     *
     * @param text with escapes
     * @return without them; the same object if there are none
     * @throws MalformedTextException if an escape is malformed
     */
    public static String decodePath(String text) {
        return decode(text, 0, text.length(), false);
    }

    /**
     * Decodes a name or a value of a query or a form; a plus is a space.
     *
     * @param text with escapes
     * @return without them; the same object if there are none
     * @throws MalformedTextException if an escape is malformed
     */
    public static String decodeForm(String text) {
        return decode(text, 0, text.length(), true);
    }

    /**
     * Encodes one segment of a path, a slash in it too. There is no escape for the segments {@code .} and {@code ..},
     * which mean something else in every spelling; they are returned as they are.
     *
     * @param text any text; an unpaired surrogate becomes a question mark
     * @return only characters that a segment may contain
     */
    public static String encodeSegment(String text) {
        return encode(text, SEGMENT, false);
    }

    /**
     * Encodes a path: its segments, but not the slashes between them.
     *
     * @param text any text; an unpaired surrogate becomes a question mark
     * @return only characters that a path may contain
     */
    public static String encodePath(String text) {
        return encode(text, SEGMENT + "/", false);
    }

    /**
     * Encodes a name or a value for a query or a form; a space becomes a plus.
     *
     * @param text any text; an unpaired surrogate becomes a question mark
     * @return letters, digits, {@code *-._+} and escapes
     */
    public static String encodeForm(String text) {
        return encode(text, FORM, true);
    }

    /**
     * Encodes what a peer's target may contain and a URI may not, braces for instance; what is encoded stays, and so do
     * the marks between its parts.
     */
    static String encodeTarget(String text) {
        return encode(text, SEGMENT + "/?%", false);
    }

    /** Decodes the characters from one index to another. */
    static String decode(String text, int from, int to, boolean plusIsSpace) {
        int i = from;
        while (i < to && text.charAt(i) != '%' && text.charAt(i) != 0 && !(plusIsSpace && text.charAt(i) == '+')) {
            i++;
        }
        if (i == to) {
            return text.substring(from, to);
        }
        StringBuilder decoded = new StringBuilder(to - from).append(text, from, i);
        while (i < to) {
            char c = text.charAt(i);
            if (c == '%') {
                i = unescape(text, i, to, decoded);
            } else if (c == 0) {
                throw new MalformedTextException(text, i, "no byte 0");
            } else {
                decoded.append(plusIsSpace && c == '+' ? ' ' : c);
                i++;
            }
        }
        return decoded.toString();
    }

    /** Decodes escapes that stand side by side; returns the index behind them. */
    private static int unescape(String text, int from, int to, StringBuilder decoded) {
        int end = from;
        while (end < to && text.charAt(end) == '%') {
            end += 3;
        }
        byte[] bytes = new byte[(end - from) / 3];
        for (int i = 0; i < bytes.length; i++) {
            int at = from + 3 * i;
            int high = at + 2 < to ? Character.digit(text.charAt(at + 1), 16) : -1;
            int low = at + 2 < to ? Character.digit(text.charAt(at + 2), 16) : -1;
            if (high < 0 || low < 0 || text.charAt(at + 1) > 'f' || text.charAt(at + 2) > 'f') {
                throw new MalformedTextException(text, at, "two hexadecimal digits behind the percent sign");
            }
            bytes[i] = (byte) (high << 4 | low);
            if (bytes[i] == 0) {
                throw new MalformedTextException(text, at, "no byte 0");
            }
        }
        try {
            decoded.append(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)));
        } catch (CharacterCodingException notUtf8) {
            throw new MalformedTextException(text, from, "escapes that are UTF-8");
        }
        return end;
    }

    private static String encode(String text, String unescaped, boolean plusIsSpace) {
        StringBuilder encoded = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (TextGrammar.isAlphanumeric(c) || unescaped.indexOf(c) >= 0) {
                encoded.append(c);
            } else if (plusIsSpace && c == ' ') {
                encoded.append('+');
            } else {
                encoded.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return encoded.toString();
    }
}
