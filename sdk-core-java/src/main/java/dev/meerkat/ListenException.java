package dev.meerkat;

import java.io.IOException;
import java.io.UncheckedIOException;

/** An address could not be listened on: in use, not of this host, or not permitted. The cause is the system's own. */
public final class ListenException extends UncheckedIOException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message the address and what the system said
     * @param cause what the system threw, usually a {@link java.net.BindException}
     */
    public ListenException(String message, IOException cause) {
        super(message, cause);
    }
}
