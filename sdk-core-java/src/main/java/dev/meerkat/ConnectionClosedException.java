package dev.meerkat;

/** A connection was asked to send although it is closing or closed, or its output is shut down. Nothing was sent. */
public final class ConnectionClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message which connection, the state it is in, and the states in which sending is allowed
     */
    public ConnectionClosedException(String message) {
        super(message);
    }
}
