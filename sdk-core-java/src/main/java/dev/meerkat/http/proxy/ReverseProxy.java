package dev.meerkat.http.proxy;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.http.TargetForm;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClient;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Passes requests on to a server behind, and its responses back (RFC 9110 §7.6). Bodies stream in both directions, with
 * back-pressure; whoever hangs up ends the other side too.
 *
 * <pre>{@code
 * manager.listen("http://127.0.0.1:8000", ReverseProxy.to("http://127.0.0.1:9000"));
 * }</pre>
 *
 * <p>Nothing is copied through of how a message is framed or of what belongs to a connection: each side is read and
 * written by its own rules, so that both sides cannot disagree about where a message ends. What the peer says of those
 * before it is not believed unless the options say so. Upgrades are passed on, and then bytes; but none to another kind
 * of HTTP or to TLS ({@code h2c}), behind which requests would pass that no filter here has seen.
 *
 * <p>Targets are passed on as they came, also where they are none of {@link URI}'s: {@code /a|b}, a percent sign that
 * escapes nothing. A path with a segment {@code .} or {@code ..}, however it is escaped, is answered with 400: it might
 * lead out of what the proxy was pointed at.
 *
 * <p>No response from behind is 502; none in time is 504; no free connection is 503. One proxy serves any number of
 * connections and managers, with a client of its own on each manager.
 */
public final class ReverseProxy implements HttpHandler {
    private final URI base;
    /** What comes in front of every path. */
    private final String prefix;

    private final ReverseProxyOptions options;
    private final Map<EventManager, HttpClient> clients = new ConcurrentHashMap<>();

    private ReverseProxy(URI base, ReverseProxyOptions options) {
        this.base = base;
        String path = base.getRawPath();
        this.prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        this.options = options;
    }

    /**
     * Makes a proxy with default options.
     *
     * @param upstream the server behind: {@code http} or {@code https}, a host, and if wanted a path that comes in
     *     front of every target's
     * @return the proxy
     * @throws IllegalArgumentException if it is no such URI, or has a query or a fragment
     */
    public static ReverseProxy to(String upstream) {
        return to(upstream, ReverseProxyOptions.DEFAULT);
    }

    /**
     * Makes a proxy.
     *
     * @param upstream as of {@link #to(String)}
     * @param options how it behaves
     * @return the proxy
     * @throws IllegalArgumentException as of {@link #to(String)}
     */
    public static ReverseProxy to(String upstream, ReverseProxyOptions options) {
        Objects.requireNonNull(options, "options");
        URI uri = ClientRequest.get(upstream).uri();
        if (uri.getScheme() == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("expected scheme, host and path, found " + upstream);
        }
        return new ReverseProxy(uri, options);
    }

    @Override
    public Response handle(Request request) {
        return onHead(request);
    }

    @Override
    public Response onHead(Request request) {
        TargetForm form = request.head().targetForm();
        if (form == TargetForm.AUTHORITY || form == TargetForm.ASTERISK) {
            return Response.error(
                    501,
                    "this is passed on to nobody: " + request.method() + " "
                            + request.head().target());
        }
        if (ProxiedTarget.hasDotSegment(request.head().path())) {
            return Response.error(400, "A path has no dot segments.");
        }
        String query = request.head().query().map(text -> "?" + text).orElse("");
        Headers fields = ProxiedFields.ofRequest(request, options);
        ClientRequest passed = ClientRequest.of(request.method(), base, ClientBody.Empty.INSTANCE)
                .withTarget(prefix + request.head().path() + query)
                .withHeaders(any -> fields);
        return new ProxiedCall(request, options)
                .begin(client(request.connection().manager()), passed);
    }

    private HttpClient client(EventManager manager) {
        HttpClient known = clients.get(manager);
        if (known == null) {
            known = HttpClient.create(manager, options.client());
            clients.put(manager, known);
            try {
                var unused = manager.onClose(() -> clients.remove(manager));
            } catch (ManagerClosedException e) {
                clients.remove(manager);
            }
        }
        return known;
    }
}
