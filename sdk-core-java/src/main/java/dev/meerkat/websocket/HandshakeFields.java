package dev.meerkat.websocket;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The fields that the opening handshake itself sets. */
final class HandshakeFields {
    private static final List<String> NOT_OF_PROGRAMS = List.of(
            "host",
            "origin",
            "content-length",
            "transfer-encoding",
            "keep-alive",
            "proxy-connection",
            "proxy-authorization",
            "expect",
            "te");

    private static final Pattern HOST = Pattern.compile("([A-Za-z0-9._~-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?");

    private HandshakeFields() {}

    static void requireFree(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("sec-websocket-") || lower.equals("upgrade") || lower.equals("connection")) {
            throw new IllegalArgumentException("the handshake sets the field " + name + " itself");
        }
    }

    /** What stands in Host: a name or an address, IPv6 in brackets, perhaps with a port (RFC 9110 §7.2). */
    static void requireHost(String host) {
        if (!HOST.matcher(host).matches()) {
            throw new IllegalArgumentException("expected a host, perhaps with a port, found a value of " + host.length()
                    + " characters that is none");
        }
    }

    /** Of a request: those that HTTP sets, or another option. */
    static void requireNoneOfHttp(String name) {
        if (NOT_OF_PROGRAMS.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("the field " + name + " is set by HTTP, or by an option of its own");
        }
    }
}
