package dev.meerkat.http.client;

import dev.meerkat.Address;
import dev.meerkat.Handler;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.http.Headers;
import dev.meerkat.http.RequestHead;
import dev.meerkat.internal.check.Ranges;
import dev.meerkat.internal.check.Tokens;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A request: method, URI, fields and a body. Immutable; one may be sent any number of times, if its body can.
 *
 * <pre>{@code
 * ClientRequest.get("https://example.org/rooms?open").withHeader("Accept", "application/json");
 * ClientRequest.post("http://127.0.0.1:8000/upload", ClientBody.text("hello")).expectingContinue();
 * }</pre>
 *
 * <p>What follows from the body and belongs to the connection is the client's: {@code Content-Length},
 * {@code Transfer-Encoding}, {@code Connection}, {@code Expect} and {@code Upgrade} cannot be set. {@code Host} follows
 * from the URI unless it is set.
 */
public final class ClientRequest {
    private static final List<String> NOT_TO_SET = List.of(
            "content-length",
            "transfer-encoding",
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authorization",
            "expect",
            "upgrade",
            "te");

    private final String method;
    private final URI uri;
    private final Headers headers;
    private final ClientBody body;
    private final boolean expectsContinue;
    private final @Nullable Duration timeout;
    private final @Nullable Upgrade upgrade;
    private final @Nullable String target;

    /**
     * Another protocol that a request asks for.
     *
     * @param protocol the value of {@code Upgrade}
     * @param handler takes the place of HTTP on the connection
     */
    public record Upgrade(String protocol, Handler handler) {
        // Rejects missing parts.
        public Upgrade {
            Objects.requireNonNull(protocol, "protocol");
            Objects.requireNonNull(handler, "handler");
        }
    }

    private ClientRequest(
            String method,
            URI uri,
            Headers headers,
            ClientBody body,
            boolean expectsContinue,
            @Nullable Duration timeout,
            @Nullable Upgrade upgrade,
            @Nullable String target) {
        this.method = method;
        this.uri = uri;
        this.headers = headers;
        this.body = body;
        this.expectsContinue = expectsContinue;
        this.timeout = timeout;
        this.upgrade = upgrade;
        this.target = target;
    }

    /**
     * Makes a request of its parts.
     *
     * @param method a token, case-sensitive; not CONNECT, which is how a client reaches a server through a
     *     {@linkplain ClientProxy proxy}
     * @param uri {@code http} or {@code https}, with a host and without user information; its fragment is not sent.
     *     What is not ASCII in its path or query is percent-encoded as UTF-8. At the level of events it may be a path
     *     with a query, or {@code *}
     * @param body the body
     * @return the request
     * @throws IllegalArgumentException if one of them is otherwise
     */
    public static ClientRequest of(String method, URI uri, ClientBody body) {
        requireMethod(method);
        requireUri(uri);
        return new ClientRequest(
                method, inAscii(uri), Headers.EMPTY, Objects.requireNonNull(body, "body"), false, null, null, null);
    }

    /**
     * Makes a request without a body.
     *
     * @param method as of {@link #of(String, URI, ClientBody)}
     * @param uri as of {@link #of(String, URI, ClientBody)}
     * @return the request
     * @throws IllegalArgumentException if it is no URI, or not one of those
     */
    public static ClientRequest of(String method, String uri) {
        return of(method, URI.create(uri), ClientBody.Empty.INSTANCE);
    }

    /**
     * A request for a resource.
     *
     * @param uri as of {@link #of(String, URI, ClientBody)}
     * @return the request
     * @throws IllegalArgumentException if it is no URI, or not one of those
     */
    public static ClientRequest get(String uri) {
        return of("GET", uri);
    }

    /**
     * A request for the head of a resource.
     *
     * @param uri as of {@link #of(String, URI, ClientBody)}
     * @return the request
     * @throws IllegalArgumentException if it is no URI, or not one of those
     */
    public static ClientRequest head(String uri) {
        return of("HEAD", uri);
    }

