package dev.meerkat.websocket;

/** The grammar of sub-protocols' names: tokens (RFC 6455 §4.1, item 10). */
final class WebSocketNames {
    private static final String SEPARATORS = "()<>@,;:\\\"/[]?={} \t";

    private WebSocketNames() {}

    static String requireToken(String name) {
        boolean valid = !name.isEmpty();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            valid &= c > ' ' && c < 0x7F && SEPARATORS.indexOf(c) < 0;
        }
        if (!valid) {
            throw new IllegalArgumentException(
                    "the name of a sub-protocol is a token (RFC 6455 4.1): \"" + name + "\"");
        }
        return name;
    }
}
