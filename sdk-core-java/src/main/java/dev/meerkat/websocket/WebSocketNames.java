package dev.meerkat.websocket;

import dev.meerkat.internal.check.Tokens;

/** The grammar of sub-protocols' names: tokens (RFC 6455 §4.1, item 10). */
final class WebSocketNames {
    private WebSocketNames() {}

    static String requireToken(String name) {
        if (!Tokens.isToken(name)) {
            throw new IllegalArgumentException(
                    "the name of a sub-protocol is a token (RFC 6455 4.1): \"" + name + "\"");
        }
        return name;
    }
}
