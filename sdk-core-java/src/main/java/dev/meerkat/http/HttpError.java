package dev.meerkat.http;

import java.util.Objects;

/**
 * What a peer did wrong. After it the connection can only be closed: where the next message begins is unknown.
 *
 * @param rule which rule or limit was broken; programs decide by it
 * @param message one sentence for people: what was found, where, and what was expected; it may change from release to
 *     release, and what it quotes of the input is made printable
 */
public record HttpError(HttpRule rule, String message) {
    // Both are needed.
    public HttpError {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(message, "message");
    }

    /**
     * Where the rule stands.
     *
     * @return for instance {@code RFC 9112 6.3}
     */
    public String source() {
        return rule.source();
    }

    /**
     * What a server answers before it closes. A gateway whose upstream broke the rule answers 502 instead.
     *
     * @return the status, 400 to 505
     */
    public int status() {
        return rule.status();
    }
}
