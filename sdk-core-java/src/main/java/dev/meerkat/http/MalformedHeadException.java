package dev.meerkat.http;

/**
 * A program wanted to build a head or a header field that must not go on the wire: a name that is no token, a value
 * with a line break, a target with a space. The message names the part and the place in it.
 */
public final class MalformedHeadException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message which part, what was found in it and where, and what was expected
     */
    public MalformedHeadException(String message) {
        super(message);
    }
}
