package dev.meerkat;

/** A method that belongs to a manager's loop thread was called from another one. */
public final class WrongThreadException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message who called what, and which thread owns the manager
     */
    public WrongThreadException(String message) {
        super(message);
    }
}
