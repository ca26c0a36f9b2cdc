package dev.meerkat.internal.ws;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.http.Headers;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.http.client.HttpClientOptions;
import dev.meerkat.internal.httpclient.PooledClient;
import dev.meerkat.internal.websocket.DeflateNegotiation;
import dev.meerkat.internal.websocket.Extension;
import dev.meerkat.internal.websocket.Offer;
import dev.meerkat.internal.websocket.OpeningHandshake;
import dev.meerkat.websocket.ReconnectPolicy;
import dev.meerkat.websocket.ReconnectingHandler;
import dev.meerkat.websocket.ReconnectingWebSocket;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketHandler;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers for WebSockets, by a client of HTTP whose connections are given up to them, and which exists only while
 * somebody is asked. All of its WebSockets share a site. Any thread, unless said otherwise.
 */
public final class RealWebSocketClient implements WebSocketClient {
    /** As good as no limit: each step of a handshake has a time-out of its own, and who waits may give up. */
    private static final Duration LONG = Duration.ofDays(365);

    private final EventManager manager;
    private final WebSocketClientOptions options;
    private final HttpClientOptions below;
    private final RandomGenerator keys;
    private final Site site;
    /** While there are handshakes. */
    private @Nullable HttpClient http;

    private int handshakes;

    /**
     * Makes a client.
     *
     * @param manager does its work
     * @param options what is said and expected
     */
    public RealWebSocketClient(EventManager manager, WebSocketClientOptions options) {
        this.manager = manager;
        this.options = options;
        this.keys = manager.runtime().entropy().stream("websocket keys");
        this.site = new Site(
                manager,
                options.webSocket(),
                new MessageBudget(options.webSocket().unfinishedBytes()),
                manager.runtime().entropy().stream("websocket masks"));
        HttpClientOptions.Builder http = HttpClientOptions.builder()
                .connect(options.connect())
                .connectionsPerOrigin(options.handshakesPerServer())
                .connections(Math.max(HttpClientOptions.DEFAULT.connections(), options.handshakesPerServer()))
                .waitTimeout(LONG)
                .callTimeout(LONG)
                .headTimeout(options.handshakeTimeout())
                .idleTimeout(options.handshakeTimeout())
                .redirects(0)
                .decompress(false);
        options.proxy().ifPresent(http::proxy);
        this.below = http.build();
    }

    EventManager manager() {
        return manager;
    }

    @Override
    public WebSocketClientOptions options() {
        return options;
    }

    @Override
    public WebSocket connect(String uri, WebSocketHandler handler) {
        Objects.requireNonNull(handler, "handler");
        ClientOpening opening = new ClientOpening(this, handler);
        ClientRequest request = request(uri);
        RealWebSocket webSocket = new RealWebSocket(site, opening);
        if (!manager.inLoop()) {
            manager.post(() -> opening.begin(webSocket, request));
        } else if (manager.isClosed()) {
            throw new ManagerClosedException("cannot connect to " + uri + ": the manager is closed");
        } else {
            opening.begin(webSocket, request);
        }
        return webSocket;
    }

    @Override
    public ReconnectingWebSocket reconnecting(String uri, ReconnectPolicy policy, ReconnectingHandler handler) {
        ClientRequest unused = request(uri);
        Reconnection reconnection = new Reconnection(
                this,
                manager,
                uri,
                Objects.requireNonNull(policy, "policy"),
                Objects.requireNonNull(handler, "handler"));
        reconnection.begin();
        return reconnection;
    }

    // ---------------------------------------------------------------- for handshakes, on the loop

    /** For one handshake, which says when it is over. */
    HttpClient http() {
        HttpClient present = http;
        if (present == null) {
            present = PooledClient.forUpgrades(manager, below);
            http = present;
        }
        return present;
    }

    void handshakeBegins() {
        handshakes++;
    }

    /** The last one leaves nothing behind. */
    void handshakeOver() {
        handshakes--;
        HttpClient present = http;
        if (handshakes == 0 && present != null) {
            http = null;
            present.close();
        }
    }

    /** What is asked for; a key that nobody has had before. */
    Offer offer() {
        byte[] nonce = new byte[OpeningHandshake.KEY_BYTES];
        keys.nextBytes(nonce);
        List<Extension> extensions = options.webSocket().compression().enabled()
                ? List.of(DeflateNegotiation.offer(options.webSocket().compression(), site.mayKeep()))
                : List.of();
        return new Offer(OpeningHandshake.key(nonce), options.subprotocols(), extensions);
    }

    /** The request with the fields of the handshake. */
    ClientRequest dressed(ClientRequest request, Offer offer) {
        Headers.Builder fields = Headers.builder();
        options.host().ifPresent(host -> fields.add("Host", host));
        Headers asked = OpeningHandshake.ask(offer);
        for (int i = 0; i < asked.size(); i++) {
            String name = asked.name(i);
            if (!name.equalsIgnoreCase("Connection") && !name.equalsIgnoreCase("Upgrade")) {
                fields.add(name, asked.value(i));
            }
        }
        options.origin().ifPresent(origin -> fields.add("Origin", origin));
        fields.addAll(options.headers());
        return request.withHeaders(none -> fields.build());
    }

    // ---------------------------------------------------------------- URIs

    /** Asks the same place in HTTP (RFC 6455 §3). */
    private static ClientRequest request(String text) {
        URI uri;
        String ascii = withAsciiHost(text);
        try {
            uri = new URI(ascii);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("expected ws://host/path or wss://host/path: " + e.getMessage(), e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("ws") && !scheme.equals("wss")) {
            throw new IllegalArgumentException("expected a URI of the scheme ws or wss, found " + text);
        }
        if (uri.getRawFragment() != null) {
            throw new IllegalArgumentException("the URI of a WebSocket has no fragment (RFC 6455 3), found " + text);
        }
        String authority = uri.getRawAuthority();
        if (authority != null && authority.indexOf('@') >= 0) { // and nobody repeats a password
            throw new IllegalArgumentException(
                    "the URI of a WebSocket has no user information (RFC 6455 3), found " + scheme + "://…@…");
        }
        try {
            return ClientRequest.get((scheme.equals("ws") ? "http" : "https") + ascii.substring(scheme.length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected " + scheme + "://host/path, with a port from 1 to 65535 if any, found " + text, e);
        }
    }

    /** A name in letters of any language becomes the one that is asked for (RFC 3490). */
    private static String withAsciiHost(String text) {
        int start = text.indexOf("://") + 3;
        int end = start;
        boolean foreign = false;
        while (end < text.length() && "/?#:".indexOf(text.charAt(end)) < 0) {
            foreign |= text.charAt(end) > 0x7f;
            end++;
        }
        return foreign && start > 2
                ? text.substring(0, start) + IDN.toASCII(text.substring(start, end)) + text.substring(end)
                : text;
    }
}
