package dev.meerkat.internal.httpclient;

import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Resolves references as RFC 3986 §5.2 says, which {@link URI#resolve} does not for empty paths and lone queries. */
final class UriReference {
    /** RFC 3986, appendix B. */
    private static final Pattern PARTS =
            Pattern.compile("(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\\?([^#]*))?(?:#(.*))?", Pattern.DOTALL);

    private static final String ALLOWED = "-._~:/?#[]@!$&'()*+,;=%";
    private static final String HEX = "0123456789ABCDEF";

    private UriReference() {}

    /**
     * Resolves.
     *
     * @param base absolute
     * @param reference as a server wrote it; what no URI may contain is percent-encoded, byte by byte
     * @return an absolute URI; the fragment is the reference's, or else the base's (RFC 9110 §10.2.2)
     * @throws IllegalArgumentException if the result is no URI
     */
    static URI resolve(URI base, String reference) {
        Matcher parts = PARTS.matcher(escape(reference.strip()));
        if (!parts.matches()) {
            throw new IllegalArgumentException("no reference: " + reference);
        }
        String fragment = parts.group(5) != null ? parts.group(5) : base.getRawFragment();
        String path = parts.group(3);
        String query = parts.group(4);
        if (parts.group(1) != null) {
            return uri(parts.group(1), parts.group(2), removeDots(path), query, fragment);
        }
        if (parts.group(2) != null) {
            return uri(base.getScheme(), parts.group(2), removeDots(path), query, fragment);
        }
        String resolved = path;
        if (path.isEmpty()) {
            resolved = base.getRawPath();
            query = query != null ? query : base.getRawQuery();
        } else if (path.startsWith("/")) {
            resolved = removeDots(path);
        } else {
            String basePath = base.getRawPath().isEmpty() ? "/" : base.getRawPath();
            resolved = removeDots(basePath.substring(0, basePath.lastIndexOf('/') + 1) + path);
        }
        return uri(base.getScheme(), base.getRawAuthority(), resolved, query, fragment);
    }

    private static URI uri(
            String scheme, @Nullable String authority, String path, @Nullable String query, @Nullable String fragment) {
        return URI.create(scheme
                + ":"
                + (authority == null ? "" : "//" + authority)
                + path
                + (query == null ? "" : "?" + query)
                + (fragment == null ? "" : "#" + fragment));
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            if (plain || ALLOWED.indexOf(c) >= 0) {
                escaped.append(c);
            } else { // a character stands for a byte
                escaped.append('%').append(HEX.charAt(c >> 4 & 15)).append(HEX.charAt(c & 15));
            }
        }
        return escaped.toString();
    }

    /** RFC 3986 §5.2.4. */
    static String removeDots(String path) {
        StringBuilder output = new StringBuilder(path.length());
        int at = 0;
        while (at < path.length()) {
            int next = path.indexOf('/', at + 1);
            String segment = path.substring(at, next < 0 ? path.length() : next); // with its slash in front
            boolean last = next < 0;
            switch (segment) {
                case "/." -> output.append(last ? "/" : "");
                case "/.." -> {
                    output.setLength(Math.max(0, output.lastIndexOf("/")));
                    output.append(last ? "/" : "");
                }
                case ".", ".." -> {
                    // in front of a relative path, where they mean nothing
                }
                default -> output.append(segment);
            }
            at = last ? path.length() : next;
        }
        return output.toString();
    }
}
