package dev.meerkat.http.filter;

import dev.meerkat.internal.check.Tokens;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The texts of authentication (RFC 9110 §11). */
final class AuthText {
    private AuthText() {}

    /** A quoted string. */
    static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** A realm can be shown to people; it must survive a field. */
    static String checkRealm(String realm) {
        for (int i = 0; i < realm.length(); i++) {
            if (realm.charAt(i) < ' ' || realm.charAt(i) > '~') {
                throw new IllegalArgumentException("expected a realm of visible ASCII and spaces");
            }
        }
        return realm;
    }

    /** What follows the name of a scheme in {@code Authorization}; empty if it is another scheme. */
    static Optional<String> credentials(Optional<String> authorization, String scheme) {
        return authorization
                .filter(value -> value.regionMatches(true, 0, scheme + " ", 0, scheme.length() + 1))
                .map(value -> value.substring(scheme.length() + 1).strip());
    }

    /**
     * Reads parameters: names, equals signs, tokens or quoted strings, commas.
     *
     * @return by name in lower case; null if they are malformed or a name comes twice
     */
    static @Nullable Map<String, String> parameters(String text) {
        Map<String, String> parameters = new LinkedHashMap<>();
        int i = 0;
        while (true) {
            while (i < text.length() && " \t,".indexOf(text.charAt(i)) >= 0) {
                i++;
            }
            if (i == text.length()) {
                return parameters;
            }
            int equals = text.indexOf('=', i);
            String name = equals < 0 ? "" : text.substring(i, equals).strip();
            StringBuilder value = new StringBuilder();
            int end = equals < 0 ? -1 : value(text, equals + 1, value);
            if (end < 0
                    || !Tokens.isToken(name)
                    || parameters.putIfAbsent(name.toLowerCase(Locale.ROOT), value.toString()) != null) {
                return null;
            }
            i = end;
            while (i < text.length() && (text.charAt(i) == ' ' || text.charAt(i) == '\t')) {
                i++;
            }
            if (i < text.length() && text.charAt(i) != ',') {
                return null;
            }
        }
    }

    /** Reads a token or a quoted string; returns the index behind it, -1 if there is none. */
    private static int value(String text, int from, StringBuilder value) {
        int i = from;
        while (i < text.length() && (text.charAt(i) == ' ' || text.charAt(i) == '\t')) {
            i++;
        }
        if (i < text.length() && text.charAt(i) == '"') {
            i++;
            while (i < text.length() && text.charAt(i) != '"') {
                i += text.charAt(i) == '\\' ? 1 : 0;
                if (i < text.length()) {
                    value.append(text.charAt(i++));
                }
            }
            return i < text.length() ? i + 1 : -1;
        }
        while (i < text.length() && Tokens.has(text.charAt(i))) {
            value.append(text.charAt(i++));
        }
        return value.length() == 0 ? -1 : i;
    }

    /** Compares without telling by its time where texts differ. */
    static boolean same(String expected, String found) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), found.getBytes(StandardCharsets.UTF_8));
    }
}
