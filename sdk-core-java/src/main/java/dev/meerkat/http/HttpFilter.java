package dev.meerkat.http;

import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Stands in front of a handler: may answer itself, change the request's attributes, or change the answer.
 *
 * <pre>{@code
 * HttpFilter door = (request, next) -> isKnown(request) ? next.onHead(request) : Response.error(403, "not you");
 * }</pre>
 *
 * <p>It is called at the head, before the body was asked for: refusing here spares the peer the sending. One filter
 * serves any number of connections and managers, on the loop thread of each.
 */
@FunctionalInterface
public interface HttpFilter {
    /**
     * Answers a request, or has it answered.
     *
     * @param request a request whose body has not been asked for
     * @param next {@link HttpHandler#onHead} of it answers in the filter's place
     * @return the answer; {@link Response#map} changes one that comes later, too
     * @throws Exception as of {@link HttpHandler#handle}
     */
    Response filter(Request request, HttpHandler next) throws Exception;

    /**
     * Makes a filter that changes answers: those that are returned, now or later, and those that a
     * {@link ResponseException} carries. What the server answers after another failure it does not see.
     *
     * <pre>{@code
     * HttpFilter.changing((request, response) -> response.withHeader("X-Stamp", "1"))
     * }</pre>
     *
     * @param change is given the request and what was answered; on the thread that completes an answer that comes later
     * @return a filter
     */
    static HttpFilter changing(BiFunction<Request, Response, Response> change) {
        Objects.requireNonNull(change, "change");
        return (request, next) -> answer(request, next, response -> change.apply(request, response));
    }

    /**
     * Has a request answered and changes the answer, in the way of {@link #changing}.
     *
     * @param request the request
     * @param next answers
     * @param change is given what was answered; on the thread that completes an answer that comes later
     * @return the changed answer
     * @throws Exception as of {@link HttpHandler#handle}, other than a {@link ResponseException}
     */
    static Response answer(Request request, HttpHandler next, UnaryOperator<Response> change) throws Exception {
        return Answers.of(request, next, change);
    }
}
