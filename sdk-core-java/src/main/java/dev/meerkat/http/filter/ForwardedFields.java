package dev.meerkat.http.filter;

import dev.meerkat.Address;
import dev.meerkat.IpAcl;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpFilter;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what proxies in front say of a request: {@code Forwarded} (RFC 7239), or the {@code X-Forwarded-} fields of
 * those that know nothing newer. Which of the two is said by the program, since a proxy that sets one passes on the
 * other as anybody has sent it.
 *
 * <pre>{@code
 * router.filter(ForwardedFields.rfc7239("10.0.0.0/8", "fd00::/8"));
 * request.attribute(ForwardedPeer.class)                                // who asked in truth; empty without a proxy
 * }</pre>
 *
 * <p>Only what a trusted address says counts: the elements are read from the last to the first, as long as who wrote
 * them, first the peer of the connection and then whom the element before has named, is trusted. So nobody can name
 * himself as another.
 */
public final class ForwardedFields implements HttpFilter {
    /** No way has more proxies that are trusted. */
    private static final int MOST_ELEMENTS = 32;

    private final boolean rfc7239;
    private final IpAcl trusted;

    private ForwardedFields(boolean rfc7239, String... trusted) {
        this.rfc7239 = rfc7239;
        if (trusted.length == 0) {
            throw new IllegalArgumentException("expected a network that is trusted");
        }
        StringBuilder acl = new StringBuilder("-0.0.0.0/0,-::/0");
        for (String network : trusted) {
            acl.append(",+").append(network);
        }
        this.trusted = IpAcl.parse(acl.toString());
    }

    /**
     * Reads {@code Forwarded}.
     *
     * @param trusted addresses and networks of proxies, for instance {@code 10.0.0.0/8}
     * @return a filter
     * @throws IllegalArgumentException if there is none, or one is malformed
     */
    public static ForwardedFields rfc7239(String... trusted) {
        return new ForwardedFields(true, trusted);
    }

    /**
     * Reads {@code X-Forwarded-For}, {@code X-Forwarded-Proto} and {@code X-Forwarded-Host}; of the last two the last
     * value, which the nearest proxy has written.
     *
     * @param trusted addresses and networks of proxies, for instance {@code 10.0.0.0/8}
     * @return a filter
     * @throws IllegalArgumentException if there is none, or one is malformed
     */
    public static ForwardedFields xForwarded(String... trusted) {
        return new ForwardedFields(false, trusted);
    }

    @Override
    public Response filter(Request request, HttpHandler next) throws Exception {
        request.attribute(ForwardedPeer.class, null);
        if (request.connection().remoteAddress() instanceof InetSocketAddress peer
                && peer.getAddress() != null
                && trusted.allows(peer.getAddress())) {
            Headers headers = request.head().headers();
            request.attribute(ForwardedPeer.class, rfc7239 ? forwarded(headers) : xForwarded(headers));
        }
        return next.onHead(request);
    }

    private @Nullable ForwardedPeer forwarded(Headers headers) {
        List<String> elements = headers.elements("Forwarded");
        ForwardedPeer found = null;
        for (int i = elements.size() - 1; i >= Math.max(0, elements.size() - MOST_ELEMENTS); i--) {
            Map<String, String> pairs = AuthText.parameters(elements.get(i).replace(';', ','));
            if (pairs == null) {
                break; // whoever wrote that, it says nothing
            }
            found = new ForwardedPeer(
                    Optional.ofNullable(pairs.get("for")).flatMap(ForwardedFields::node),
                    scheme(pairs.get("proto")),
                    Optional.ofNullable(pairs.get("host")));
            if (!found.address().map(trusted::allows).orElse(false)) {
                break;
            }
        }
        return found;
    }

    private @Nullable ForwardedPeer xForwarded(Headers headers) {
        List<String> addresses = headers.elements("X-Forwarded-For");
        Optional<String> scheme = scheme(last(headers.elements("X-Forwarded-Proto")));
        Optional<String> host = Optional.ofNullable(last(headers.elements("X-Forwarded-Host")));
        Optional<InetAddress> found = Optional.empty();
        for (int i = addresses.size() - 1; i >= Math.max(0, addresses.size() - MOST_ELEMENTS); i--) {
            found = node(addresses.get(i));
            if (!found.map(trusted::allows).orElse(false)) {
                break;
            }
        }
        boolean nothing = addresses.isEmpty() && scheme.isEmpty() && host.isEmpty();
        return nothing ? null : new ForwardedPeer(found, scheme, host);
    }

    private static @Nullable String last(List<String> elements) {
        return elements.isEmpty() ? null : elements.get(elements.size() - 1);
    }

    private static Optional<String> scheme(@Nullable String text) {
        return Optional.ofNullable(text)
                .map(scheme -> scheme.toLowerCase(Locale.ROOT))
                .filter(scheme -> scheme.equals("http") || scheme.equals("https"));
    }

    /** Reads a node of RFC 7239 §6, or an address with or without a port; names and what is hidden are empty. */
    private static Optional<InetAddress> node(String text) {
        String host = text;
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            host = end < 0 ? "" : text.substring(1, end);
        } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') >= 0) {
            host = text.substring(0, text.indexOf(':'));
        }
        try {
            return Address.parse((host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":1")
                    .literal();
        } catch (MalformedAddressException malformed) {
            return Optional.empty();
        }
    }
}
