package dev.meerkat;

/** A closed event manager was asked for something. */
public final class ManagerClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message which manager, and what it was asked for
     */
    public ManagerClosedException(String message) {
        super(message);
    }
}
