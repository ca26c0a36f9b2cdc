/**
 * WebSocket (RFC 6455) and its compression (RFC 7692), as server and as client.
 *
 * <p>A {@link dev.meerkat.websocket.WebSocketServer} answers the requests that want to become WebSockets and gives each
 * of them to one of its {@linkplain dev.meerkat.websocket.WebSocketProtocol protocols}; a
 * {@link dev.meerkat.websocket.WebSocketClient} connects to one. On both sides a
 * {@link dev.meerkat.websocket.WebSocketHandler} hears what happens and a {@link dev.meerkat.websocket.WebSocket}
 * sends.
 *
 * <pre>{@code
 * manager.listen("http://127.0.0.1:8000", Router.create()
 *     .webSocket("/echo", (webSocket, event) -> {
 *         if (event instanceof WebSocketEvent.Text text) {
 *             webSocket.sendText(text.payload());
 *         }
 *     })
 *     .files("/", Path.of("public")));
 * }</pre>
 *
 * <p>Events of one WebSocket, in this order:
 *
 * <pre>
 * Opened (Text | Binary | Fragment | Ping | Pong | events of TCP)* Closed
 * </pre>
 *
 * <p>On a client {@code Refused} or {@code HandshakeFailed} may take the place of all that stands before
 * {@code Closed}. What a peer can do wrong stands in {@link dev.meerkat.websocket.HandshakeRule} and
 * {@link dev.meerkat.websocket.WebSocketRule}.
 */
@NullMarked
package dev.meerkat.websocket;

import org.jspecify.annotations.NullMarked;
