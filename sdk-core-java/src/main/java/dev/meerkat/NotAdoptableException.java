package dev.meerkat;

import org.jspecify.annotations.Nullable;

/**
 * A channel cannot be adopted as it is: it is closed, not connected or not bound, still connecting, shut down, or
 * registered with somebody else's selector. It still belongs to the caller and is as it was before.
 */
public final class NotAdoptableException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /**
     * Makes the exception.
     *
     * @param message what is wrong with the channel and what was expected
     * @param cause what the system threw, or null
     */
    public NotAdoptableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
