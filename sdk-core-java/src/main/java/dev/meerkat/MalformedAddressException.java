package dev.meerkat;

/** An address does not follow the grammar {@code [scheme://][host]:port} or {@code unix:path}. */
public final class MalformedAddressException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message the address, what is wrong with it and what was expected
     */
    public MalformedAddressException(String message) {
        super(message);
    }
}
