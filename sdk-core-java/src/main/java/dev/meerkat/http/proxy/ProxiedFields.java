package dev.meerkat.http.proxy;

import dev.meerkat.http.Headers;
import dev.meerkat.http.Request;
import java.net.InetSocketAddress;
import java.util.List;

/** Which fields pass a proxy, and what it adds (RFC 9110 §7.6). */
final class ProxiedFields {
    /** What belongs to one connection, and what follows from the framing on the next. */
    private static final List<String> NOT_PASSED_ON = List.of(
            "Connection",
            "Keep-Alive",
            "Proxy-Connection",
            "Proxy-Authenticate",
            "Proxy-Authorization",
            "Proxy-Authentication-Info",
            "TE",
            "Transfer-Encoding",
            "Content-Length",
            "Upgrade",
            "HTTP2-Settings",
            "Expect");

    /** Where servers look for who the peer is. */
    private static final List<String> FORWARDED = List.of(
            "Forwarded",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-Forwarded-Host",
            "X-Forwarded-Port",
            "X-Real-IP",
            "X-Client-IP",
            "True-Client-IP");

    /** Behind these requests would pass that nobody here has seen. */
    private static final List<String> NOT_UPGRADED_TO = List.of("h2c", "h2", "http", "tls");

    private ProxiedFields() {}

    /** What is passed on in either direction. */
    private static Headers.Builder passed(Headers headers) {
        Headers.Builder builder = headers.toBuilder();
        for (String named : headers.elements("Connection")) {
            builder.remove(named);
        }
        NOT_PASSED_ON.forEach(builder::remove);
        return builder;
    }

    /** The fields of the request to the server behind; Host only if it keeps its own. */
    static Headers ofRequest(Request request, ReverseProxyOptions options) {
        Headers received = request.head().headers();
        Headers.Builder headers = passed(received).remove("Host");
        String authority = request.head().authority().orElse("");
        if (options.host() == ReverseProxyOptions.Host.ORIGINAL && !authority.isEmpty()) {
            headers.add("Host", authority);
        }
        if (!options.trustsForwarded()) {
            FORWARDED.forEach(headers::remove);
        }
        received.forEach((name, value) -> {
            if (isDisguised(name)) {
                headers.remove(name);
            }
        });
        Headers known = options.trustsForwarded() ? received : Headers.EMPTY;
        forwarded(request, authority, known, headers);
        return headers.add("Via", "1.1 " + options.via()).build();
    }

    /** One of those with an underscore, which servers that make variables of names (CGI) take for the same. */
    private static boolean isDisguised(String name) {
        return name.indexOf('_') >= 0
                && FORWARDED.stream().anyMatch(known -> known.equalsIgnoreCase(name.replace('_', '-')));
    }

    /** The protocols that a request wants instead, without those that are not passed on. */
    static List<String> protocols(Headers received) {
        return received.elements("Upgrade").stream()
                .filter(protocol -> {
                    int slash = protocol.indexOf('/');
                    String name = slash < 0 ? protocol : protocol.substring(0, slash);
                    return NOT_UPGRADED_TO.stream().noneMatch(name.strip()::equalsIgnoreCase);
                })
                .toList();
    }

    /** RFC 7239, and what was there before it. */
    private static void forwarded(Request request, String authority, Headers known, Headers.Builder headers) {
        String peer =
                request.connection().remoteAddress() instanceof InetSocketAddress inet && inet.getAddress() != null
                        ? inet.getAddress().getHostAddress()
                        : "";
        int zone = peer.indexOf('%');
        String address = zone < 0 ? peer : peer.substring(0, zone);
        boolean six = address.indexOf(':') >= 0;
        String node = address.isEmpty() ? "unknown" : six ? "\"[" + address + "]\"" : address;
        String scheme = request.connection().isSecured() ? "https" : "http";
        String host = authority.isEmpty() ? "" : ";host=\"" + authority.replace("\"", "") + "\"";
        headers.add("Forwarded", "for=" + node + ";proto=" + scheme + host);
        if (!address.isEmpty()) {
            headers.add("X-Forwarded-For", address);
        }
        if (!known.contains("X-Forwarded-Proto")) { // these two are of the first request, not of each
            headers.add("X-Forwarded-Proto", scheme);
        }
        if (!authority.isEmpty() && !known.contains("X-Forwarded-Host")) {
            headers.add("X-Forwarded-Host", authority);
        }
    }

    /** The fields of the response to the peer. */
    static Headers ofResponse(Headers received, ReverseProxyOptions options) {
        return passed(received).add("Via", "1.1 " + options.via()).build();
    }
}
