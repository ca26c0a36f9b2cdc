package dev.meerkat.websocket;

import java.util.Objects;

/**
 * What a peer did wrong on an open WebSocket. After it nothing that it sends is read; it is told the
 * {@linkplain #closeCode() code} and the connection ends.
 *
 * @param rule which rule or limit was broken; programs decide by it
 * @param position where in the bytes that came after the handshake, 0 being the first, it was found to be broken; of a
 *     compressed message that is no more UTF-8, or too long, where its last bytes were
 * @param message one sentence for people: what was found, and what was expected; it may change from release to release
 */
public record WebSocketError(WebSocketRule rule, long position, String message) {
    // All are needed.
    public WebSocketError {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(message, "message");
    }

    /**
     * Where the rule stands.
     *
     * @return for instance {@code RFC 6455 5.2}
     */
    public String source() {
        return rule.source();
    }

    /**
     * The code of the close frame that answers it.
     *
     * @return 1002, 1007, 1008 or 1009
     */
    public int closeCode() {
        return rule.closeCode();
    }
}
