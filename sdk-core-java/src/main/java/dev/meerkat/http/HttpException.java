package dev.meerkat.http;

import java.io.IOException;

/** A peer broke a rule of HTTP, or a limit. Completes what a program waits for; a server answers instead. */
public final class HttpException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient HttpError error;

    /**
     * Makes the exception.
     *
     * @param error which rule was broken, and how
     */
    public HttpException(HttpError error) {
        super(error.message() + " (" + error.source() + ")");
        this.error = error;
    }

    /**
     * Which rule was broken; programs decide by {@link HttpError#rule()}.
     *
     * @return the error
     */
    public HttpError error() {
        return error;
    }
}
