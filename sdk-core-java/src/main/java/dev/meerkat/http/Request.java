package dev.meerkat.http;

import dev.meerkat.Connection;
import dev.meerkat.event.Bytes;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A request that a server received, and the way to answer it. Exactly one answer is sent; if nobody gives one within
 * {@link HttpServerOptions#answerTimeout()} it is 503.
 *
 * <p>To be used on the loop thread, but for {@link #respond}. Valid until the answer has been sent; what it holds of
 * the head stays valid.
 */
public interface Request {
    /**
     * The connection that the request came on.
     *
     * @return the connection, for its addresses, timers and options; what is sent to it directly goes out between the
     *     bytes of HTTP and breaks the protocol
     */
    Connection connection();

    /**
     * Which request of its connection it is.
     *
     * @return 1 for the first
     */
    long number();

    /**
     * The head as it was received.
     *
     * @return method, target, version and fields
     */
    RequestHead head();

    /**
     * The method.
     *
     * @return for example {@code GET}; methods are case-sensitive (RFC 9110 §9.1)
     */
    default String method() {
        return head().method();
    }

    /**
     * The path of the target, decoded: percent escapes are UTF-8.
     *
     * @return the path, beginning with a slash; {@code *} for the asterisk form
     * @throws ResponseException with 400 if an escape is malformed or not UTF-8
     */
    default String path() {
        return RequestTexts.path(head());
    }

    /**
     * What a route's template captured; all of it is in the attribute {@link RouteMatch}.
     *
     * @param name the name in braces
     * @return the captured text, decoded
     * @throws IllegalArgumentException if the route that matched captures no such name
     */
    default String path(String name) {
        return RequestTexts.captured(attribute(RouteMatch.class), name);
    }

    /**
     * The first parameter of the query with this name (application/x-www-form-urlencoded, URL standard §5.1).
     *
     * @param name the decoded name
     * @return its decoded value; empty if there is none
     * @throws ResponseException with 400 if the query is malformed or has more than the limit of parameters
     */
    default Optional<String> query(String name) {
        return query().first(name);
    }

    /**
     * All parameters of the query.
     *
     * @return the decoded parameters in their order
     * @throws ResponseException as of {@link #query(String)}
     */
    default Parameters query() {
        return RequestTexts.query(head());
    }

    /**
     * The first value of a field.
     *
     * @param name the name of the field, in any case
     * @return its value without surrounding white space
     */
    default Optional<String> header(String name) {
        return head().headers().first(name);
    }

    /**
     * The cookies that the peer sent (RFC 6265 §4.2).
     *
     * @return name and value in their order, the first of each name; malformed pairs are left out as user agents' jars
     *     hold what other sites of the domain made
     */
    default Map<String, String> cookies() {
        return RequestTexts.cookies(head());
    }

    /**
     * The body as it comes.
     *
     * @return the same object each time
     */
    RequestBody body();

    /**
     * The gathered body.
     *
     * @return all its bytes
     * @throws IllegalStateException if the body has not been gathered: see {@link #gather}
     */
    Bytes bytes();

    /**
     * The gathered body as text, in the charset of its content type, or else in UTF-8.
     *
     * @return the text
     * @throws IllegalStateException if the body has not been gathered
     * @throws ResponseException with 415 if the charset is not known here, with 400 if the bytes are not of it
     */
    String text();

    /**
     * The gathered body as a form of the type application/x-www-form-urlencoded.
     *
     * @return the decoded parameters in their order
     * @throws IllegalStateException if the body has not been gathered
     * @throws ResponseException with 415 if it is of another type, with 400 if it is malformed
     */
    Parameters form();

    /**
     * Waits for the whole body, within {@link HttpLimits#bufferedBodyBytes()}, and then has the request handled. If
     * there is no body, or it is here already, that is at once.
     *
     * @param handler its {@link HttpHandler#handle} is called
     * @return the handler's answer; or one that will come later: 413 if the body is larger than the limit
     * @throws Exception what the handler throws
     */
    Response gather(HttpHandler handler) throws Exception;

    /**
     * The same within another limit.
     *
     * @param limit the most bytes to keep in memory
     * @param handler its {@link HttpHandler#handle} is called
     * @return the handler's answer, or one that will come later
     * @throws Exception what the handler throws
     */
    Response gather(int limit, HttpHandler handler) throws Exception;

    /**
     * Any thread. Answers the request. Off the loop thread the answer is posted. For handlers of events; where a
     * handler returns a response, that is the answer, and one that is not known yet is a {@linkplain Response#later
     * later} one.
     *
     * @param response the answer; a {@linkplain Response#later later} one is sent when it is known
     * @throws IllegalStateException if the request has been answered before, as far as the caller's thread can know;
     *     else it is reported as a handler's failure
     */
    void respond(Response response);

    /**
     * Answers with what a handler gives or throws, by the rules of {@link HttpHandler#handle}.
     *
     * @param handler its {@link HttpHandler#onHead} is called
     */
    void answerWith(HttpHandler handler);

    /**
     * Sends an interim response before the final one (RFC 9110 §15.2), for example 103 with links. To a peer that
     * speaks HTTP/1.0 none is sent.
     *
     * @param status 100 to 199 but 101
     * @param headers its fields
     * @throws IllegalArgumentException if the status is another, or a field is about the framing of a body, which
     *     interim responses have none of (RFC 9110 §8.6, RFC 9112 §6.1)
     * @throws IllegalStateException if the request has been answered
     */
    void inform(int status, Headers headers);

    /**
     * Whether an answer was given.
     *
     * @return true from {@link #respond} on
     */
    boolean isAnswered();

    /**
     * Becomes complete when the exchange is over: the last byte of the answer was taken by the operating system, or the
     * connection has ended.
     *
     * @return true if the whole answer was sent; completed on the loop thread
     */
    CompletionStage<Boolean> whenSent();

    /**
     * Runs something as soon as nobody wants the handler's answer any more, so that work for it can be given up: the
     * connection has ended before all of the answer was handed to it, or the server has answered in the handler's
     * place, because that failed or was late, or because the body broke a rule. If it is so already, at once. Never
     * after the whole answer was handed to the connection; that it has left as well tells {@link #whenSent}.
     *
     * <p>A peer that has ended its side of the connection may wait for its answer still (RFC 9112 §9.5), and is taken
     * to do so.
     *
     * @param task runs once, on the loop thread; of several each, in their order
     */
    void onUnwanted(Runnable task);

    /**
     * Remembers something for who handles the request next, for example who the peer is.
     *
     * @param type under which to find it
     * @param value what to remember; null forgets
     * @param <T> the type
     */
    <T> void attribute(Class<T> type, @Nullable T value);

    /**
     * What was remembered.
     *
     * @param type under which
     * @param <T> the type
     * @return the value
     */
    <T> Optional<T> attribute(Class<T> type);
}
