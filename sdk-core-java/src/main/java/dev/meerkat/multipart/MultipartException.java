package dev.meerkat.multipart;

import java.io.IOException;
import java.util.Objects;

/**
 * A multipart body was not read to its end. Completes what a program waits for; a handler is told by events instead.
 */
public final class MultipartException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient MultipartError error;

    /**
     * Makes the exception.
     *
     * @param error why
     */
    public MultipartException(MultipartError error) {
        super(error.toString(), error.cause().orElse(null));
        this.error = Objects.requireNonNull(error, "error");
    }

    /**
     * Why.
     *
     * @return the error; programs decide by its kind
     */
    public MultipartError error() {
        return error;
    }
}
