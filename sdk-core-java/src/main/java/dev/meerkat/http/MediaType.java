package dev.meerkat.http;

import dev.meerkat.internal.check.Tokens;
import java.nio.charset.Charset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A media type such as {@code text/html; charset=utf-8}, or a range of them such as {@code text/*} (RFC 9110 §8.3.1,
 * §12.5.1). Immutable.
 *
 * @param type the first half, in lower case; {@code *} in the range of all types
 * @param subtype the second half, in lower case; {@code *} in a range
 * @param parameters what follows, in its order; names in lower case, values as they are, without quotation marks
 */
public record MediaType(String type, String subtype, Map<String, String> parameters) {
    // Checks what would not survive being written and read; makes the names comparable.
    public MediaType {
        type = token(type);
        subtype = token(subtype);
        if (type.equals("*") && !subtype.equals("*")) {
            throw new MalformedTextException(type + "/" + subtype, 2, "an asterisk behind the one for all types");
        }
        Map<String, String> checked = new LinkedHashMap<>();
        parameters.forEach((name, value) -> {
            for (int i = 0; i < value.length(); i++) {
                if (TextGrammar.isControl(value.charAt(i))) {
                    throw new MalformedTextException(value, i, "no control character");
                }
            }
            checked.putIfAbsent(token(name), value);
        });
        parameters = Collections.unmodifiableMap(checked);
    }

    private static String token(String text) {
        int end = Tokens.end(text, 0);
        if (end == 0 || end < text.length()) {
            throw new MalformedTextException(text, end, "a token");
        }
        return text.toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a type. White space is allowed around semicolons; a parameter that repeats a name is passed over, since it
     * could only contradict the first.
     *
     * @param text the value of a field such as {@code Content-Type}
     * @return the type
     * @throws MalformedTextException if it is none
     */
    public static MediaType parse(String text) {
        int from = TextGrammar.skipSpace(text, 0);
        int slash = Tokens.end(text, from);
        int end = slash;
        if (slash > from && slash < text.length() && text.charAt(slash) == '/') {
            end = Tokens.end(text, slash + 1);
        }
        if (end <= slash + 1) {
            throw new MalformedTextException(text, end, "a media type, for instance text/plain");
        }
        return new MediaType(text.substring(from, slash), text.substring(slash + 1, end), parameters(text, end));
    }

    /** Reads parameters from an index to the end (RFC 9110 §5.6.6); the first of each name counts. */
    static Map<String, String> parameters(String text, int from) {
        Map<String, String> parameters = new LinkedHashMap<>();
        int i = TextGrammar.skipSpace(text, from);
        while (i < text.length()) {
            if (text.charAt(i) != ';') {
                throw new MalformedTextException(text, i, "a semicolon or the end");
            }
            int name = TextGrammar.skipSpace(text, i + 1);
            int equals = Tokens.end(text, name);
            if (equals == name && (name == text.length() || text.charAt(name) == ';')) {
                i = name;
                continue;
            }
            if (equals == name || equals == text.length() || text.charAt(equals) != '=') {
                throw new MalformedTextException(text, equals, "the name of a parameter and an equals sign");
            }
            StringBuilder value = new StringBuilder();
            int end;
            if (equals + 1 < text.length() && text.charAt(equals + 1) == '"') {
                end = TextGrammar.quotedString(text, equals + 1, value);
            } else {
                end = Tokens.end(text, equals + 1);
                value.append(text, equals + 1, end);
                if (value.length() == 0) {
                    throw new MalformedTextException(text, end, "a token or a quoted string");
                }
            }
            parameters.putIfAbsent(text.substring(name, equals).toLowerCase(Locale.ROOT), value.toString());
            i = TextGrammar.skipSpace(text, end);
        }
        return parameters;
    }

    /**
     * The value of a parameter.
     *
     * @param name its name, in any case
     * @return its value
     */
    public Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name.toLowerCase(Locale.ROOT)));
    }

    /**
     * The charset that the parameter of this name tells.
     *
     * @return the charset; empty if none is told
     * @throws IllegalArgumentException if it is told and this JDK does not know it
     */
    public Optional<Charset> charset() {
        return parameter("charset").map(Charset::forName);
    }

    /**
     * Tells whether this is a type, whatever its parameters are.
     *
     * @param essence type and subtype, for instance {@code text/html}, in lower case
     * @return whether it is that
     */
    public boolean is(String essence) {
        return essence.length() == type.length() + 1 + subtype.length()
                && essence.startsWith(type)
                && essence.charAt(type.length()) == '/'
                && essence.endsWith(subtype);
    }

    /**
     * Tells whether a range includes this type: the type and the subtype are those of the range or it has asterisks for
     * them, and each parameter of the range is one of this type's. Values are compared without regard to case, as those
     * of {@code charset} are.
     *
     * @param range for instance {@code text/*}
     * @return whether it does
     */
    public boolean isIn(MediaType range) {
        return (range.type.equals("*") || range.type.equals(type))
                && (range.subtype.equals("*") || range.subtype.equals(subtype))
                && range.parameters.entrySet().stream()
                        .allMatch(wanted -> wanted.getValue().equalsIgnoreCase(parameters.get(wanted.getKey())));
    }

    /** Writes it as the value of a field. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(type).append('/').append(subtype);
        parameters.forEach((name, value) -> {
            text.append("; ").append(name).append('=');
            TextGrammar.appendValue(text, value);
        });
        return text.toString();
    }
}
