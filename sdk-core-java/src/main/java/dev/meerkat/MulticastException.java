package dev.meerkat;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A multicast group could not be joined or left: there is no such interface, it has no address of the group's family,
 * or the system has no room for one more membership. The cause is the system's own. The socket goes on.
 */
public final class MulticastException extends UncheckedIOException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message the socket, the group, the interface, and what the system said
     * @param cause what the system threw
     */
    public MulticastException(String message, IOException cause) {
        super(message, cause);
    }
}
