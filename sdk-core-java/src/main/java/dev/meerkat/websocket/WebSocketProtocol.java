package dev.meerkat.websocket;

import dev.meerkat.BroadcastResult;
import dev.meerkat.EventManager;
import dev.meerkat.SlowReceiverPolicy;
import dev.meerkat.event.Bytes;
import dev.meerkat.internal.check.Ranges;
import dev.meerkat.internal.ws.ServedProtocol;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One of the protocols of a {@link WebSocketServer}: a name, a handler, an object for each WebSocket, and options of
 * its own. It knows its WebSockets, on however many managers they are.
 *
 * <pre>{@code
 * WebSocketServer server = WebSocketServer.builder()
 *     .protocol(WebSocketProtocol.named("chat.v2", new ChatRoom()).session(webSocket -> new Guest()))
 *     .protocol(WebSocketProtocol.unnamed(new Greeter()))
 *     .build();
 * WebSocketProtocol chat = server.protocol("chat.v2").orElseThrow();
 * chat.send(Message.text("the bar closes"));                          // from any thread, to everybody
 * }</pre>
 *
 * <p>Not for implementing.
 */
public interface WebSocketProtocol {
    /**
     * Describes a protocol with a name.
     *
     * @param name what peers ask for; matched exactly, case included (RFC 6455 §11.5); a token
     * @param handler serves its WebSockets
     * @return for {@link WebSocketServer.Builder#protocol}
     * @throws IllegalArgumentException if the name is no token
     */
    static Builder named(String name, WebSocketHandler handler) {
        return new Builder(WebSocketNames.requireToken(name), handler);
    }

    /**
     * Describes the protocol for peers that ask for none.
     *
     * @param handler serves its WebSockets
     * @return for {@link WebSocketServer.Builder#protocol}
     */
    static Builder unnamed(WebSocketHandler handler) {
        return new Builder(null, handler);
    }

    /**
     * May be called from any thread.
     *
     * @return the name; empty for the one that serves peers who ask for none
     */
    Optional<String> name();

    /**
     * May be called from any thread. The server that it belongs to.
     *
     * @return the server
     */
    WebSocketServer server();

    /**
     * May be called from any thread. Its position among the server's protocols.
     *
     * @return 0 for the first
     */
    int index();

    /**
     * May be called from any thread.
     *
     * @return how many open WebSockets it has now, on all managers
     */
    int size();

    /**
     * Its open WebSockets on one manager. Loop thread of that manager.
     *
     * @param manager whose
     * @return a copy, in the order in which they were opened
     */
    List<WebSocket> webSockets(EventManager manager);

    /**
     * May be called from any thread. Tells each open WebSocket's handler of a message, by {@code TcpEvent.Broadcast}.
     * Nothing has been sent: what to send, if anything, is up to the handler.
     *
     * @param message shared with all receivers and never copied
     * @return completed when every handler has been called, with the counts; exceptionally, with
     *     {@link java.util.concurrent.RejectedExecutionException}, if a manager's mailbox was full
     * @throws dev.meerkat.BroadcastLimitException if the message is larger than a manager's broadcast limit; nobody
     *     receives it
     */
    default CompletableFuture<BroadcastResult> broadcast(Bytes message) {
        return broadcast(message, webSocket -> true);
    }

    /**
     * May be called from any thread. The same for some of them.
     *
     * @param message shared with all receivers and never copied
     * @param filter decides for each, on its loop thread; one that throws counts as false and is reported to the error
     *     hook
     * @return completed when every handler has been called, with the counts; exceptionally, with
     *     {@link java.util.concurrent.RejectedExecutionException}, if a manager's mailbox was full
     * @throws dev.meerkat.BroadcastLimitException if the message is larger than a manager's broadcast limit; nobody
     *     receives it
     */
    CompletableFuture<BroadcastResult> broadcast(Bytes message, Predicate<? super WebSocket> filter);

    /**
     * May be called from any thread. Sends a message to each open WebSocket; it is encoded, and compressed, once, and
     * leaves at the end of the turn, in front of what is sent to any of them afterwards. Who is too slow for it is
     * treated by {@link Builder#slowReceivers}.
     *
     * @param message what to send
     * @return completed when it was given to every WebSocket, with the counts, which is at the end of the turn, so that
     *     a loop thread that blocks for it waits for ever; exceptionally, with
     *     {@link java.util.concurrent.RejectedExecutionException}, if a manager's mailbox was full
     * @throws dev.meerkat.BroadcastLimitException if the message is larger than a manager's broadcast limit; nobody
     *     receives it
     */
    default CompletableFuture<BroadcastResult> send(Message message) {
        return send(message, webSocket -> true);
    }

    /**
     * May be called from any thread. The same to some of them.
     *
     * @param message what to send
     * @param filter as of {@link #broadcast(Bytes, Predicate)}
     * @return completed when it was given to every WebSocket, with the counts; exceptionally, with
     *     {@link java.util.concurrent.RejectedExecutionException}, if a manager's mailbox was full
     * @throws dev.meerkat.BroadcastLimitException if the message is larger than a manager's broadcast limit; nobody
     *     receives it
     */
    CompletableFuture<BroadcastResult> send(Message message, Predicate<? super WebSocket> filter);

    /**
     * May be called from any thread. Asks for {@code Writable} on each open WebSocket, each in its turn: the way to
     * send to all what each makes itself, as fast as each takes it.
     */
    void requestWritable();

    /** Describes a protocol; each method answers the builder itself. */
    final class Builder {
        private final @Nullable String name;
        private final WebSocketHandler handler;
        private @Nullable Function<? super WebSocket, ?> session;
        private @Nullable WebSocketOptions options;
        private SlowReceiverPolicy slowReceivers = SlowReceiverPolicy.KEEP;
        private int connections = Integer.MAX_VALUE;

        private Builder(@Nullable String name, WebSocketHandler handler) {
            this.name = name;
            this.handler = Objects.requireNonNull(handler, "handler");
        }

        /**
         * Makes an object for each WebSocket, before {@code Opened}; {@link WebSocket#session} gives it back.
         *
         * @param factory called on the loop thread; may ask for its connection and sub-protocol, but not send
         * @return this
         */
        public Builder session(Function<? super WebSocket, ?> factory) {
            session = Objects.requireNonNull(factory, "factory");
            return this;
        }

        /**
         * Options of this protocol; the server's by default.
         *
         * @param value limits, deadlines, compression
         * @return this
         */
        public Builder options(WebSocketOptions value) {
            options = Objects.requireNonNull(value, "options");
            return this;
        }

        /**
         * What {@link WebSocketProtocol#send} and {@link WebSocketProtocol#broadcast} do with one that is above its
         * high-water mark; {@link SlowReceiverPolicy#KEEP} by default. {@code CLOSE} closes with 1013.
         *
         * @param value the policy
         * @return this
         */
        public Builder slowReceivers(SlowReceiverPolicy value) {
            slowReceivers = Objects.requireNonNull(value, "slowReceivers");
            return this;
        }

        /**
         * How many WebSockets there may be at a time, on all managers; the next is answered 503. As many as there may
         * be connections by default.
         *
         * @param value 1 or more
         * @return this
         * @throws IllegalArgumentException if it is less
         */
        public Builder connections(int value) {
            Ranges.atLeast("connections", value, 1);
            connections = value;
            return this;
        }

        ServedProtocol build(WebSocketOptions byDefault) {
            return new ServedProtocol(
                    name, handler, session, options == null ? byDefault : options, slowReceivers, connections);
        }
    }
}
