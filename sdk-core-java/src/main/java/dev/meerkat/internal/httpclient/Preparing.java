package dev.meerkat.internal.httpclient;

import dev.meerkat.EventManager;
import dev.meerkat.http.Headers;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.client.ClientProxy;
import dev.meerkat.http.client.ClientProxy.Credentials;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClientOptions;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Adds to a request what the options say: cookies, accepted codings, who we are, and what a proxy wants. */
final class Preparing {
    private final HttpClientOptions options;
    private final EventManager manager;
    /** Whether a proxy sees no request. */
    private final boolean tunnels;

    Preparing(HttpClientOptions options, EventManager manager, boolean tunnels) {
        this.options = options;
        this.manager = manager;
        this.tunnels = tunnels;
    }

    Outgoing of(ClientRequest request, Origin origin) {
        Headers own = request.headers();
        Headers.Builder headers = Headers.builder()
                .add("Host", own.first("Host").orElse(origin.hostField()))
                .addAll(own.contains("Host") ? own.toBuilder().remove("Host").build() : own);
        if (!options.userAgent().isEmpty() && !own.contains("User-Agent")) {
            headers.add("User-Agent", options.userAgent());
        }
        if (options.decompress() && !own.contains("Accept-Encoding")) {
            headers.add("Accept-Encoding", "gzip, deflate");
        }
        if (options.cookies().isPresent() && !own.contains("Cookie")) {
            options.cookies()
                    .get()
                    .header(request.uri(), manager.wallTime())
                    .ifPresent(cookies -> headers.add("Cookie", cookies));
        }
        String target = target(request);
        Optional<ClientProxy> proxy = options.proxy();
        if (proxy.isPresent() && proxy.get().kind() == ClientProxy.Kind.HTTP && !origin.secure() && !tunnels) {
            target = "http://" + origin.hostField() + target;
            addCredentials(headers, proxy.get());
        }
        return outgoing(request, target, headers);
    }

    /** As it is, for the level of events. */
    static Outgoing asItIs(ClientRequest request, String defaultHost) {
        Headers own = request.headers();
        Headers.Builder headers = Headers.builder();
        if (!own.contains("Host")) {
            headers.add(
                    "Host",
                    request.uri().getScheme() == null
                            ? defaultHost
                            : Origin.of(request.uri()).hostField());
        }
        return outgoing(request, target(request), headers.addAll(own));
    }

    private static String target(ClientRequest request) {
        return request.target().orElseGet(() -> Origin.target(request.uri()));
    }

    private static Outgoing outgoing(ClientRequest request, String target, Headers.Builder headers) {
        String type = request.body().type();
        if (!type.isEmpty() && !request.headers().contains("Content-Type")) {
            headers.add("Content-Type", type);
        }
        return new Outgoing(
                RequestHead.of(request.method(), target, headers.build()),
                request.body(),
                request.expectsContinue(),
                request.upgrade().orElse(null));
    }

    /** RFC 9110 §11.7.2 with the scheme Basic of RFC 7617. */
    static void addCredentials(Headers.Builder headers, ClientProxy proxy) {
        Credentials credentials = proxy.credentials();
        if (credentials != null) {
            String both = credentials.user() + ":" + credentials.password();
            headers.set(
                    "Proxy-Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
