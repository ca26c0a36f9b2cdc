package dev.meerkat.coroutines.websocket

import dev.meerkat.coroutines.dispatcher
import dev.meerkat.event.Event
import dev.meerkat.http.RequestHead
import dev.meerkat.http.RouteMatch
import dev.meerkat.websocket.Handshake
import dev.meerkat.websocket.HandshakeAnswer
import dev.meerkat.websocket.WebSocket
import dev.meerkat.websocket.WebSocketEvent
import dev.meerkat.websocket.WebSocketHandler
import dev.meerkat.websocket.WebSocketOptions
import dev.meerkat.websocket.WebSocketProtocol
import dev.meerkat.websocket.WebSocketServer
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.launch
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException

/**
 * A handler that launches a coroutine for every WebSocket: for `Router.webSocket`, and for the protocols of a
 * [WebSocketServer]. The WebSocket lives as long as the block runs; see [WebSocketSession]. A failure of the block closes
 * its own WebSocket with 1011 and goes to the scope's `CoroutineExceptionHandler` or, if there is none, to the manager's
 * error hook, unless it is a [WebSocketClosedException], which is the peer's doing.
 *
 * ```kotlin
 * manager.listen("http://127.0.0.1:8000", Router.create()
 *     .webSocket("/chat", suspendingWebSocketHandler(this) { for (message in incoming) send(message) }))
 * ```
 *
 * **Cancellation** of the scope closes the WebSockets with 1001, refuses handshakes that wait for an answer with 503, and
 * ends when they have ended, within a second.
 *
 * **Thread** the loop of each WebSocket's manager. Both blocks run there too, whatever dispatcher the scope has.
 *
 * @param scope whose children the coroutines are
 * @param capacity how many messages are read ahead, 1 or more; see [WebSocketSession.incoming]
 * @param onHandshake decides whether a peer gets its WebSocket, and may suspend; made by the handshake's `accept` and
 *     `refuse`, with what was found out about the peer by `withSession`. Cancelled if the peer goes meanwhile; what it
 *     throws is answered with 500, or as a `ResponseException` says. Everybody gets one by default
 * @param block what to do with a WebSocket
 * @return a handler for any number of WebSockets; their `session` is the [WebSocketSession]
 * @throws IllegalArgumentException if the capacity is less than 1
 */
public fun suspendingWebSocketHandler(
    scope: CoroutineScope,
    capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
    onHandshake: (suspend (Handshake) -> HandshakeAnswer)? = null,
    block: suspend WebSocketSession.() -> Unit,
): WebSocketHandler {
    require(capacity >= 1) { "capacity must be 1 or more: $capacity" }
    return SessionHandler(scope, capacity, onHandshake, block)
}

/**
 * Describes a server with any number of sub-protocols, each of which is a block.
 *
 * ```kotlin
 * val server = webSocketServer(this) {
 *     origins("https://example.com")
 *     onHandshake { if (users.know(it.request())) it.accept() else it.refuse(401, "who are you?") }
 *     protocol("chat.v2") { for (message in incoming) send(message) }
 *     session { send("chat.v1 is no more") }
 * }
 * ```
 *
 * **Cancellation** and **Thread** as for [suspendingWebSocketHandler].
 *
 * @param scope whose children the coroutines are
 * @param options of the protocols that have none of their own
 * @param configure adds the protocols
 * @return a server for a route, or for `EventManager.listen`
 * @throws IllegalArgumentException if there is no protocol, or two have the same name
 */
public fun webSocketServer(
    scope: CoroutineScope,
    options: WebSocketOptions = WebSocketOptions.DEFAULT,
    configure: WebSocketServing.() -> Unit,
): WebSocketServer = WebSocketServing(scope).apply(configure).build(options)

/** Collects what a server of [webSocketServer] consists of. */
public class WebSocketServing internal constructor(private val scope: CoroutineScope) {
    private val builder = WebSocketServer.builder()
    private val protocols = ArrayList<() -> WebSocketProtocol.Builder>()
    private var deciding: (suspend (Handshake) -> HandshakeAnswer)? = null

    /** From which origins scripts may come, as [WebSocketServer.Builder.origins]. */
    public fun origins(vararg values: String) {
        builder.origins(*values)
    }

