package dev.meerkat.internal.websocket;

import dev.meerkat.websocket.HandshakeError;
import dev.meerkat.websocket.HandshakeRule;

/**
 * The peer's half of a handshake breaks a rule. Has no stack trace: it is the peer's fault, and it may be an attack.
 */
public final class HandshakeException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient HandshakeError error;

    /**
     * Makes the exception.
     *
     * @param rule which rule was broken
     * @param message what was found, and what was expected
     */
    public HandshakeException(HandshakeRule rule, String message) {
        super(message, null, false, false);
        error = new HandshakeError(rule, message);
    }

    /**
     * What was wrong.
     *
     * @return the error
     */
    public HandshakeError error() {
        return error;
    }
}
