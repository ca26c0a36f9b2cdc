package dev.meerkat.internal.httpclient;

import java.net.URI;
import java.util.Locale;

/**
 * Who answers for a URI (RFC 9110 §4.3.1): scheme, host and port.
 *
 * @param secure whether the scheme is {@code https}
 * @param host in lower case, an IPv6 address in brackets
 * @param port the port, also if the URI leaves it out
 */
record Origin(boolean secure, String host, int port) {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    /** The origin of an absolute URI; anything else is misuse. */
    static Origin of(URI uri) {
        if (uri.getScheme() == null) {
            throw new IllegalArgumentException("expected an absolute URI, found " + uri);
        }
        boolean secure = uri.getScheme().equalsIgnoreCase("https");
        String authority = uri.getRawAuthority().toLowerCase(Locale.ROOT);
        int colon = authority.lastIndexOf(':');
        boolean explicit = colon > authority.lastIndexOf(']');
        String host = explicit ? authority.substring(0, colon) : authority;
        String port = explicit ? authority.substring(colon + 1) : "";
        int number = port.isEmpty() ? secure ? HTTPS_PORT : HTTP_PORT : Integer.parseInt(port);
        return new Origin(secure, host, number);
    }

    /** The value of {@code Host}: without the port that the scheme implies (RFC 9110 §7.2). */
    String hostField() {
        return port == (secure ? HTTPS_PORT : HTTP_PORT) ? host : hostAndPort();
    }

    String hostAndPort() {
        return host + ":" + port;
    }

    /** The host without brackets. */
    String bareHost() {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    String scheme() {
        return secure ? "https" : "http";
    }

    /** The target of a request to this origin (RFC 9112 §3.2.1). */
    static String target(URI uri) {
        String path = uri.getRawPath();
        String target = path == null || path.isEmpty() ? "/" : path;
        return uri.getRawQuery() == null ? target : target + "?" + uri.getRawQuery();
    }
}
