package dev.meerkat.http;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Routes by the segments of their templates. Finding one costs a look-up for each segment of the path, however many
 * routes there are; a path without captures costs one look-up in all. Where a literal leads nowhere the search returns
 * to the capture beside it, so it never visits a node twice.
 */
final class RouteTree {
    /** Stands for every method. */
    static final String ANY = "*";

    /**
     * A handler and where it stands.
     *
     * @param template what its path looks like
     * @param match of a template without captures, for every request the same
     * @param handler answers
     */
    record Route(RouteTemplate template, RouteMatch match, HttpHandler handler) {}

    private static final class Node {
        final Map<String, Node> literals = new HashMap<>();

        @Nullable
        Node capture;
        /** What ends here, by method. */
        final Map<String, Route> ends = new LinkedHashMap<>();
        /** What takes all that follows, by method. */
        final Map<String, Route> rests = new LinkedHashMap<>();
    }

    private final Node root = new Node();
    private final Map<String, Node> literalPaths = new HashMap<>();
    private final Set<String> methods = new TreeSet<>();

    /**
     * Adds a route; at the end of a prefix that a router is mounted at, the template's text and its segments differ.
     */
    void add(String method, RouteTemplate template, HttpHandler handler) {
        Node node = root;
        boolean rest = false;
        for (RouteTemplate.Segment segment : template.segments()) {
            if (segment.isRest()) {
                rest = true;
            } else if (segment.isLiteral()) {
                Node literal = node.literals.get(segment.text());
                if (literal == null) {
                    literal = new Node();
                    node.literals.put(segment.text(), literal);
                }
                node = literal;
            } else {
                Node capture = node.capture;
                if (capture == null) {
                    capture = new Node();
                    node.capture = capture;
                }
                node = capture;
            }
        }
        Route route = new Route(template, new RouteMatch(template.text(), new LinkedHashMap<>()), handler);
        Route other = (rest ? node.rests : node.ends).putIfAbsent(method, route);
        if (other != null) {
            throw new IllegalArgumentException("expected one route for " + method + " " + template.text() + ", found "
                    + other.template().text() + " too");
        }
        methods.add(method);
        if (!rest && template.isLiteral()) {
            literalPaths.put(template.text(), node);
        }
    }

    /** The methods of all routes. */
    Set<String> methods() {
        return methods;
    }

    /** The route of a path without captures; null if there is none, then it may be found by its segments still. */
    @Nullable
    Route literal(String method, String path) {
        Node node = literalPaths.get(path);
        return node == null ? null : byMethod(node.ends, method);
    }

    /**
     * Finds the route of a path by its segments.
     *
     * @param path its decoded segments, of which those before {@code from} are somebody else's
     * @param allowed receives the methods that have a route, if this one has none
     * @return the route, or null if there is none
     */
    @Nullable
    Route find(String method, List<String> path, int from, Set<String> allowed) {
        return find(root, method, path, from, allowed);
    }

    private static @Nullable Route find(Node node, String method, List<String> path, int at, Set<String> allowed) {
        if (at == path.size()) {
            Route end = end(node.ends, method, allowed);
            return end != null ? end : end(node.rests, method, allowed);
        }
        Node literal = node.literals.get(path.get(at));
        Route found = literal == null ? null : find(literal, method, path, at + 1, allowed);
        if (found == null && node.capture != null && !path.get(at).isEmpty()) {
            found = find(node.capture, method, path, at + 1, allowed);
        }
        return found != null ? found : end(node.rests, method, allowed);
    }

    private static @Nullable Route end(Map<String, Route> routes, String method, Set<String> allowed) {
        Route route = byMethod(routes, method);
        if (route == null) {
            allowed.addAll(routes.keySet());
        }
        return route;
    }

    private static @Nullable Route byMethod(Map<String, Route> routes, String method) {
        Route route = routes.get(method);
        if (route == null && method.equals("HEAD")) {
            route = routes.get("GET");
        }
        return route != null ? route : routes.get(ANY);
    }
}
