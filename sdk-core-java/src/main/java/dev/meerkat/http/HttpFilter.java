package dev.meerkat.http;

/**
 * Stands in front of a handler: may answer itself, change the request's attributes, or change the answer.
 *
 * <pre>{@code
 * HttpFilter stamp = (request, next) -> next.onHead(request).map(response -> response.withHeader("X-Stamp", "1"));
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
}
