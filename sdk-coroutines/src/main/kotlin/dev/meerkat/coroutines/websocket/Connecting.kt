package dev.meerkat.coroutines.websocket

import dev.meerkat.EventManager
import dev.meerkat.coroutines.ConnectionFailedException
import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.event.Event
import dev.meerkat.websocket.WebSocket
import dev.meerkat.websocket.WebSocketClient
import dev.meerkat.websocket.WebSocketClientOptions
import dev.meerkat.websocket.WebSocketEvent
import dev.meerkat.websocket.WebSocketHandler
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resumeWithException

/**
 * Connects to a WebSocket server, and closes when the block is over; see [WebSocketSession] for how.
 *
 * ```kotlin
 * webSocket("ws://127.0.0.1:8000/chat") { send("hello"); check(incoming.receive().text() == "hello") }
 * ```
 *
 * **Suspends** until the WebSocket has ended.
 *
 * **Cancellation** gives the attempt up, or closes with 1001, for which the server has a second.
 *
 * **Thread** any; the block runs where it is called.
 *
 * @param uri `ws://host[:port][/path][?query]` or `wss://…`, as for [WebSocketClient.connect]
 * @param options the sub-protocols wished for, fields, proxy, TLS, limits and time-outs
 * @param capacity how many messages are read ahead; see [WebSocketSession.incoming]
 * @param block what to do with the WebSocket
 * @return what the block returns
 * @throws WebSocketRefusedException if the server does not agree
 * @throws WebSocketHandshakeException if it agrees to something else
 * @throws ConnectionFailedException if there is no answer: name, connection, proxy, TLS, time-out
 * @throws WebSocketClosedException if the WebSocket ended otherwise than in order, or before the block did
 * @throws IllegalArgumentException if the URI is not of that form
 */
public suspend fun <T> EventManagerScope.webSocket(
    uri: String,
    options: WebSocketClientOptions = WebSocketClientOptions.DEFAULT,
    capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
    block: suspend WebSocketSession.() -> T,
): T = WebSocketClient.create(manager, options).webSocket(uri, capacity, block)

/**
 * Connects by a client that makes many WebSockets: they share what is needed only now and then, and handshakes with one
 * server come one after the other. Otherwise as [EventManagerScope.webSocket].
 *
 * **Suspends** until the WebSocket has ended.
 *
 * **Cancellation** gives the attempt up, or closes with 1001, for which the server has a second.
 *
 * **Thread** any; the block runs where it is called.
 *
 * @param uri as for [WebSocketClient.connect]
 * @param capacity how many messages are read ahead; see [WebSocketSession.incoming]
 * @param block what to do with the WebSocket
 * @return what the block returns
 * @throws WebSocketRefusedException if the server does not agree
 * @throws WebSocketHandshakeException if it agrees to something else
 * @throws ConnectionFailedException if there is no answer
 * @throws WebSocketClosedException if the WebSocket ended otherwise than in order, or before the block did
 */
public suspend fun <T> WebSocketClient.webSocket(
    uri: String,
    capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
    block: suspend WebSocketSession.() -> T,
): T = awaitWebSocket(uri, capacity).life.run(block = block)

/**
 * Connects to a WebSocket server.
 *
 * **Suspends** until the WebSocket is open or has failed.
 *
 * **Cancellation** gives the attempt up; a WebSocket that was opened at that very moment is closed with 1001.
 *
 * **Thread** any.
 *
 * @param uri as for [WebSocketClient.connect]
 * @param options the sub-protocols wished for, fields, proxy, TLS, limits and time-outs
 * @param capacity how many messages are read ahead; see [WebSocketSession.incoming]
 * @return the session, which is the caller's to close: `use` does. Coroutines that are launched in it end with it
 * @throws WebSocketRefusedException if the server does not agree
 * @throws WebSocketHandshakeException if it agrees to something else
 * @throws ConnectionFailedException if there is no answer
 * @throws IllegalArgumentException if the URI is not of that form
 */
public suspend fun EventManager.awaitWebSocket(
    uri: String,
    options: WebSocketClientOptions = WebSocketClientOptions.DEFAULT,
    capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
): WebSocketSession = WebSocketClient.create(this, options).awaitWebSocket(uri, capacity)

/**
 * Connects by a client that makes many WebSockets; otherwise as [EventManager.awaitWebSocket].
 *
 * **Suspends** until the WebSocket is open or has failed.
 *
 * **Cancellation** gives the attempt up; a WebSocket that was opened at that very moment is closed with 1001.
 *
 * **Thread** any.
 *
 * @param uri as for [WebSocketClient.connect]
 * @param capacity how many messages are read ahead
 * @return the session, which is the caller's to close
 * @throws WebSocketRefusedException if the server does not agree
 * @throws WebSocketHandshakeException if it agrees to something else
 * @throws ConnectionFailedException if there is no answer
 */
public suspend fun WebSocketClient.awaitWebSocket(
    uri: String,
    capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
): WebSocketSession {
    require(capacity >= 1) { "capacity must be 1 or more: $capacity" }
    return suspendCancellableCoroutine { caller ->
        val attempt = connect(uri, Attempt(caller, capacity))
        caller.invokeOnCancellation { attempt.abort() }
    }
}

/** The way from a suspended caller to its session, which begins to hear at once what the server says first. */
private class Attempt(private val caller: CancellableContinuation<WebSocketSession>, private val capacity: Int) :
    WebSocketHandler {
    private var session: WebSocketSession? = null
    private var failure: Exception? = null

    override fun onEvent(webSocket: WebSocket, event: Event) {
        val opened = session
        when {
            opened != null -> opened.onEvent(event)
            event is WebSocketEvent.Opened -> open(webSocket)
            event is WebSocketEvent.Refused -> failure = WebSocketRefusedException(event.head(), event.body())
            event is WebSocketEvent.HandshakeFailed -> failure = WebSocketHandshakeException(event.error())
            event is WebSocketEvent.Closed -> caller.resumeWithException(failure ?: whyNot(event))
        }
    }

    private fun open(webSocket: WebSocket) {
        val made = WebSocketSession(webSocket, capacity, null)
        session = made
        made.life.belongToItself()
        caller.resume(made) { _, late, _ -> late.close(GOING_AWAY) }
    }

    private fun whyNot(closed: WebSocketEvent.Closed): Exception {
        val error = closed.connectionError().orElse(null)
        return if (error == null) WebSocketClosedException(closed) else ConnectionFailedException(error)
    }
}
