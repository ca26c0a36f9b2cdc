package dev.meerkat.internal.ws;

import dev.meerkat.EventManager;
import dev.meerkat.http.Headers;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.http.client.HttpClientOptions;
import dev.meerkat.internal.websocket.DeflateNegotiation;
import dev.meerkat.internal.websocket.Offer;
import dev.meerkat.internal.websocket.OpeningHandshake;
import dev.meerkat.websocket.CompressionOptions;
import dev.meerkat.websocket.ReconnectPolicy;
import dev.meerkat.websocket.ReconnectingHandler;
import dev.meerkat.websocket.ReconnectingWebSocket;
import dev.meerkat.websocket.WebSocket;
import dev.meerkat.websocket.WebSocketClient;
import dev.meerkat.websocket.WebSocketClientOptions;
import dev.meerkat.websocket.WebSocketHandler;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** Asks servers for WebSockets, by a client of HTTP whose connections are given up to them. Any thread. */
public final class RealWebSocketClient implements WebSocketClient {
    private static final int NONCE_BYTES = 16;

    private final EventManager manager;
    private final WebSocketClientOptions options;
    private final HttpClient http;
    private final RandomGenerator nonces;
    /** What all its WebSockets share; loop thread. */
    private final Site site;

    /**
     * Makes a client.
     *
     * @param manager does its work
     * @param options what is said and expected
     */
    public RealWebSocketClient(EventManager manager, WebSocketClientOptions options) {
        this.manager = manager;
        this.options = options;
        this.nonces = manager.runtime().entropy().stream("websocket keys");
        this.site = new Site(manager, options.webSocket(), manager.runtime().entropy().stream("websocket masks"));
        HttpClientOptions.Builder below = HttpClientOptions.builder()
                .connect(options.connect())
                .connectionsPerOrigin(options.handshakesPerServer())
                .headTimeout(options.handshakeTimeout())
                .redirects(0)
                .decompress(false);
        options.proxy().ifPresent(below::proxy);
        this.http = HttpClient.create(manager, below.build());
    }

    @Override
    public WebSocketClientOptions options() {
        return options;
    }

    @Override
    public WebSocket connect(String uri, WebSocketHandler handler) {
        Objects.requireNonNull(handler, "handler");
        URI target = requestUri(uri);
        RealWebSocket webSocket = new RealWebSocket(site, handler);
        CompressionOptions packing = options.webSocket().compression();
        Offer offer = new Offer(
                OpeningHandshake.key(nonce()),
                options.subprotocols(),
                packing.enabled() ? List.of(DeflateNegotiation.offer(packing, packing.keepPeerContext())) : List.of());
        ClientRequest request = ClientRequest.get(target.toString())
                .withHeaders(fields -> fields(offer))
                .upgrading("websocket", webSocket);
        new ClientOpening(webSocket, offer, options.refusalBytes()).begin(http, request);
        return webSocket;
    }

    @Override
    public ReconnectingWebSocket reconnecting(String uri, ReconnectPolicy policy, ReconnectingHandler handler) {
        requestUri(uri);
        Reconnection reconnection = new Reconnection(
                this,
                manager,
                uri,
                Objects.requireNonNull(policy, "policy"),
                Objects.requireNonNull(handler, "handler"));
        reconnection.begin();
        return reconnection;
    }

    private byte[] nonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        synchronized (nonces) { // on whatever thread somebody connects
            nonces.nextBytes(nonce);
        }
        return nonce;
    }

    private Headers fields(Offer offer) {
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
        return fields.addAll(options.headers()).build();
    }

    /** The same place in HTTP (RFC 6455 §3). */
    private static URI requestUri(String text) {
        URI uri;
        try {
            uri = new URI(text);
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
        return URI.create((scheme.equals("ws") ? "http" : "https") + text.substring(scheme.length()));
    }
}
