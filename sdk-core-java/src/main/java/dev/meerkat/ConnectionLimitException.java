package dev.meerkat;

/** A manager holds as many connections as its options allow; the new one was not made. */
public final class ConnectionLimitException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message the manager and its limit
     */
    public ConnectionLimitException(String message) {
        super(message);
    }
}
