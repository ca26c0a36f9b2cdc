package dev.meerkat.internal.tls;

import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import java.io.IOException;

/**
 * TLS went wrong: an I/O failure that knows its kind. Without a stack trace of its own; what was thrown below is its
 * cause.
 */
public final class TlsFailure extends IOException {
    private static final long serialVersionUID = 1;

    private final transient ConnectionError error;

    /**
     * Makes a failure.
     *
     * @param error what it is for programs
     */
    public TlsFailure(ConnectionError error) {
        super(error.message(), error.cause().orElse(null));
        this.error = error;
    }

    static TlsFailure of(Kind kind, String message) {
        return new TlsFailure(ConnectionError.of(kind, message));
    }

    /**
     * What it is for programs.
     *
     * @return the error
     */
    public ConnectionError error() {
        return error;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
