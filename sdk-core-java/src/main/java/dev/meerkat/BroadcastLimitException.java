package dev.meerkat;

/** A broadcast is larger than the manager's broadcast limit. Nobody received it. */
public final class BroadcastLimitException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message the size and the limit
     */
    public BroadcastLimitException(String message) {
        super(message);
    }
}
