package dev.meerkat.http;

import dev.meerkat.internal.check.Tokens;
import dev.meerkat.websocket.WebSocketHandler;
import dev.meerkat.websocket.WebSocketServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a handler by method and path.
 *
 * <pre>{@code
 * manager.listen("http://127.0.0.1:8000", Router.create()
 *     .get("/hello/{name}", request -> Response.text("Hello, " + request.path("name")))
 *     .get("/docs/{page...}", request -> Response.text(request.path("page")))
 *     .mount("/api", Router.create()
 *         .filter(authentication)
 *         .post("/rooms", request -> Response.status(201))
 *         .onError(NoSuchRoom.class, (request, failure) -> Response.error(404, "no such room"))));
 * }</pre>
 *
 * <p><b>Templates</b> are paths after decoding. {@code {name}} captures a whole segment, which is not empty;
 * {@code {name...}} at the end captures all the rest, slashes in it, perhaps nothing. At each segment, from the left, a
 * literal goes before a capture and a capture before the rest, in whatever order the routes were added; where the
 * better one leads to no route of the method the next is tried. The same method and shape twice is refused.
 *
 * <p><b>Paths</b> are split at their slashes and then decoded, so that an escaped slash never separates: {@code {name}}
 * captures it as a slash, {@code {name...}} as {@code %2F}, and a percent sign as {@code %25}: that text may be split,
 * and each part decoded once more. A slash at the end matters: {@code /a} and {@code /a/} are two paths, and nobody is
 * redirected from one to the other. A path with a segment {@code .} or {@code ..}, however it is escaped, or with a
 * malformed escape is answered with 400.
 *
 * <p><b>Derived</b>: HEAD goes to the handler of GET, OPTIONS is answered with 204 and {@code Allow}, another method
 * that has no route with 405 and {@code Allow}, a path that has none with 404.
 *
 * <p>Routes are chosen when the head is there, so that streaming handlers and filters work as without a router. What
 * was chosen is in the attribute {@link RouteMatch}. A router can be changed until it is used: adding something after
 * the first request is refused. One router serves any number of connections and managers.
 */
public final class Router implements HttpHandler {
    /** Where a router begins that is mounted in another. */
    record Mounted(List<String> path, int from, RouteMatch outer) {
        /** A prefix alone is the mounted router's root. */
        static Mounted behind(List<String> path, int from, RouteMatch outer) {
            if (from < path.size()) {
                return new Mounted(path, from, outer);
            }
            List<String> longer = new ArrayList<>(path);
            longer.add("");
            return new Mounted(longer, from, outer);
        }
    }

    /** What stands behind the router's filters. An object, since every start makes one and no lambda, decision 0067. */
    private final class Dispatch implements HttpHandler {
        @Override
        public Response handle(Request request) throws Exception {
            return dispatch(request);
        }

        @Override
        public Response onHead(Request request) throws Exception {
            return dispatch(request);
        }
    }

    private static final RouteMatch NOTHING = new RouteMatch("", new LinkedHashMap<>());

    private final RouteTree routes = new RouteTree();
    private final List<HttpFilter> filters = new ArrayList<>();
    private @Nullable FailureAnswers failures;
    private @Nullable HttpHandler notFound;
    private HttpHandler chain = new Dispatch();
    private volatile boolean used;

    private Router() {}

    /**
     * Makes a router without routes.
     *
     * @return a router
     */
    public static Router create() {
        return new Router();
    }

    /**
     * Routes GET, and HEAD unless that has a route of its own.
     *
     * @param template which paths
     * @param handler answers
     * @return this
     * @throws IllegalArgumentException as of {@link #route}
     */
    public Router get(String template, HttpHandler handler) {
        return route("GET", template, handler);
    }

    /**
     * Routes POST.
     *
     * @param template which paths
     * @param handler answers
     * @return this
     * @throws IllegalArgumentException as of {@link #route}
     */
    public Router post(String template, HttpHandler handler) {
        return route("POST", template, handler);
    }

    /**
     * Routes PUT.
     *
     * @param template which paths
     * @param handler answers
     * @return this
     * @throws IllegalArgumentException as of {@link #route}
     */
    public Router put(String template, HttpHandler handler) {
        return route("PUT", template, handler);
    }