    /**
     * A request that gives a resource something to process.
     *
     * @param uri as of {@link #of(String, URI, ClientBody)}
     * @param body the body
     * @return the request
     * @throws IllegalArgumentException if it is no URI, or not one of those
     */
    public static ClientRequest post(String uri, ClientBody body) {
        return of("POST", URI.create(uri), body);
    }

    /**
     * A request that sets a resource.
     *
     * @param uri as of {@link #of(String, URI, ClientBody)}
     * @param body the body
     * @return the request
     * @throws IllegalArgumentException if it is no URI, or not one of those
     */
    public static ClientRequest put(String uri, ClientBody body) {
        return of("PUT", URI.create(uri), body);
    }

    private static void requireMethod(String method) {
        if (!Tokens.isToken(method)) {
            throw new IllegalArgumentException(
                    "expected a token as the method (RFC 9110 9.1), found \"" + method + "\"");
        }
        if (method.equals("CONNECT")) {
            throw new IllegalArgumentException("CONNECT is sent by the client itself: see ClientProxy");
        }
    }

    /** What {@link URI} takes beyond RFC 3986 becomes what it stands for. */
    private static URI inAscii(URI uri) {
        String given = uri.toString();
        for (int i = 0; i < given.length(); i++) {
            if (given.charAt(i) > 0x7f) {
                URI ascii = URI.create(uri.toASCIIString());
                requireUri(ascii);
                return ascii;
            }
        }
        return uri;
    }

