package dev.meerkat.nats;

import java.util.Objects;

/** Why the bus could not be connected. */
public final class NatsBusException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What programs decide by. */
    public enum Kind {
        /** The server does not know the user, the password, the token or the key. Asking again does not help. */
        AUTHENTICATION,
        /** TLS failed: a certificate that is not trusted, or one side that does not want it. */
        TLS,
        /** No server answers, or it ended the connection. Asking again may help. */
        UNREACHABLE
    }

    private final Kind kind;

    NatsBusException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = Objects.requireNonNull(kind, "kind");
    }

    /**
     * What it was.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }
}
