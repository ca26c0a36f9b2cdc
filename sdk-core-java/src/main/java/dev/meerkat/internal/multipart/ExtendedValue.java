package dev.meerkat.internal.multipart;

import dev.meerkat.internal.check.Tokens;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The value of a parameter whose name ends with an asterisk, {@code UTF-8'language'percent-encoded} (RFC 8187 §3.2).
 * The language is read over. UTF-8 is the one charset that everybody must know (§3.2.1); others are refused.
 */
final class ExtendedValue {
    private static final int HEX = 16;

    private ExtendedValue() {}

    static String decode(String parameter, String text) throws MultipartException {
        int charsetEnd = text.indexOf('\'');
        int languageEnd = text.indexOf('\'', charsetEnd + 1);
        if (charsetEnd < 0 || languageEnd < 0) {
            throw MultipartException.malformed("the value of " + parameter
                    + " is charset'language'value (RFC 8187 §3.2), but not " + MultipartException.quote(text));
        }
        String charset = text.substring(0, charsetEnd);
        if (!charset.equalsIgnoreCase("UTF-8")) {
            throw MultipartException.unsupported("the charset of " + parameter + " is UTF-8 (RFC 8187 §3.2.1), but not "
                    + MultipartException.quote(charset));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = languageEnd + 1; i < text.length(); i++) {
            char next = text.charAt(i);
            if (next == '%' && i + 2 < text.length() && digit(text, i + 1) >= 0 && digit(text, i + 2) >= 0) {
                bytes.write(digit(text, i + 1) * HEX + digit(text, i + 2));
                i += 2;
            } else if (isAttributeChar(next)) {
                bytes.write(next);
            } else {
                throw MultipartException.malformed("the value of " + parameter
                        + " is percent-encoded (RFC 8187 §3.2.1), but not " + MultipartException.quote(text));
            }
        }
        return utf8(ByteBuffer.wrap(bytes.toByteArray()), parameter);
    }

    /** Decodes UTF-8, none of it malformed. */
    static String utf8(ByteBuffer bytes, String what) throws MultipartException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw MultipartException.malformed(what + " is not UTF-8");
        }
    }

    private static int digit(String text, int index) {
        char c = text.charAt(index);
        return c < 0x7F ? Character.digit(c, HEX) : -1;
    }

    private static boolean isAttributeChar(char c) {
        return Tokens.has(c) && "*'%".indexOf(c) < 0;
    }
}
