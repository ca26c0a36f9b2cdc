package dev.meerkat.tls;

/** A PEM text, or what it holds, is not what was expected. The message names the file, the block and its line. */
public final class MalformedPemException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message which block of which file is wrong, what was found there and what was expected
     */
    public MalformedPemException(String message) {
        super(message);
    }

    /**
     * Makes the exception with a cause.
     *
     * @param message which block of which file is wrong, what was found there and what was expected
     * @param cause what was thrown below
     */
    public MalformedPemException(String message, Throwable cause) {
        super(message, cause);
    }
}
