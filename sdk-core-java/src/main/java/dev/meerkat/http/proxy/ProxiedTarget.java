package dev.meerkat.http.proxy;

import java.util.regex.Pattern;

/** What a target becomes on its way through a proxy. */
final class ProxiedTarget {
    /**
     * A dot segment, however it is spelt: a server may decode before it looks for one, take a backslash for a slash, or
     * cut off what is behind a semicolon.
     */
    private static final Pattern DOTS =
            Pattern.compile("(?:^|/|\\\\|%2f|%5c)(?:\\.|%2e){1,2}(?:$|/|\\\\|;|%2f|%5c|%3b)", Pattern.CASE_INSENSITIVE);

    /** Beside letters and digits; brackets in a query only. */
    private static final String ALLOWED = "-._~/?:@!$&'()*+,;=[]";

    private static final String HEX = "0123456789ABCDEF";

    private ProxiedTarget() {}

    /** Whether a path may lead elsewhere than below where it begins. */
    static boolean hasDotSegment(String path) {
        return DOTS.matcher(path).find();
    }

    /**
     * A path or a query as a URI may contain it: what it may not is percent-encoded, a percent sign too that escapes
     * nothing; a character stands for a byte. What is escaped remains as it is.
     */
    static String legal(String part, boolean query) {
        StringBuilder legal = null;
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (isLegal(part, i, query)) {
                if (legal != null) {
                    legal.append(c);
                }
                continue;
            }
            if (legal == null) {
                legal = new StringBuilder(part.length() + 8).append(part, 0, i);
            }
            legal.append('%').append(HEX.charAt(c >> 4 & 15)).append(HEX.charAt(c & 15));
        }
        return legal == null ? part : legal.toString();
    }

    private static boolean isLegal(String part, int index, boolean query) {
        char c = part.charAt(index);
        if (c == '%') {
            return isHex(part, index + 1) && isHex(part, index + 2);
        }
        if (c == '[' || c == ']' || c == '?') {
            return query;
        }
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || ALLOWED.indexOf(c) >= 0;
    }

    private static boolean isHex(String part, int index) {
        return index < part.length() && HEX.indexOf(Character.toUpperCase(part.charAt(index))) >= 0;
    }
}
