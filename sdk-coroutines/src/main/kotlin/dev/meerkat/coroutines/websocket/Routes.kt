package dev.meerkat.coroutines.websocket

import dev.meerkat.coroutines.http.HttpRoutes
import dev.meerkat.websocket.Handshake
import dev.meerkat.websocket.HandshakeAnswer
import dev.meerkat.websocket.WebSocketOptions
import dev.meerkat.websocket.WebSocketProtocol
import dev.meerkat.websocket.WebSocketServer

/**
 * Serves WebSockets at a path, each by a coroutine of the server's scope; as [suspendingWebSocketHandler].
 *
 * ```kotlin
 * serveHttp("http://127.0.0.1:8000") { webSocket("/chat") { for (message in incoming) send(message) } }
 * ```
 *
 * @param template which paths, behind the prefix of the blocks around; [WebSocketSession.path] has what it captures
 * @param options limits, deadlines, compression
 * @param capacity how many messages are read ahead; see [WebSocketSession.incoming]
 * @param onHandshake decides, and may suspend, whether a peer gets its WebSocket; everybody does by default
 * @param block what to do with a WebSocket
 * @throws IllegalArgumentException if the template is malformed, or the capacity is less than 1
 */
public fun HttpRoutes.webSocket(
    template: String,
    options: WebSocketOptions = WebSocketOptions.DEFAULT,
    capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
    onHandshake: (suspend (Handshake) -> HandshakeAnswer)? = null,
    block: suspend WebSocketSession.() -> Unit,
) {
    val handler = suspendingWebSocketHandler(scope, capacity, onHandshake, block)
    val server = WebSocketServer.builder().options(options).protocol(WebSocketProtocol.unnamed(handler)).build()
    handle("GET", template, server)
}

/**
 * Serves WebSockets of several sub-protocols at a path; as [webSocketServer].
 *
 * @param template which paths, behind the prefix of the blocks around
 * @param options of the protocols that have none of their own
 * @param configure adds the protocols
 * @throws IllegalArgumentException if the template is malformed, there is no protocol, or two have the same name
 */
public fun HttpRoutes.webSockets(
    template: String,
    options: WebSocketOptions = WebSocketOptions.DEFAULT,
    configure: WebSocketServing.() -> Unit,
): Unit = handle("GET", template, webSocketServer(scope, options, configure))
