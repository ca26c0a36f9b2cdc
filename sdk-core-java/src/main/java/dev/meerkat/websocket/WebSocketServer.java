package dev.meerkat.websocket;

import dev.meerkat.http.HttpHandler;
import dev.meerkat.internal.ws.Origins;
import dev.meerkat.internal.ws.RealWebSocketServer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that ask for a WebSocket, and gives each to the protocol that it names. An {@link HttpHandler} like
 * any other: it stands in a router, behind filters, on any number of listeners and managers.
 *
 * <pre>{@code
 * WebSocketServer server = WebSocketServer.builder()
 *     .protocol(WebSocketProtocol.named("chat.v2", new ChatRoom()))
 *     .protocol(WebSocketProtocol.unnamed(new Greeter()))
 *     .origins("https://example.com")
 *     .build();
 * manager.listen("http://127.0.0.1:8000", Router.create().webSocket("/chat", server).files("/", root));
 * manager.listen("ws://127.0.0.1:8001", server);
 * }</pre>
 *
 * <p>Which protocol serves a peer: the first of those that the peer names, in the peer's order, which is here, exactly
 * as it is written. A peer that names none, or none that is here, is served by the unnamed protocol, without a
 * sub-protocol; if there is none it is refused with 400 (RFC 6455 §4.2.2).
 *
 * <p>A request that is malformed as a handshake is answered 400, one of another version 426 with
 * {@code Sec-WebSocket-Version: 13}, one that does not ask for a WebSocket at all goes to {@link Builder#http}.
 *
 * <p>Not for implementing.
 */
public interface WebSocketServer extends HttpHandler {
    /**
     * A server with one protocol, for peers that name none.
     *
     * @param handler serves them
     * @return the server
     */
    static WebSocketServer of(WebSocketHandler handler) {
        return builder().protocol(WebSocketProtocol.unnamed(handler)).build();
    }

    /**
     * Starts without protocols.
     *
     * @return a new builder
     */
    static Builder builder() {
        return new Builder();
    }

    /**
     * The protocols.
     *
     * @return in the order in which they were given
     */
    List<WebSocketProtocol> protocols();

    /**
     * The protocol of a name.
     *
     * @param name exactly as it was given
     * @return the protocol, or empty
     */
    default Optional<WebSocketProtocol> protocol(String name) {
        return protocols().stream()
                .filter(each -> each.name().filter(name::equals).isPresent())
                .findFirst();
    }

    /** Collects what a server is made of; each method answers the builder itself. */
    final class Builder {
        private final List<WebSocketProtocol.Builder> protocols = new ArrayList<>();
        private WebSocketOptions options = WebSocketOptions.DEFAULT;
        private @Nullable Set<String> origins;
        private boolean sameOrigin;
        private @Nullable HttpHandler http;

        private Builder() {}

        /**
         * Adds a protocol, behind those that are there.
         *
         * @param protocol made by {@link WebSocketProtocol#named} or {@link WebSocketProtocol#unnamed}
         * @return this
         */
        public Builder protocol(WebSocketProtocol.Builder protocol) {
            protocols.add(Objects.requireNonNull(protocol, "protocol"));
            return this;
        }

        /**
         * Options of the protocols that have none of their own.
         *
         * @param value limits, deadlines, compression
         * @return this
         */
        public Builder options(WebSocketOptions value) {
            options = Objects.requireNonNull(value, "options");
            return this;
        }

        /**
         * From which origins scripts may come; others are refused with 403. Without this call and {@link #sameOrigin}
         * every origin may: a server that knows its users by cookies, or stands on a machine or network where browsers
         * are, should call one of them (RFC 6455 §10.2). Peers that are no browsers send no origin and are let in.
         *
         * @param values for example {@code https://example.com}; compared as a whole, without regard to case
         * @return this
         */
        public Builder origins(String... values) {
            origins = new LinkedHashSet<>(List.of(values));
            return this;
        }

        /**
         * Lets scripts in that come from pages of this very server, beside those of {@link #origins}; others are
         * refused with 403. The {@code Origin} that the browser sends has the host and port of its {@code Host}, and
         * the scheme {@code https} if the connection is under TLS, {@code http} if not (RFC 6454 §5); a page without an
         * origin, {@code null}, is another's. Behind a proxy that ends TLS, or changes {@code Host}, the server cannot
         * know how it is called: name it by {@link #origins}. Peers that are no browsers send no origin and are let in.
         * It is no help against a page whose own name leads to this server's address by then (DNS rebinding): who must
         * know its users asks for more than an origin, and who has one name says it by {@link #origins}.
         *
         * @return this
         */
        public Builder sameOrigin() {
            sameOrigin = true;
            return this;
        }

        /**
         * Answers requests that do not ask for a WebSocket; without it they are answered 426 with {@code Upgrade:
         * websocket}.
         *
         * @param handler any handler
         * @return this
         */
        public Builder http(HttpHandler handler) {
            http = Objects.requireNonNull(handler, "handler");
            return this;
        }

        /**
         * Makes the server.
         *
         * @return a server with its own protocol objects
         * @throws IllegalArgumentException if there is no protocol, or two have the same name
         */
        public WebSocketServer build() {
            return new RealWebSocketServer(
                    protocols.stream().map(each -> each.build(options)).toList(),
                    new Origins(origins, sameOrigin),
                    http);
        }
    }
}