    /**
     * Routes PATCH (RFC 5789).
     *
     * @param template which paths
     * @param handler answers
     * @return this
     * @throws IllegalArgumentException as of {@link #route}
     */
    public Router patch(String template, HttpHandler handler) {
        return route("PATCH", template, handler);
    }

    /**
     * Routes DELETE.
     *
     * @param template which paths
     * @param handler answers
     * @return this
     * @throws IllegalArgumentException as of {@link #route}
     */
    public Router delete(String template, HttpHandler handler) {
        return route("DELETE", template, handler);
    }

    /**
     * Routes every method that has no route of its own.
     *
     * @param template which paths
     * @param handler answers
     * @return this
     * @throws IllegalArgumentException as of {@link #route}
     */
    public Router any(String template, HttpHandler handler) {
        return add(RouteTree.ANY, template, handler);
    }

    /**
     * Routes a method. Filters of this route alone: {@link HttpHandler#with}.
     *
     * @param method a token; its case matters
     * @param template which paths
     * @param handler answers
     * @return this
     * @throws IllegalArgumentException if the method is no token, the template is malformed, or another route has the
     *     same method and shape
     * @throws IllegalStateException if the router is in use
     */
    public Router route(String method, String template, HttpHandler handler) {
        if (!Tokens.isToken(method) || method.equals(RouteTree.ANY)) {
            throw new IllegalArgumentException(
                    "expected a method, found " + MalformedTextException.quote(method) + "; Router.any takes all");
        }
        return add(method, template, handler);
    }

    private Router add(String method, String template, HttpHandler handler) {
        requireUnused();
        routes.add(method, RouteTemplate.parse(template), Objects.requireNonNull(handler, "handler"));
        return this;
    }

    /**
     * Routes all that begins with a prefix to a router of its own, whose templates begin behind the prefix; its
     * {@code /} is the prefix itself, with and without a slash. What that router does not find it answers with its own
     * 404. Routes of this router that fit better go before it.
     *
     * @param prefix a template, which may capture; without a slash at its end
     * @param handler a router, perhaps behind filters, or any handler that looks at the path itself
     * @return this
     * @throws IllegalArgumentException if the prefix is malformed, or routed already
     * @throws IllegalStateException if the router is in use
     */
    public Router mount(String prefix, HttpHandler handler) {
        requireUnused();
        Objects.requireNonNull(handler, "handler");
        routes.add(RouteTree.ANY, RouteTemplate.mount(prefix), handler);
        return this;
    }

    /**
     * Serves the files of a directory below a prefix, as {@link FileHandler} does. Routes of this router that fit
     * better go before it.
     *
     * @param prefix as of {@link #mount}; {@code /} for all that has no route of its own
     * @param root a directory of any file system
     * @return this
     * @throws IllegalArgumentException if the prefix is malformed, or routed already
     * @throws IllegalStateException if the router is in use
     */
    public Router files(String prefix, Path root) {
        return files(prefix, root, FileOptions.DEFAULT);
    }

    /**
     * Serves the files of a directory below a prefix.
     *
     * @param prefix as of {@link #mount}; {@code /} for all that has no route of its own
     * @param root a directory of any file system
     * @param options how; their own prefix is below this one
     * @return this
     * @throws IllegalArgumentException if the prefix is malformed, or routed already
     * @throws IllegalStateException if the router is in use
     */
    public Router files(String prefix, Path root, FileOptions options) {
        return mount(prefix, FileHandler.of(root, options));
    }

    /**
     * Serves WebSockets at a path, to peers that ask for no sub-protocol or for one that nobody here has.
     *
     * @param template which paths
     * @param handler receives the events of each
     * @return this
     * @throws IllegalArgumentException as of {@link #route}
     * @throws IllegalStateException if the router is in use
     */
    public Router webSocket(String template, WebSocketHandler handler) {
        return webSocket(template, WebSocketServer.of(handler));
    }

    /**
     * Serves WebSockets at a path.
     *
     * @param template which paths
     * @param server with its protocols
     * @return this
     * @throws IllegalArgumentException as of {@link #route}
     * @throws IllegalStateException if the router is in use
     */
    public Router webSocket(String template, WebSocketServer server) {
        return get(template, server);
    }

    /**
     * Puts filters in front of all that this router answers, its 404, 405 and OPTIONS too, behind those that are there.
     *
     * @param added the outermost first
     * @return this
     * @throws IllegalStateException if the router is in use
     */
    public Router filter(HttpFilter... added) {
        requireUnused();
        filters.addAll(List.of(added));
        chain = new Dispatch().with(filters.toArray(new HttpFilter[0]));
        return this;
    }

