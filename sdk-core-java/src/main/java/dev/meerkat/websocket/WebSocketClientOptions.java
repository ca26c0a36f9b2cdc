package dev.meerkat.websocket;

import dev.meerkat.ConnectOptions;
import dev.meerkat.http.Headers;
import dev.meerkat.http.client.ClientProxy;
import dev.meerkat.internal.check.Ranges;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a client asks for WebSockets. Immutable.
 *
 * @param webSocket limits, deadlines and compression of each WebSocket
 * @param connect how connections are made: time-outs of names, TCP and TLS, and whom to trust, self-signed certificates
 *     included; with {@link ConnectOptions#connectTimeout()} of 10 s by default
 * @param handshakeTimeout how long a server may take from our request to the head of its answer; 10 s by default
 *     (Python's websockets 10 s)
 * @param subprotocols what we can speak, the preferred one first; none by default. The server picks one or none
 * @param origin the value of {@code Origin}, for servers that let only some in; empty, the default, sends none, as we
 *     are no browser (RFC 6455 §4.1)
 * @param host the value of {@code Host}; empty, the default, for that of the URI
 * @param headers more fields of the request, for example {@code Authorization} or {@code Cookie}; none that the
 *     handshake, HTTP or another option sets
 * @param proxy who stands between: CONNECT or SOCKS 5, for {@code ws} as for {@code wss} (RFC 6455 §4.1); empty, the
 *     default, for nobody
 * @param handshakesPerServer how many handshakes of this client with one host and port may be under way at a time;
 *     others wait for them, 1,024 at most, as long as it takes; 1 by default, as RFC 6455 §4.1 asks for. What goes
 *     beyond ends at once with {@code TOO_MANY_WAITING}. Handshakes with different servers wait for each other only
 *     beyond 64
 * @param refusalBytes how much of the body of a refusal is kept for {@link WebSocketEvent.Refused}, as far as it comes
 *     within the handshake time-out; 16 KiB by default, an error page
 */
public record WebSocketClientOptions(
        WebSocketOptions webSocket,
        ConnectOptions connect,
        Duration handshakeTimeout,
        List<String> subprotocols,
        Optional<String> origin,
        Optional<String> host,
        Headers headers,
        Optional<ClientProxy> proxy,
        int handshakesPerServer,
        int refusalBytes) {
    /** The defaults. */
    public static final WebSocketClientOptions DEFAULT = builder().build();

    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public WebSocketClientOptions {
        Objects.requireNonNull(webSocket, "webSocket");
        Objects.requireNonNull(connect, "connect");
        Ranges.positive("handshakeTimeout", handshakeTimeout);
        subprotocols = List.copyOf(subprotocols);
        subprotocols.forEach(WebSocketNames::requireToken);
        if (subprotocols.stream().distinct().count() < subprotocols.size()) {
            throw new IllegalArgumentException("a sub-protocol is asked for once (RFC 6455 4.1): " + subprotocols);
        }
        Objects.requireNonNull(origin, "origin");
        host.ifPresent(HandshakeFields::requireHost);
        for (int i = 0; i < headers.size(); i++) {
            HandshakeFields.requireFree(headers.name(i));
            HandshakeFields.requireNoneOfHttp(headers.name(i));
        }
        Objects.requireNonNull(proxy, "proxy");
        Ranges.atLeast("handshakesPerServer", handshakesPerServer, 1);
        Ranges.atLeast("refusalBytes", refusalBytes, 0);
    }

    /**
     * Starts from the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts from these options.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.webSocket = webSocket;
        builder.connect = connect;
        builder.handshakeTimeout = handshakeTimeout;
        builder.subprotocols = subprotocols;
        builder.origin = origin.orElse(null);
        builder.host = host.orElse(null);
        builder.headers = headers;
        builder.proxy = proxy.orElse(null);
        builder.handshakesPerServer = handshakesPerServer;
        builder.refusalBytes = refusalBytes;
        return builder;
    }

    /** Collects options; each method answers the builder itself. */
    public static final class Builder {
        private WebSocketOptions webSocket = WebSocketOptions.DEFAULT;
        private ConnectOptions connect =
                ConnectOptions.builder().connectTimeout(Duration.ofSeconds(10)).build();
        private Duration handshakeTimeout = Duration.ofSeconds(10);
        private List<String> subprotocols = List.of();
        private @Nullable String origin;
        private @Nullable String host;
        private Headers headers = Headers.EMPTY;
        private @Nullable ClientProxy proxy;
        private int handshakesPerServer = 1;
        private int refusalBytes = 16 * 1024;

        private Builder() {}

        /**
         * Limits, deadlines and compression of each WebSocket.
         *
         * @param value the options
         * @return this
         */
        public Builder webSocket(WebSocketOptions value) {
            webSocket = Objects.requireNonNull(value, "webSocket");
            return this;
        }

        /**
         * How connections are made.
         *
         * @param value time-outs, socket options, TLS
         * @return this
         */
        public Builder connect(ConnectOptions value) {
            connect = Objects.requireNonNull(value, "connect");
            return this;
        }

        /**
         * How long a server may take to answer.
         *
         * @param value positive
         * @return this
         */
        public Builder handshakeTimeout(Duration value) {
            handshakeTimeout = Objects.requireNonNull(value, "handshakeTimeout");
            return this;
        }

        /**
         * What we can speak.
         *
         * @param values tokens, the preferred one first
         * @return this
         */
        public Builder subprotocols(String... values) {
            subprotocols = List.of(values);
            return this;
        }

        /**
         * The value of {@code Origin}.
         *
         * @param value for example {@code https://example.com}; null for none
         * @return this
         */
        public Builder origin(@Nullable String value) {
            origin = value;
            return this;
        }

        /**
         * The value of {@code Host}.
         *
         * @param value a host, perhaps with a port; null for that of the URI
         * @return this
         */
        public Builder host(@Nullable String value) {
            host = value;
            return this;
        }

        /**
         * More fields of the request.
         *
         * @param value none that the handshake sets itself
         * @return this
         */
        public Builder headers(Headers value) {
            headers = Objects.requireNonNull(value, "headers");
            return this;
        }

        /**
         * Who stands between.
         *
         * @param value the proxy; null for nobody
         * @return this
         */
        public Builder proxy(@Nullable ClientProxy value) {
            proxy = value;
            return this;
        }

        /**
         * How many handshakes with one server may be under way at a time.
         *
         * @param value 1 or more
         * @return this
         */
        public Builder handshakesPerServer(int value) {
            handshakesPerServer = value;
            return this;
        }

        /**
         * How much of the body of a refusal is kept.
         *
         * @param value in bytes, 0 or more
         * @return this
         */
        public Builder refusalBytes(int value) {
            refusalBytes = value;
            return this;
        }

        /**
         * The version of WebSocket. There is one: this is here for who brings a number from elsewhere.
         *
         * @param value 13, or −1 for the latest
         * @return this
         * @throws IllegalArgumentException for any other, which nobody speaks any more
         */
        public Builder version(int value) {
            if (value != 13 && value != -1) {
                throw new IllegalArgumentException("the version of WebSocket is 13 (RFC 6455 4.1): " + value);
            }
            return this;
        }

        /**
         * Makes the options.
         *
         * @return immutable options
         * @throws IllegalArgumentException if a value is out of its range; the message names it
         */
        public WebSocketClientOptions build() {
            return new WebSocketClientOptions(
                    webSocket,
                    connect,
                    handshakeTimeout,
                    subprotocols,
                    Optional.ofNullable(origin),
                    Optional.ofNullable(host),
                    headers,
                    Optional.ofNullable(proxy),
                    handshakesPerServer,
                    refusalBytes);
        }
    }
}
