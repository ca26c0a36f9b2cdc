package dev.meerkat.http;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;

/**
 * Answers requests: one request in, one {@link Response} out.
 *
 * <pre>{@code
 * manager.listen("http://127.0.0.1:8000", HttpHandler.of(request -> Response.text("Hello, " + request.query("name").orElse("you"))));
 * }</pre>
 *
 * <p>{@link #handle} is called when the whole request is there, with its body in memory if it is within
 * {@link HttpLimits#bufferedBodyBytes()}; a larger one is answered with 413 and the handler never runs. Who wants the
 * request at its head, to stream the body or to refuse it before it is sent, makes a handler with {@link #streaming}.
 *
 * <p>It is made of events, beside them: a handler of requests is a {@link Handler} that answers
 * {@link HttpEvent.RequestReceived} and leaves all other events alone. One that wants those as well overrides
 * {@link #onEvent}.
 *
 * <p>One handler serves any number of connections and managers; it is called on the loop thread of the connection.
 */
@FunctionalInterface
// A lambda cannot be meant for the other interface by mistake: it has two parameters.
@SuppressWarnings("FunctionalInterfaceMethodChanged")
public interface HttpHandler extends Handler {
    /**
     * Answers a request.
     *
     * @param request the request, its body complete unless the handler is {@linkplain #streaming streaming}; to be used
     *     on the loop thread until it is answered
     * @return the answer; {@link Response#later} if it is not known yet
     * @throws Exception a {@link ResponseException} is answered as it says; anything else is reported as a handler's
     *     failure and answered with 500; the connection lives on in both cases
     */
    Response handle(Request request) throws Exception;

    /**
     * Answers a request whose head is here and whose body may not be. By default waits for the body and calls
     * {@link #handle}. What stands between, a filter or a router, calls this of the next one.
     *
     * @param request the request; its body has not been asked for
     * @return the answer, or one that will come later
     * @throws Exception as of {@link #handle}
     */
    default Response onHead(Request request) throws Exception {
        return request.gather(this);
    }

    /** Answers {@link HttpEvent.RequestReceived} with what {@link #onHead} gives; ignores all else. */
    @Override
    default void onEvent(Connection connection, Event event) throws Exception {
        if (event instanceof HttpEvent.RequestReceived received) {
            received.request().answerWith(this);
        }
    }

    /**
     * Names the type of a lambda.
     *
     * @param handler answers whole requests
     * @return the same
     */
    static HttpHandler of(HttpHandler handler) {
        return handler;
    }

    /**
     * Makes a handler that is called as soon as the head of a request is there. Its body is read, or refused, by means
     * of {@link Request#body()}; what nobody reads is thrown away within bounds after the answer.
     *
     * @param handler its {@link #handle} is called with a request whose body has not been asked for
     * @return a handler that does not gather bodies
     */
    static HttpHandler streaming(HttpHandler handler) {
        return new StreamingHandler(handler);
    }

    /**
     * Puts filters in front of this handler.
     *
     * @param filters the outermost first
     * @return a handler that passes requests through the filters
     */
    default HttpHandler with(HttpFilter... filters) {
        HttpHandler handler = this;
        for (int i = filters.length - 1; i >= 0; i--) {
            handler = new FilteredHandler(filters[i], handler);
        }
        return handler;
    }
}
