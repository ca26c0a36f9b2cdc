package dev.meerkat.http;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a handler by the host that a request names (RFC 9110 §7.2), by the target if it is absolute, else by
 * {@code Host}. The port does not matter, and neither do case and a dot at the end.
 *
 * <pre>{@code
 * VirtualHosts.create()
 *     .host("example.org", site)
 *     .host("*.example.org", customers)
 *     .otherwise(request -> Response.redirect(308, "https://example.org/"));
 * }</pre>
 *
 * <p>A name goes before a wildcard, and a longer wildcard before a shorter. Without a handler for the rest a request
 * for another host is answered with 421 (RFC 9110 §15.5.20). Can be changed until the first request.
 */
public final class VirtualHosts implements HttpHandler {
    /**
     * The longest name that DNS has (RFC 1035 §3.1), as text; without it each dot of a long one would cost a look-up.
     */
    private static final int LONGEST_NAME = 253;

    private final Map<String, HttpHandler> hosts = new HashMap<>();
    private @Nullable HttpHandler otherwise;
    private volatile boolean used;

    private VirtualHosts() {}

    /**
     * Knows no host yet.
     *
     * @return virtual hosts
     */
    public static VirtualHosts create() {
        return new VirtualHosts();
    }

    /**
     * Adds a host.
     *
     * @param pattern a name, in ASCII; an address, one of IPv6 in brackets; or {@code *.} and a name for all hosts
     *     below that, however far
     * @param handler answers
     * @return this
     * @throws IllegalArgumentException if the pattern is malformed or has a handler
     * @throws IllegalStateException if it is in use
     */
    public VirtualHosts host(String pattern, HttpHandler handler) {
        requireUnused();
        if (!pattern.matches("(\\*\\.)?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*|\\[[0-9A-Fa-f:.]+]")) {
            throw new IllegalArgumentException(
                    "expected a host without port, or *. and one; found " + MalformedTextException.quote(pattern));
        }
        if (hosts.putIfAbsent(pattern.toLowerCase(Locale.ROOT), Objects.requireNonNull(handler, "handler")) != null) {
            throw new IllegalArgumentException("expected one handler for " + pattern);
        }
        return this;
    }

    /**
     * Sets what answers requests for all other hosts.
     *
     * @param handler answers
     * @return this
     * @throws IllegalStateException if it is in use
     */
    public VirtualHosts otherwise(HttpHandler handler) {
        requireUnused();
        otherwise = Objects.requireNonNull(handler, "handler");
        return this;
    }

    private void requireUnused() {
        if (used) {
            throw new IllegalStateException("the virtual hosts are in use: hosts are added before the first request");
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
        HttpHandler handler = find(name(request.head().authority().orElse("")));
        return handler == null ? Response.error(421, "This host is not served here.") : handler.onHead(request);
    }

    /** Takes port and final dot off. */
    private static String name(String authority) {
        int colon = authority.indexOf(':', Math.max(authority.indexOf(']'), 0));
        String host = colon < 0 ? authority : authority.substring(0, colon);
        return (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
    }

    private @Nullable HttpHandler find(String host) {
        if (host.length() > LONGEST_NAME || host.startsWith("*")) {
            return otherwise;
        }
        HttpHandler found = hosts.get(host);
        int dot = host.startsWith("[") ? -1 : host.indexOf('.');
        while (found == null && dot >= 0) {
            found = hosts.get("*" + host.substring(dot));
            dot = host.indexOf('.', dot + 1);
        }
        return found == null ? otherwise : found;
    }
}
