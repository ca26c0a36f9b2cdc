package dev.meerkat.http;

import java.util.Objects;

/**
 * Thrown by a handler to answer with a certain response; nothing is reported, since nothing went wrong here.
 *
 * <pre>{@code
 * throw new ResponseException(404, "no such room");
 * }</pre>
 */
public final class ResponseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Response response;

    /**
     * Answers with a status and a sentence.
     *
     * @param status 400 to 599
     * @param message the sentence for the peer, sent as the body of the error page
     */
    public ResponseException(int status, String message) {
        this(Response.error(status, message));
    }

    /**
     * Answers with any response.
     *
     * @param response the answer
     */
    public ResponseException(Response response) {
        super("answered with " + response.status(), null, false, false);
        this.response = Objects.requireNonNull(response, "response");
    }

    /**
     * The answer.
     *
     * @return the response
     */
    public Response response() {
        return response;
    }
}
