package dev.meerkat.websocket;

import dev.meerkat.EventManager;
import dev.meerkat.internal.ws.RealWebSocketClient;
import java.util.Objects;

/**
 * Connects to WebSocket servers (RFC 6455 §4.1).
 *
 * <pre>{@code
 * WebSocketClient.connect(manager, "ws://127.0.0.1:8000/chat", (webSocket, event) -> {
 *     if (event instanceof WebSocketEvent.Opened) {
 *         webSocket.send("hello");
 *     } else if (event instanceof WebSocketEvent.Text text) {
 *         System.out.println(text.text());
 *     }
 * });
 * }</pre>
 *
 * <p>A client belongs to one manager, whose loop does the work. Connecting does not fail by throwing but by the events
 * {@code Refused} (redirects too: nobody is sent elsewhere unasked), {@code HandshakeFailed} and {@code Closed}, whose
 * {@code connectionError} tells by its kind what happened before there was an answer: the name, the connection, the
 * proxy, TLS (then the status is 1015), the time-out of the handshake. The last event comes exactly once, in another
 * turn than the call that caused it.
 *
 * <p>Who makes many WebSockets makes them by one client: they share what is needed only now and then, the memory for
 * compression, and the rule that handshakes with a server come one after the other. A client without WebSockets holds
 * nothing that would have to be closed.
 *
 * <p>Not for implementing.
 */
public interface WebSocketClient {
    /**
     * Any thread. Makes a client with default options.
     *
     * @param manager does its work
     * @return a new client
     */
    static WebSocketClient create(EventManager manager) {
        return create(manager, WebSocketClientOptions.DEFAULT);
    }

    /**
     * Any thread. Makes a client.
     *
     * @param manager does its work
     * @param options what is said and expected in the handshake, and how WebSockets behave
     * @return a new client
     */
    static WebSocketClient create(EventManager manager, WebSocketClientOptions options) {
        return new RealWebSocketClient(
                Objects.requireNonNull(manager, "manager"), Objects.requireNonNull(options, "options"));
    }

    /**
     * Any thread. Connects once, with default options, by a client of its own.
     *
     * @param manager does the work
     * @param uri as of {@link #connect(String, WebSocketHandler)}
     * @param handler receives the events
     * @return the WebSocket, about to be told {@code Opened}
     */
    static WebSocket connect(EventManager manager, String uri, WebSocketHandler handler) {
        return create(manager).connect(uri, handler);
    }

    /**
     * Any thread. Connects.
     *
     * @param uri {@code ws://host[:port][/path][?query]} or {@code wss://…}, without a fragment (RFC 6455 §3) or user
     *     information; the host is a name, in letters of any language, or an address, IPv6 in brackets
     * @param handler receives the events, on the loop thread
     * @return the WebSocket, about to be told {@code Opened}; closing it before gives up
     * @throws IllegalArgumentException if the URI is not of this form
     * @throws java.util.concurrent.RejectedExecutionException if the manager's mailbox is full
     * @throws dev.meerkat.ManagerClosedException if the manager is closed
     */
    WebSocket connect(String uri, WebSocketHandler handler);

    /**
     * Any thread. Connects, and again whenever the WebSocket has ended, until it is closed or given up.
     *
     * @param uri as of {@link #connect}
     * @param policy when to try again, and what may wait
     * @param handler receives the events of each WebSocket, and what happens between them
     * @return the WebSocket, about to be made
     * @throws IllegalArgumentException if the URI is not of that form
     * @throws java.util.concurrent.RejectedExecutionException if the manager's mailbox is full
     * @throws dev.meerkat.ManagerClosedException if the manager is closed
     */
    ReconnectingWebSocket reconnecting(String uri, ReconnectPolicy policy, ReconnectingHandler handler);

    /**
     * Any thread. The options.
     *
     * @return as they were given
     */
    WebSocketClientOptions options();
}
