package dev.meerkat.websocket;

import dev.meerkat.http.HttpHandler;
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
         * From which origins scripts may come; others are refused with 403. Without this call every origin may: a
         * server that knows its users by cookies should name its own (RFC 6455 §10.2). Peers that are no browsers send
         * no origin and are let in.
         *
         * @param values for example {@code https://example.com}; compared as a whole, without regard to case
         * @return this
         */
        public Builder origins(String... values) {
            origins = new LinkedHashSet<>(List.of(values));
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
                    protocols.stream().map(each -> each.build(options)).toList(), origins, http);
        }
    }
}
