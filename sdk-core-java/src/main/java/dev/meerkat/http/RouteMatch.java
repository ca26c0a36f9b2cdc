package dev.meerkat.http;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which route of a router a request took. Handlers and filters behind the router, and an access log by way of
 * {@link Request#attribute(Class)}, find it there.
 *
 * @param template the route's template with the prefixes of the routers around it, for instance {@code /users/{id}}:
 *     what to count requests by, since there are as few as routes
 * @param captures what the template captured, decoded, in its order
 */
public record RouteMatch(String template, Map<String, String> captures) {
    // Keeps the order.
    public RouteMatch {
        captures = Collections.unmodifiableMap(new LinkedHashMap<>(captures));
    }
}
