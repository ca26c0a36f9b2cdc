package dev.meerkat.websocket;

import java.util.Objects;

/**
 * What was wrong with the peer's half of an opening handshake. No WebSocket comes of it.
 *
 * @param rule which rule was broken; programs decide by it
 * @param message one sentence for people: what was found, and what was expected; it may change from release to release,
 *     and what it quotes of the input is made printable
 */
public record HandshakeError(HandshakeRule rule, String message) {
    // Both are needed.
    public HandshakeError {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(message, "message");
    }

    /**
     * Where the rule stands.
     *
     * @return for instance {@code RFC 6455 4.2.1}
     */
    public String source() {
        return rule.source();
    }

    /**
     * What a server answers.
     *
     * @return the status, as of {@link HandshakeRule#status()}
     */
    public int status() {
        return rule.status();
    }
}
