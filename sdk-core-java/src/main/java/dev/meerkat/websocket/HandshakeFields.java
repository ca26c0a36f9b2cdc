package dev.meerkat.websocket;

import java.util.List;
import java.util.Locale;

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

    private HandshakeFields() {}

    static void requireFree(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("sec-websocket-") || lower.equals("upgrade") || lower.equals("connection")) {
            throw new IllegalArgumentException("the handshake sets the field " + name + " itself");
        }
    }

    /** Of a request: those that HTTP sets, or another option. */
    static void requireNoneOfHttp(String name) {
        if (NOT_OF_PROGRAMS.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("the field " + name + " is set by HTTP, or by an option of its own");
        }
    }
}