    /**
     * Answers when a handler or filter of this router, or of one that is mounted in it and has no answer itself, has
     * failed. Of several classes the nearest to the failure's own counts. A {@link ResponseException} is an answer and
     * no failure: it is given to an answer for exactly that class only.
     *
     * @param type of what failures
     * @param answer makes the answer; if it throws, that goes on to the router around this one, or to the server
     * @param <E> the type
     * @return this
     * @throws IllegalArgumentException if the type has an answer
     * @throws IllegalStateException if the router is in use
     */
    public <E extends Exception> Router onError(Class<E> type, BiFunction<Request, ? super E, Response> answer) {
        requireUnused();
        Objects.requireNonNull(answer, "answer");
        FailureAnswers present = failures;
        if (present == null) {
            present = new FailureAnswers();
            failures = present;
        }
        present.add(type, answer);
        return this;
    }

    /**
     * Answers when no route fits, in place of a plain 404.
     *
     * @param handler makes the answer, with whatever status
     * @return this
     * @throws IllegalStateException if the router is in use
     */
    public Router notFound(HttpHandler handler) {
        requireUnused();
        notFound = Objects.requireNonNull(handler, "handler");
        return this;
    }

    private void requireUnused() {
        if (used) {
            throw new IllegalStateException("the router is in use: routes are added before the first request");
        }
    }

    @Override
    public Response handle(Request request) throws Exception {
        return onHead(request);
    }

    @Override
    public Response onHead(Request request) throws Exception {
        if (!used) {
            used = true;
        }
        FailureAnswers present = failures;
        return present == null ? chain.onHead(request) : present.guard(chain, request);
    }

    private Response dispatch(Request request) throws Exception {
        RequestHead head = request.head();
        Mounted mounted = request.attribute(Mounted.class).orElse(null);
        if (mounted == null) {
            RouteTree.Route literal = routes.literal(head.method(), head.path());
            if (literal != null) {
                request.attribute(RouteMatch.class, literal.match());
                return literal.handler().onHead(request);
            }
            if (!head.path().startsWith("/")) {
                return head.path().equals("*") ? optionsOr405(request, routes.methods()) : notFound(request);
            }
            return dispatch(request, new Mounted(segments(head.path()), 0, NOTHING));
        }
        request.attribute(Mounted.class, null);
        return dispatch(request, mounted);
    }

    private Response dispatch(Request request, Mounted at) throws Exception {
        Set<String> allowed = new TreeSet<>();
        RouteTree.Route route = routes.find(request.method(), at.path(), at.from(), allowed);
        if (route == null) {
            return allowed.isEmpty() ? notFound(request) : optionsOr405(request, allowed);
        }
        RouteTemplate template = route.template();
        RouteMatch match = template.matched(at.path(), at.from(), at.outer());
        request.attribute(RouteMatch.class, match);
        if (template.isMount()) {
            request.attribute(
                    Mounted.class,
                    Mounted.behind(at.path(), at.from() + template.segments().size() - 1, match));
        }
        return route.handler().onHead(request);
    }

    private Response notFound(Request request) throws Exception {
        return notFound == null ? Response.error(404, "There is nothing here.") : notFound.onHead(request);
    }

    private static Response optionsOr405(Request request, Set<String> methods) {
        Set<String> allowed = new TreeSet<>(methods);
        if (allowed.contains("GET")) {
            allowed.add("HEAD");
        }
        allowed.add("OPTIONS");
        Response response = request.method().equals("OPTIONS")
                ? Response.status(204)
                : Response.error(405, "This is not what can be done here.");
        return response.withHeader("Allow", String.join(", ", allowed));
    }

    /** Splits a path at its slashes, then decodes. */
    private static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        int from = 1;
        while (from <= path.length()) {
            int slash = path.indexOf('/', from);
            String encoded = path.substring(from, slash < 0 ? path.length() : slash);
            String segment = RequestTexts.decoded(() -> PercentCoding.decodePath(encoded));
            if (segment.equals(".") || segment.equals("..")) {
                throw new ResponseException(400, "A path has no dot segments.");
            }
            segments.add(segment);
            from += encoded.length() + 1;
        }
        return segments;
    }
}