    private static void requireUri(URI uri) {
        String scheme = uri.getScheme();
        if (scheme == null) {
            String path = uri.getRawPath();
            if (uri.getRawAuthority() != null || path == null || !(path.startsWith("/") || path.equals("*"))) {
                throw new IllegalArgumentException("expected an absolute URI, or a path at a connection; found " + uri);
            }
            return;
        }
        if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
            throw new IllegalArgumentException("expected http or https, found " + uri);
        }
        String authority = uri.getRawAuthority();
        if (authority == null || authority.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "expected a host, and no user information (RFC 9110 4.2.4); found " + scheme + "://…");
        }
        try {
            String withoutPort = authority.endsWith(":") ? authority.substring(0, authority.length() - 1) : authority;
            boolean port = withoutPort.lastIndexOf(':') > withoutPort.lastIndexOf(']');
            Address address = Address.parse("tcp://" + (port ? withoutPort : withoutPort + ":80"));
            if (address.host().isEmpty() || address.port() == 0) {
                throw new IllegalArgumentException("expected a host and a port from 1, found " + uri);
            }
        } catch (MalformedAddressException e) {
            throw new IllegalArgumentException("expected a host in " + uri + ": " + e.getMessage(), e);
        }
    }

    /**
     * The method.
     *
     * @return a token
     */
    public String method() {
        return method;
    }

    /**
     * Where the request goes.
     *
     * @return the URI
     */
    public URI uri() {
        return uri;
    }

    /**
     * The fields.
     *
     * @return without those that the client adds
     */
    public Headers headers() {
        return headers;
    }

    /**
     * The body.
     *
     * @return how its bytes come to be
     */
    public ClientBody body() {
        return body;
    }

    /**
     * Whether the body waits until the server has seen the head.
     *
     * @return true after {@link #expectingContinue()}
     */
    public boolean expectsContinue() {
        return expectsContinue;
    }

    /**
     * How long the whole call may take.
     *
     * @return empty if {@link HttpClientOptions#callTimeout()} holds
     */
    public Optional<Duration> timeout() {
        return Optional.ofNullable(timeout);
    }

    /**
     * Which protocol is to take HTTP's place.
     *
     * @return empty if none is
     */
    public Optional<Upgrade> upgrade() {
        return Optional.ofNullable(upgrade);
    }

    /**
     * What is sent as the target in place of path and query of the URI.
     *
     * @return empty if it is those of the URI
     */
    public Optional<String> target() {
        return Optional.ofNullable(target);
    }

    /**
     * The same with one value of a field, in place of all values that it had.
     *
     * @param name the field
     * @param value its value
     * @return a request
     * @throws IllegalArgumentException if name or value are not those of a field, or it is not the program's to set
     */
    public ClientRequest withHeader(String name, String value) {
        return withHeaders(present -> present.toBuilder().set(name, value).build());
    }

    /**
     * The same with one more value of a field.
     *
     * @param name the field
     * @param value its value
     * @return a request
     * @throws IllegalArgumentException as of {@link #withHeader}
     */
    public ClientRequest addHeader(String name, String value) {
        return withHeaders(present -> present.toBuilder().add(name, value).build());
    }

    /**
     * The same with other fields.
     *
     * @param change is given the fields
     * @return a request
     * @throws IllegalArgumentException as of {@link #withHeader}
     */
    public ClientRequest withHeaders(UnaryOperator<Headers> change) {
        Headers changed = change.apply(headers);
        for (String name : NOT_TO_SET) {
            if (changed.contains(name)) {
                throw new IllegalArgumentException(name + " belongs to the connection and cannot be set");
            }
        }
        return new ClientRequest(method, uri, changed, body, expectsContinue, timeout, upgrade, target);
    }

    /**
     * The same with another method and body, elsewhere, and with the target that is elsewhere's.
     *
     * @param newMethod as of {@link #of(String, URI, ClientBody)}
     * @param newUri as of {@link #of(String, URI, ClientBody)}
     * @param newBody the body
     * @return a request
     * @throws IllegalArgumentException as of {@link #of(String, URI, ClientBody)}
     */
    public ClientRequest with(String newMethod, URI newUri, ClientBody newBody) {
        requireMethod(newMethod);
        requireUri(newUri);
        return new ClientRequest(newMethod, inAscii(newUri), headers, newBody, expectsContinue, timeout, upgrade, null);
    }

    /**
     * The same with a target that is sent as it is, in place of path and query of the URI, which then says only where
     * the request goes: for proxies, and for servers that want what {@link URI} refuses or would change, {@code /a|b}
     * for instance. A redirect leads away from it.
     *
     * @param value {@code /}, and whatever a request line may contain: visible ASCII, no fragment (RFC 9112 §3.2.1)
     * @return a request
     * @throws IllegalArgumentException if it is otherwise
     */
    public ClientRequest withTarget(String value) {
        if (!value.startsWith("/")) {
            throw new IllegalArgumentException("expected a target that begins with /, found " + value);
        }
        RequestHead.of("GET", value, Headers.EMPTY);
        return new ClientRequest(method, uri, headers, body, expectsContinue, timeout, upgrade, value);
    }

    /**
     * The same, its body being held back until the server has agreed by 100 (RFC 9110 §10.1.1), or has been silent for
     * {@link HttpClientOptions#continueTimeout()}. Without a body it changes nothing.
     *
     * @return a request
     */
    public ClientRequest expectingContinue() {
        return new ClientRequest(method, uri, headers, body, true, timeout, upgrade, target);
    }

    /**
     * The same with a deadline of its own for the whole call: connecting, redirects, and the body of the response.
     *
     * @param value above 0
     * @return a request
     * @throws IllegalArgumentException if it is not
     */
    public ClientRequest withTimeout(Duration value) {
        Ranges.positive("timeout", value);
        return new ClientRequest(method, uri, headers, body, expectsContinue, value, upgrade, target);
    }

    /**
     * The same, asking for another protocol on the same connection (RFC 9110 §7.8). If the server switches, the
     * response is the one with status 101 and the connection is the handler's, which first receives {@code Opened},
     * then what came behind the response. If it does not, the response is an ordinary one and the handler never runs.
     * Nothing is redirected or tried again.
     *
     * @param protocol the value of {@code Upgrade}, for example {@code websocket}
     * @param handler receives the events of TCP from then on
     * @return a request
     * @throws IllegalArgumentException if the protocol cannot be the value of a field
     */
    public ClientRequest upgrading(String protocol, Handler handler) {
        Headers.of("Upgrade", protocol);
        return new ClientRequest(
                method, uri, headers, body, expectsContinue, timeout, new Upgrade(protocol, handler), target);
    }

    @Override
    public String toString() {
        return "ClientRequest[" + method + " " + uri + (target == null ? "" : " target " + target) + "]";
    }
}
