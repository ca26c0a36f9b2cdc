package dev.meerkat.websocket;

import dev.meerkat.event.Event;

/**
 * Receives the events of WebSockets: the one place where a program reacts to its peers.
 *
 * <pre>{@code
 * WebSocketHandler echo = (webSocket, event) -> {
 *     if (event instanceof WebSocketEvent.Text text) {
 *         webSocket.sendText(text.payload());
 *     } else if (event instanceof WebSocketEvent.Binary binary) {
 *         webSocket.sendBinary(binary.payload());
 *     }
 * };
 * }</pre>
 *
 * <p>Called on the loop thread of the WebSocket's manager, one event after the other, never nested; it must not block.
 * If it throws, that WebSocket is closed with code 1011 (RFC 6455 §7.4.1), the failure is reported to the manager's
 * error hook, and all others go on. One handler serves any number of WebSockets and managers; what belongs to one
 * WebSocket is kept in its {@linkplain WebSocket#session session}.
 */
@FunctionalInterface
public interface WebSocketHandler {
    /**
     * Reacts to an event: a {@link WebSocketEvent}, or one of TCP that says something of the connection as a whole:
     * {@code Drained}, {@code Writable}, {@code Broadcast}, {@code TimerFired}, {@code Tick}, {@code ShuttingDown}.
     * {@code Received}, {@code Sent}, {@code InputClosed} and TCP's own {@code Opened} and {@code Closed} do not come
     * here.
     *
     * @param webSocket whom it happened to
     * @param event what happened; bytes in it are borrowed until the handler returns
     * @throws Exception if the handler fails
     */
    void onEvent(WebSocket webSocket, Event event) throws Exception;

    /**
     * Decides whether a peer that asks for a WebSocket gets one. Server only; called before anything was answered, on
     * the loop thread. By default everybody does, with the sub-protocol that the server has chosen.
     *
     * @param handshake what the peer asks for
     * @return made by {@link Handshake#accept}, {@link Handshake#refuse}, or one that comes
     *     {@linkplain HandshakeAnswer#later later}
     * @throws Exception as of {@code HttpHandler.handle}: the request is answered with 500, or as a
     *     {@code ResponseException} says
     */
    default HandshakeAnswer onHandshake(Handshake handshake) throws Exception {
        return handshake.accept();
    }

    /**
     * Names the type of a lambda.
     *
     * @param handler receives events
     * @return the same
     */
    static WebSocketHandler of(WebSocketHandler handler) {
        return handler;
    }
}
