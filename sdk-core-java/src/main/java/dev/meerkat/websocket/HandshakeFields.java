package dev.meerkat.websocket;

import java.util.Locale;

/** The fields that the opening handshake itself sets. */
final class HandshakeFields {
    private HandshakeFields() {}

    static void requireFree(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.startsWith("sec-websocket-") || lower.equals("upgrade") || lower.equals("connection")) {
            throw new IllegalArgumentException("the handshake sets the field " + name + " itself");
        }
    }
}
