package dev.meerkat.testkit;

/** A fault was asked for that cannot happen there. Thrown when it is set up, so that no test passes for its absence. */
public final class UnsupportedFaultException extends UnsupportedOperationException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message which fault, and why it cannot happen
     */
    public UnsupportedFaultException(String message) {
        super(message);
    }
}
