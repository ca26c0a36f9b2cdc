package dev.meerkat.internal.multipart;

import dev.meerkat.internal.check.Tokens;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A field value of the form {@code value; name=token; name="quoted"}, such as those of Content-Type and
 * Content-Disposition (RFC 9110 §5.6.6, RFC 6266 §4.1).
 *
 * <p>Strict where two readers could come to two results: a name given twice, white space around the equals sign, text
 * behind a closing quote and an unquoted value that is no token are errors. In quotes a backslash protects a quote or a
 * backslash, and stands for itself in front of anything else, because some senders write the paths of another operating
 * system there (as RFC 7578 §4.2 has it, what a file name looks like depends on the sender's system).
 */
final class HeaderParameters {
    private final String text;
    private final String value;
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private int index;

    private HeaderParameters(String text, boolean mayHaveSlash) throws MultipartException {
        this.text = text;
        skipSpace();
        value = token(mayHaveSlash).toLowerCase(Locale.ROOT);
        skipSpace();
        while (index < text.length()) {
            expect(';', "a semicolon");
            skipSpace();
            if (index < text.length() && text.charAt(index) != ';') {
                parameter();
                skipSpace();
            }
        }
    }

    /** Reads a media type; its slash is part of the value. */
    static HeaderParameters ofMediaType(String text) throws MultipartException {
        HeaderParameters type = new HeaderParameters(text, true);
        int slash = type.value.indexOf('/');
        if (slash < 1 || slash == type.value.length() - 1 || slash != type.value.lastIndexOf('/')) {
            throw MultipartException.malformed(
                    "a media type is type/subtype (RFC 9110 §8.3.1), but not " + MultipartException.quote(text));
        }
        return type;
    }

    static HeaderParameters of(String text) throws MultipartException {
        return new HeaderParameters(text, false);
    }

    /** What stands in front of the parameters, in lower case. */
    String value() {
        return value;
    }

    /** The value of a parameter, or null if there is none. */
    @Nullable
    String get(String name) {
        return parameters.get(name);
    }

    /** All of them, names in lower case, in their order. */
    Map<String, String> all() {
        return parameters;
    }

    private void parameter() throws MultipartException {
        String name = token(false).toLowerCase(Locale.ROOT);
        expect('=', "an equals sign behind " + MultipartException.quote(name));
        String content = index < text.length() && text.charAt(index) == '"' ? quoted() : token(false);
        if (parameters.putIfAbsent(name, content) != null) {
            throw MultipartException.malformed("the parameter " + MultipartException.quote(name) + " is given twice in "
                    + MultipartException.quote(text));
        }
    }

    private String quoted() throws MultipartException {
        StringBuilder content = new StringBuilder();
        for (index++; index < text.length(); index++) {
            char next = text.charAt(index);
            if (next == '"') {
                index++;
                return content.toString();
            }
            if (next == '\\' && index + 1 < text.length() && "\"\\".indexOf(text.charAt(index + 1)) >= 0) {
                next = text.charAt(++index);
            }
            content.append(next);
        }
        throw MultipartException.malformed("the closing quote is missing in " + MultipartException.quote(text));
    }

    private String token(boolean mayHaveSlash) throws MultipartException {
        int from = index;
        while (index < text.length()
                && (Tokens.has(text.charAt(index)) || (mayHaveSlash && text.charAt(index) == '/'))) {
            index++;
        }
        if (index == from) {
            throw MultipartException.malformed("a token (RFC 9110 §5.6.2) is expected at character " + from + " of "
                    + MultipartException.quote(text));
        }
        return text.substring(from, index);
    }

    private void expect(char expected, String what) throws MultipartException {
        if (index >= text.length() || text.charAt(index) != expected) {
            throw MultipartException.malformed(
                    what + " is expected at character " + index + " of " + MultipartException.quote(text));
        }
        index++;
    }

    private void skipSpace() {
        while (index < text.length() && (text.charAt(index) == ' ' || text.charAt(index) == '\t')) {
            index++;
        }
    }
}
