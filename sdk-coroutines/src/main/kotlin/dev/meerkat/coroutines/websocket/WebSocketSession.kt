package dev.meerkat.coroutines.websocket

import dev.meerkat.ConnectionClosedException
import dev.meerkat.coroutines.dispatcher
import dev.meerkat.event.Bytes
import dev.meerkat.event.Event
import dev.meerkat.event.TcpEvent
import dev.meerkat.http.RequestHead
import dev.meerkat.websocket.CloseStatus
import dev.meerkat.websocket.Message
import dev.meerkat.websocket.WebSocket
import dev.meerkat.websocket.WebSocketEvent
import dev.meerkat.websocket.WebSocketProtocol
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.io.bytestring.ByteString
import java.net.SocketAddress
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume
import kotlin.time.Duration
import kotlin.time.toKotlinDuration

/**
 * An open WebSocket whose events are suspend functions, and the scope of the coroutines that belong to it. A server's
 * route and a client have the same; [suspendingWebSocketHandler], [webSocket][dev.meerkat.coroutines.websocket.webSocket] and
 * [awaitWebSocket] make it.
 *
 * Everything may be called from any coroutine on any dispatcher: a call that comes from elsewhere goes to the loop thread
 * and back; what has no suspend form and is not for any thread says so.
 *
 * What the session's block may rely on when it ends:
 *
 * | what happens | what becomes of it |
 * |---|---|
 * | the block returns | what it launched is cancelled, then 1000 |
 * | the block fails | 1011, and its failure is its caller's, or of a server the error hook's |
 * | the block is cancelled | 1001, for which the peer has a second |
 * | the peer closes in order (1000, 1001 or no code) | [incoming] ends behind the last message; a block that has never received is cancelled, another one if it goes on for longer than the close time-out |
 * | the peer goes otherwise | [incoming], and whatever else waits for the WebSocket, fails with a [WebSocketClosedException]; if nothing does, the block is cancelled |
 *
 * Memory: what was read ahead (see [incoming]), and what waits to leave, up to the connection's high-water mark and a
 * message for each sender.
 */
