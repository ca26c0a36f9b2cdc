package dev.meerkat.coroutines.websocket

import dev.meerkat.EventManager
import dev.meerkat.coroutines.ConnectionFailedException
import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.coroutines.dispatcher
import dev.meerkat.event.Event
import dev.meerkat.websocket.ReconnectCause
import dev.meerkat.websocket.ReconnectPolicy
import dev.meerkat.websocket.ReconnectingHandler
import dev.meerkat.websocket.ReconnectingWebSocket
import dev.meerkat.websocket.WebSocket
import dev.meerkat.websocket.WebSocketClient
import dev.meerkat.websocket.WebSocketClientOptions
import dev.meerkat.websocket.WebSocketEvent
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.toKotlinDuration

/** Where a WebSocket that comes back is. */
public sealed interface ReconnectingState {
    /** It is being made, for the first time or again. */
    public data object Connecting : ReconnectingState

    /** It is open. */
    public data class Open(
        /** The session of this connection. */
        val session: WebSocketSession,
    ) : ReconnectingState

    /** It has ended, or did not come to be, and will be tried again. */
    public data class Waiting(
        /** Why, and how often in a row. */
        val cause: ReconnectCause,
        /** From then until the next attempt. */
        val delay: Duration,
    ) : ReconnectingState

    /** No further attempt will be made. */
    public data class Ended(
        /** How the last one ended. */
        val cause: ReconnectCause,
        /** How many messages were never sent. */
        val unsent: Int,
    ) : ReconnectingState
}

/**
 * The sessions of a client's WebSocket that is made anew whenever it ends. Each is the collector's while it handles it,
 * and is closed, with 1000, when the collector comes back for the next one.
 *
 * ```kotlin
 * manager.webSockets("wss://example.com/feed").collect { session ->
 *     session.send("subscribe meerkats")
 *     for (message in session.incoming) println(message.text())
 * }
 * ```
 *
 * `incoming` of these sessions ends however they have: `closeReason` tells how, and the next one follows. What the
 * collector lets through ends it all, also that a message could not be sent; programs that send more than what they begin
 * with take [reconnectingWebSocket].
 *
 * **Suspends** the collector until a WebSocket is open.
 *
 * **Cancellation** closes the present one with 1000 and makes no more.
 *
 * **Thread** any; the collector runs where it collects.
 *
 * @param uri as for [WebSocketClient.connect]
 * @param policy when to try again
 * @param options of each
 * @param capacity how many messages of each are read ahead
 * @param onState told on the loop thread what happens in between
 * @return a cold flow, which fails as [webSocket] does when the policy has given up: with what the last one ended by
 */
public fun EventManager.webSockets(
    uri: String,
    policy: ReconnectPolicy = ReconnectPolicy.DEFAULT,
    options: WebSocketClientOptions = WebSocketClientOptions.DEFAULT,
    capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
    onState: (ReconnectingState) -> Unit = {},
): Flow<WebSocketSession> = flow {
    val sequence = SessionSequence(capacity, onState) { }
    val beneath = WebSocketClient.create(this@webSockets, options).reconnecting(uri, policy, sequence)
    try {
        for (session in sequence.sessions) {
            session.release()
            emit(session)
            session.close()
            session.awaitClose()
        }
        throw failureOf(sequence.ending)
    } finally {
        beneath.close()
    }
}

/**
 * Has a WebSocket that comes back by itself while a block runs, and then closes it with 1000.
 *
 * ```kotlin
 * reconnectingWebSocket("wss://example.com/feed", onOpen = { send("subscribe meerkats") }) {
 *     launch { for (message in incoming) println(message.text()) }
 *     send("hello")                                          // now, or on the next connection
 * }
 * ```
 *
 * **Suspends** until the block and all that it launched have ended.
 *
 * **Cancellation** closes it.
 *
 * **Thread** any; the block runs where it is called.
 *
 * @param uri as for [WebSocketClient.connect]
 * @param policy when to try again, and what may wait meanwhile
 * @param options of each connection
 * @param capacity how many messages are read ahead
 * @param onOpen runs on the loop for each connection, first thing: what it sends before it suspends for anything else
 *     leaves before the messages that have waited. It is the place to subscribe again
 * @param block what to do with it
 * @return what the block returns
 */
public suspend fun <T> EventManagerScope.reconnectingWebSocket(
    uri: String,
    policy: ReconnectPolicy = ReconnectPolicy.DEFAULT,
    options: WebSocketClientOptions = WebSocketClientOptions.DEFAULT,
    capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
    onOpen: suspend WebSocketSession.() -> Unit = {},
    block: suspend ReconnectingSession.() -> T,
): T = coroutineScope {
    val states = MutableStateFlow<ReconnectingState>(ReconnectingState.Connecting)
    val sequence = SessionSequence(capacity, { states.value = it }, onOpen)
    val beneath = WebSocketClient.create(manager, options).reconnecting(uri, policy, sequence)
    val session = ReconnectingSession(manager, beneath, states, this, capacity)
    launch(manager.dispatcher) { session.move(sequence) }
    try {
        val result = session.block()
        session.close()
        session.awaitEnd()
        coroutineContext.cancelChildren()
        result
    } finally {
        beneath.close()
    }
}

/** Makes a session of each WebSocket, and keeps it unread until the one before is through. Loop thread. */
internal class SessionSequence(
    private val capacity: Int,
    private val tell: (ReconnectingState) -> Unit,
    private val onOpen: suspend WebSocketSession.() -> Unit,
) : ReconnectingHandler {
    init {
        require(capacity >= 1) { "capacity must be 1 or more: $capacity" }
    }

    /** As long as it is not taken out a session reads nothing, and so does not find out that its peer has gone. */
    val sessions: Channel<WebSocketSession> = Channel(Channel.UNLIMITED)
    private var present: WebSocketSession? = null

    /** How all of it has ended. */
    @Volatile
    var ending: ReconnectCause? = null
        private set

    /** Called at each chance that a message which waits may have left. */
    @Volatile
    var onRoom: () -> Unit = {}

    override fun onEvent(webSocket: WebSocket, event: Event) {
        if (event is WebSocketEvent.Opened) {
            opened(webSocket)
        } else {
            present?.onEvent(event)
        }
        if (event is WebSocketEvent.Closed) {
            present = null
        }
        onRoom()
    }

    private fun opened(webSocket: WebSocket) {
        val session = WebSocketSession(webSocket, capacity, null, endsQuietly = true)
        present = session
        session.life.belongToItself()
        session.launch(start = CoroutineStart.UNDISPATCHED) {
            try {
                session.onOpen()
            } catch (_: WebSocketClosedException) {
                // the next one will be asked
            }
        }
        session.hold()
        tell(ReconnectingState.Open(session))
        sessions.trySend(session)
    }

    override fun onWaiting(cause: ReconnectCause, delay: java.time.Duration) {
        tell(ReconnectingState.Waiting(cause, delay.toKotlinDuration()))
    }

    override fun onEnd(cause: ReconnectCause, messages: Int) {
        ending = cause
        tell(ReconnectingState.Ended(cause, messages))
        sessions.close()
        onRoom()
    }
}

/** What a program that waited for a connection is told when there will be none. */
internal fun failureOf(cause: ReconnectCause?): IOException {
    val closed = cause?.closed() ?: return IOException("there will be no connection")
    val refused = cause.refused().orElse(null)
    val error = closed.connectionError().orElse(null)
    return when {
        refused != null -> WebSocketRefusedException(refused.head(), refused.body())
        cause.attempt() > 0 && error != null -> ConnectionFailedException(error)
        else -> WebSocketClosedException(closed)
    }
}