    /** Decides, and may suspend, whether a peer gets its WebSocket; for all protocols. */
    public fun onHandshake(decide: suspend (Handshake) -> HandshakeAnswer) {
        deciding = decide
    }

    /**
     * Adds a sub-protocol: of those that a peer names, the first in its order that is here serves it.
     *
     * @param name what peers ask for, a token; matched exactly
     * @param options of its own, or null for the server's
     * @param capacity how many messages are read ahead
     * @param block what to do with a WebSocket
     */
    public fun protocol(
        name: String,
        options: WebSocketOptions? = null,
        capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
        block: suspend WebSocketSession.() -> Unit,
    ) {
        add(options) { WebSocketProtocol.named(name, suspendingWebSocketHandler(scope, capacity, deciding, block)) }
    }

    /**
     * Serves peers that name no sub-protocol, or none that is here; otherwise as [protocol].
     *
     * @param options of its own, or null for the server's
     * @param capacity how many messages are read ahead
     * @param block what to do with a WebSocket
     */
    public fun session(
        options: WebSocketOptions? = null,
        capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
        block: suspend WebSocketSession.() -> Unit,
    ) {
        add(options) { WebSocketProtocol.unnamed(suspendingWebSocketHandler(scope, capacity, deciding, block)) }
    }

    private fun add(options: WebSocketOptions?, protocol: () -> WebSocketProtocol.Builder) {
        protocols += { protocol().apply { options?.let(::options) } }
    }

    internal fun build(options: WebSocketOptions): WebSocketServer {
        builder.options(options)
        for (protocol in protocols) {
            builder.protocol(protocol())
        }
        return builder.build()
    }
}

/** What a session knows of the request that it was. */
internal class Asked(val head: RequestHead, val match: RouteMatch?, val found: Any?)

private class SessionHandler(
    private val scope: CoroutineScope,
    private val capacity: Int,
    private val deciding: (suspend (Handshake) -> HandshakeAnswer)?,
    private val block: suspend WebSocketSession.() -> Unit,
) : WebSocketHandler {
    override fun onEvent(webSocket: WebSocket, event: Event) {
        if (event is WebSocketEvent.Opened) {
            open(webSocket)
        } else {
            webSocket.session(WebSocketSession::class.java).onEvent(event)
        }
    }

    private fun open(webSocket: WebSocket) {
        val session = WebSocketSession(webSocket, capacity, webSocket.session(Asked::class.java))
        webSocket.session(session)
        val coroutine = scope.launch(webSocket.connection().manager().dispatcher) { session.serve(block) }
        coroutine.invokeOnCompletion { if (webSocket.isOpen) session.close(GOING_AWAY) } // cancelled before it began
    }

    override fun onHandshake(handshake: Handshake): HandshakeAnswer {
        val decide = deciding ?: return known(handshake, handshake.accept())
        val request = handshake.request()
        val answer = CompletableFuture<HandshakeAnswer>()
        val coroutine =
            scope.launch(request.connection().manager().dispatcher, CoroutineStart.UNDISPATCHED) {
                try {
                    answer.complete(known(handshake, decide(handshake)))
                } catch (e: CancellationException) {
                    throw e
                } catch (e: Throwable) {
                    answer.completeExceptionally(e)
                }
            }
        coroutine.invokeOnCompletion { answer.complete(handshake.refuse(UNAVAILABLE, "the server is closing")) }
        if (answer.isDone) {
            return now(answer)
        }
        request.whenSent().thenAccept { sent -> if (!sent) coroutine.cancel() }
        return HandshakeAnswer.later(answer)
    }

    private fun now(answer: CompletableFuture<HandshakeAnswer>): HandshakeAnswer = try {
        answer.join()
    } catch (e: CompletionException) {
        throw e.cause ?: e
    }

    private fun known(handshake: Handshake, answer: HandshakeAnswer): HandshakeAnswer {
        val request = handshake.request()
        val match = request.attribute(RouteMatch::class.java).orElse(null)
        return when (answer) {
            is HandshakeAnswer.Accept -> answer.withSession(Asked(request.head(), match, answer.session().orElse(null)))
            is HandshakeAnswer.Later -> HandshakeAnswer.later(answer.answer().thenApply { known(handshake, it) })
            is HandshakeAnswer.Refuse -> answer
        }
    }

    private companion object {
        private const val UNAVAILABLE = 503
    }
}