public class WebSocketSession internal constructor(
    /** The WebSocket beneath, for all that has no suspend form. It belongs to its loop thread. */
    public val webSocket: WebSocket,
    capacity: Int,
    private val asked: Asked?,
    endsQuietly: Boolean = false,
) : CoroutineScope,
    AutoCloseable {
    private val connection = webSocket.connection()
    private val manager = connection.manager()
    private val messages =
        IncomingMessages(webSocket, manager, capacity, connection.options().receiveLimit(), endsQuietly)
    internal val outgoing = Outgoing(this, webSocket, manager)
    private var pings: Pings? = null
    private val closeWaiters = ArrayDeque<CancellableContinuation<WebSocketEvent.Closed>>(0)
    internal val life = Life(this, manager)

    /** That of the coroutines which belong to the session. */
    override val coroutineContext: CoroutineContext
        get() = life.context

    /** The connection's number, as [WebSocket.id]. */
    public val id: Long
        get() = webSocket.id()

    /** The address of the peer. Kept after the end. */
    public val remoteAddress: SocketAddress = connection.remoteAddress()

    /** The sub-protocol that was agreed on, or null. */
    public val subprotocol: String?
        get() = webSocket.subprotocol().orElse(null)

    /** Of a server, the protocol that serves it: the group of all of its WebSockets. Null on a client. */
    public val protocol: WebSocketProtocol?
        get() = webSocket.protocol().orElse(null)

    /** Of a server, the head of the request that became a WebSocket. Null on a client. */
    public val request: RequestHead?
        get() = asked?.head

    /**
     * What the template of a server's route captured.
     *
     * @param name the name in braces
     * @return the captured text, decoded
     * @throws IllegalArgumentException if the route that matched captures no such name, or there is none
     */
    public fun path(name: String): String =
        requireNotNull(asked?.match?.captures()?.get(name)) { "the route of $webSocket captures no $name" }

    /**
     * What was found out about the peer in the handshake of a server, by `accept().withSession(…)`.
     *
     * @return the object
     * @throws IllegalStateException if there is none
     * @throws ClassCastException if it is of another class
     */
    public inline fun <reified S : Any> found(): S = found(S::class.java)

    /**
     * What was found out about the peer in the handshake of a server, by `accept().withSession(…)`.
     *
     * @param type its class
     * @return the object
     * @throws IllegalStateException if there is none
     * @throws ClassCastException if it is of another class
     */
    public fun <S : Any> found(type: Class<S>): S =
        type.cast(checkNotNull(asked?.found) { "nothing was found out about the peer of $webSocket" })

    /** Whether messages may be sent: nobody has begun to close it. */
    public val isOpen: Boolean
        get() = webSocket.isOpen

    /** How the WebSocket ended, or null while it has not: who began, with which status, and whether both said goodbye. */
    @Volatile
    public var closeReason: WebSocketEvent.Closed? = null
        private set

    /** Whether this program has begun to close it by [close]. */
    @Volatile
    internal var isClosingHere = false
        private set

    /** Whether a call on this session waits, which will hear of its end. */
    internal val isAwaited: Boolean
        get() = messages.isAwaited || outgoing.isAwaited || closeWaiters.isNotEmpty()

    internal val hasReceived: Boolean
        get() = messages.wasAsked

    // ---------------------------------------------------------------- receiving

    /**
     * The messages that arrive, each for one receiver. Read ahead are as many as the session's capacity says, and no more
     * bytes than the connection's receive limit and a message; beyond that reading pauses, so that TCP holds the peer
     * back, and nothing is lost. While reading pauses pongs and the peer's goodbye are not read either: that the peer
     * has gone is then noticed by a ping, which finds the connection reset or is given up by TCP, or by the options'
     * `idleTimeout`. With no `pingInterval` and no `idleTimeout` a session that does not receive may stay for ever.
     *
     * After the end what has arrived can still be received. Then the channel is closed: in order if the WebSocket was
     * closed by this program, or by anybody with 1000, 1001 or no code; else with a [WebSocketClosedException].
     *
     * **Suspends** the receiver until a message has arrived.
     *
     * **Cancellation** of a receiver takes nothing. Cancelling the channel throws away what has arrived and what comes;
     * the WebSocket stays open.
     *
     * **Thread** any. The short way, with no object for a wait, is that of a single receiver on the loop, by iteration or
     * `receive`; all else a channel can do costs what a channel of kotlinx.coroutines costs, and reads as many messages
     * ahead once more.
     */
    public val incoming: ReceiveChannel<Message>
        get() = messages

    /**
     * Receives a message as a stream: while it comes, if the options deliver by fragment, and then however long it is;
     * else as one piece. The stream before is left where it is: what was not received of it is skipped.
     *
     * **Suspends** until a message begins.
     *
     * **Cancellation** takes nothing.
     *
     * **Thread** any.
     *
     * @return the message; null at the end, if that was in order
     * @throws WebSocketClosedException if the WebSocket has ended otherwise
     * @throws IllegalStateException if another coroutine is receiving
     */
    public suspend fun receiveStream(): MessageStream? {
        stream?.skip()
        val first = messages.receivePiece() ?: return null
        return MessageStream(this, messages, first).also { stream = it }
    }

    private var stream: MessageStream? = null

    /** Reads nothing before [release]. Loop thread. */
    internal fun hold() {
        messages.hold()
    }

    internal fun release() {
        if (manager.inLoop()) messages.release() else manager.post(messages::release)
    }

    // ---------------------------------------------------------------- sending

    /**
     * Sends a text message. It leaves with all else that is sent in this turn of the loop.
     *
     * **Suspends** before sending, while more than the connection's high-water mark waits to leave, until the low-water
     * mark is reached. Senders that wait go on in the order in which they came.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param text sent in UTF-8; unpaired surrogates are sent as question marks
     * @throws WebSocketClosedException if the WebSocket has ended
     * @throws ConnectionClosedException if this end has begun to close it
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public suspend fun send(text: CharSequence) {
        if (outgoing.mayNow()) webSocket.send(text) else outgoing.later { webSocket.send(text) }
    }

    /**
     * Sends a message, which may be sent to others, too, and is encoded once for all of them; otherwise as `send` of a
     * text. What was received can be sent as it is.
     *
     * **Suspends** before sending, while more than the high-water mark waits to leave.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param message what to send
     * @throws WebSocketClosedException if the WebSocket has ended
     * @throws ConnectionClosedException if this end has begun to close it
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public suspend fun send(message: Message) {
        if (outgoing.mayNow()) webSocket.send(message) else outgoing.later { webSocket.send(message) }
    }

    /**
     * Sends a binary message; otherwise as `send` of a text.
     *
     * **Suspends** before sending, while more than the high-water mark waits to leave.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param bytes its payload
     * @throws WebSocketClosedException if the WebSocket has ended
     * @throws ConnectionClosedException if this end has begun to close it
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public suspend fun send(bytes: Bytes) {
        if (outgoing.mayNow()) webSocket.send(bytes) else outgoing.later { webSocket.send(bytes) }
    }

    /**
     * Sends a binary message, by copying it; otherwise as `send` of a text.
     *
     * **Suspends** before sending, while more than the high-water mark waits to leave.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param bytes its payload; the caller's own again when the call begins to wait
     * @throws WebSocketClosedException if the WebSocket has ended
     * @throws ConnectionClosedException if this end has begun to close it
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public suspend fun send(bytes: ByteArray): Unit = send(Bytes.copyOf(bytes))

    /**
     * Sends a binary message, by copying it; otherwise as `send` of a text.
     *
     * **Suspends** before sending, while more than the high-water mark waits to leave.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param bytes its payload
     * @throws WebSocketClosedException if the WebSocket has ended
     * @throws ConnectionClosedException if this end has begun to close it
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public suspend fun send(bytes: ByteString): Unit = send(Bytes.copyOf(bytes.toByteArray()))

    /**
     * Sends a message if that needs no waiting: what to call where a peer that does not read should rather go without.
     *
     * **Thread** the loop.
     *
     * @param message what to send
     * @return false if nothing was sent: senders would have to wait, or the WebSocket does not take anything any more
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public fun trySend(message: Message): Boolean {
        val now = outgoing.mayNow()
        if (now) {
            webSocket.send(message)
        }
        return now
    }

    // ---------------------------------------------------------------- pings

    /**
     * Asks the peer for a sign of life and waits for it.
     *
     * **Suspends** until the pong has come. While [incoming] is full nothing is read, pongs neither.
     *
     * **Cancellation** stops waiting.
     *
     * **Thread** any.
     *
     * @return how long it took
     * @throws PongTimeoutException if it has not come within the options' `pongTimeout`; the WebSocket stays open
     * @throws WebSocketClosedException if the WebSocket has ended
     * @throws ConnectionClosedException if this end has begun to close it
     * @throws dev.meerkat.SendLimitException if there is no room for a ping
     */
    public suspend fun ping(): Duration {
        val patience = webSocket.options().pongTimeout().toKotlinDuration()
        closeReason?.let { throw WebSocketClosedException(it) }
        return withContext(manager.dispatcher) {
            val known = pings ?: Pings(webSocket, manager).also { pings = it }
            withTimeoutOrNull(patience) {
                try {
                    known.ping()
                } catch (e: ConnectionClosedException) {
                    throw if (isClosingHere) e else WebSocketClosedException(awaitClose())
                }
            } ?: throw PongTimeoutException("no pong within $patience")
        }
    }

    // ---------------------------------------------------------------- ending

    /** Closes with 1000; otherwise as `close` with a code. **Thread** any. */
    override fun close(): Unit = close(CloseStatus.NORMAL)

    /**
     * Begins to close: what was sent leaves, then the close frame; what the peer still sends is thrown away, and what has
     * arrived can be received. Returns at once; [awaitClose] waits. A second call does nothing.
     *
     * **Thread** any.
     *
     * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455 §7.4)
     * @param reason for people, at most 123 bytes in UTF-8
     * @throws IllegalArgumentException if a close frame cannot contain that
     */
    public fun close(code: Int, reason: String = "") {
        val status = CloseStatus(code, reason)
        webSocket.close(status)
        isClosingHere = true
    }

    /**
     * Waits until the WebSocket has ended, by whomever.
     *
     * **Suspends** until then.
     *
     * **Cancellation** leaves it as it is.
     *
     * **Thread** any.
     *
     * @return who began, with which status, and whether both said goodbye
     */
    public suspend fun awaitClose(): WebSocketEvent.Closed =
        closeReason ?: withContext(manager.dispatcher) { closeReason ?: awaitClosed() }

    private suspend fun awaitClosed(): WebSocketEvent.Closed = suspendCancellableCoroutine { caller ->
        closeWaiters.addLast(caller)
        caller.invokeOnCancellation { if (manager.inLoop()) closeWaiters.remove(caller) }
    }

    // ---------------------------------------------------------------- events

    internal fun onEvent(event: Event) {
        when (event) {
            is WebSocketEvent.Text -> messages.arrive(Message.text(event.payload().take()))

            is WebSocketEvent.Binary -> messages.arrive(Message.binary(event.payload().take()))

            is WebSocketEvent.Fragment ->
                messages.arrive(Piece(event.text(), event.payload().take(), event.last()))

            is TcpEvent.Drained -> outgoing.drained()

            is WebSocketEvent.Pong -> pings?.pong(event.payload())

            is WebSocketEvent.Closed -> closed(event)

            else -> Unit
        }
    }

    private fun closed(how: WebSocketEvent.Closed) {
        closeReason = how
        life.ended(how) // before those who wait go on, and are not waiting any more
        messages.end(how)
        outgoing.end()
        pings?.end { WebSocketClosedException(how) }
        while (closeWaiters.isNotEmpty()) {
            closeWaiters.removeFirst().resume(how)
        }
    }

    /** Names the WebSocket, for logs. */
    override fun toString(): String = webSocket.toString()

    /** Defaults. */
    public companion object {
        /** How many messages are read ahead if nothing else is said: 64, as flows buffer. */
        public const val DEFAULT_CAPACITY: Int = 64
    }
}
