package dev.meerkat;

import dev.meerkat.event.ConnectionError;
import java.io.IOException;

/** A name could not be turned into addresses. Completes the futures of {@link Names}; never thrown at a caller. */
public final class LookupException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient ConnectionError error;

    /**
     * Makes the exception.
     *
     * @param error what went wrong, of kind {@code UNKNOWN_HOST}, {@code LOOKUP_FAILED}, {@code LOOKUP_TIMEOUT} or
     *     {@code MANAGER_CLOSED}
     */
    public LookupException(ConnectionError error) {
        super(error.message(), error.cause().orElse(null));
        this.error = error;
    }

    /**
     * What went wrong; programs decide by its kind.
     *
     * @return the error
     */
    public ConnectionError error() {
        return error;
    }
}
