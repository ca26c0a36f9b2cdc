package dev.meerkat.http;

import dev.meerkat.internal.check.Tokens;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Cookies that a user agent sends back (RFC 6265 §4.2, §5.4). */
public final class Cookies {
    private Cookies() {}

    /**
     * Reads what user agents send, which is more than the grammar allows: a jar holds what other programs of the domain
     * made. A pair counts if its name is a token and its value has no control character; spaces around both are taken
     * off, and quotation marks around a value are part of it, as they were when it was set. Other pairs are left out.
     * Of several pairs with one name the first counts, as user agents send the one with the longer path first.
     *
     * @param fields the values of {@code Cookie}; one of HTTP/1.1 usually, but gateways split them
     * @return name and value in their order
     */
    public static Map<String, String> parse(List<String> fields) {
        Map<String, String> cookies = new LinkedHashMap<>();
        for (String field : fields) {
            int from = 0;
            while (from < field.length()) {
                int end = field.indexOf(';', from);
                end = end < 0 ? field.length() : end;
                add(cookies, field, from, end);
                from = end + 1;
            }
        }
        return Collections.unmodifiableMap(cookies);
    }

    private static void add(Map<String, String> cookies, String field, int from, int end) {
        int equals = field.indexOf('=', from);
        if (equals < 0 || equals > end) {
            return;
        }
        String name = field.substring(from, equals).strip();
        String value = field.substring(equals + 1, end).strip();
        if (Tokens.isToken(name) && value.chars().allMatch(c -> c >= ' ' && c != 0x7F)) {
            cookies.putIfAbsent(name, value);
        }
    }
}
