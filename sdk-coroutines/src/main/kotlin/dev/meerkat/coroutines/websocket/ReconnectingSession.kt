package dev.meerkat.coroutines.websocket

import dev.meerkat.ConnectionClosedException
import dev.meerkat.EventManager
import dev.meerkat.SendLimitException
import dev.meerkat.coroutines.dispatcher
import dev.meerkat.event.Bytes
import dev.meerkat.websocket.CloseStatus
import dev.meerkat.websocket.Message
import dev.meerkat.websocket.ReconnectingWebSocket
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlin.coroutines.resume

/**
 * A client's WebSocket that comes back by itself, and the scope of the coroutines that belong to it. Made by
 * [reconnectingWebSocket]. Everything may be called from any coroutine on any dispatcher.
 */
public class ReconnectingSession internal constructor(
    private val manager: EventManager,
    /** The WebSocket beneath, for all that has no suspend form. */
    public val webSocket: ReconnectingWebSocket,
    states: kotlinx.coroutines.flow.MutableStateFlow<ReconnectingState>,
    scope: CoroutineScope,
    capacity: Int,
) : CoroutineScope by scope {
    private val arrived = Channel<Message>(capacity)
    private val senders = ArrayDeque<CancellableContinuation<Unit>>(0)

    /** Where it is: what a program shows, and what it waits for. Conflated, as state flows are. */
    public val state: StateFlow<ReconnectingState> = states.asStateFlow()

    /**
     * The messages of all connections, one after the other; those that were under way when one ended are lost. A
     * connection is not read before what came on the one before has been taken. Closed, in order, when no further attempt
     * will be made; [state] tells why.
     *
     * **Suspends** the receiver until a message has arrived.
     *
     * **Cancellation** of a receiver takes nothing.
     *
     * **Thread** any.
     */
    public val incoming: ReceiveChannel<Message>
        get() = arrived

    /** How many messages wait for a connection, or for room on it. */
    public val waiting: Int
        get() = webSocket.waiting()

    /**
     * Sends a text, now or on the next connection; at most once. See [send] of a message.
     *
     * **Suspends** while as much waits as the policy allows.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param text sent in UTF-8
     * @throws ConnectionClosedException if it was closed or given up
     */
    public suspend fun send(text: CharSequence): Unit = send(Message.text(text))

    /**
     * Sends a binary message, now or on the next connection; at most once. See [send] of a message.
     *
     * **Suspends** while as much waits as the policy allows.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param bytes its payload
     * @throws ConnectionClosedException if it was closed or given up
     */
    public suspend fun send(bytes: Bytes): Unit = send(Message.binary(bytes))

    /**
     * Sends a message, now or on the next connection. It is sent at most once: one that was given to a connection which
     * then failed may or may not have arrived.
     *
     * **Suspends** while as much waits as the policy allows (1,024 messages, 1 MiB), be it for a connection or for a slow
     * server; who waits goes on in the order in which he came.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param message what to send
     * @throws SendLimitException if the message alone is larger than a connection, or the policy, takes
     * @throws ConnectionClosedException if it was closed or given up
     */
    public suspend fun send(message: Message): Unit =
        if (manager.inLoop()) sendHere(message) else withContext(manager.dispatcher) { sendHere(message) }

    private suspend fun sendHere(message: Message) {
        var first = false
        while (true) {
            if (first || senders.isEmpty()) {
                try {
                    webSocket.send(message)
                    return
                } catch (e: SendLimitException) {
                    if (webSocket.waiting() == 0) {
                        throw e
                    }
                }
            }
            suspendCancellableCoroutine { sender ->
                if (first) senders.addFirst(sender) else senders.addLast(sender)
                sender.invokeOnCancellation { if (manager.inLoop()) senders.remove(sender) }
            }
            first = true
        }
    }

    /** There may be room, for one at a time: who finds some is followed by the next. */
    internal fun onRoom() {
        var turns = senders.size
        while (turns-- > 0 && senders.isNotEmpty()) {
            val before = senders.size
            senders.removeFirst().resume(Unit)
            if (senders.size >= before) {
                return // he waits again
            }
        }
    }

    /**
     * Waits until there is a connection.
     *
     * **Suspends** until then.
     *
     * **Cancellation** stops waiting.
     *
     * **Thread** any.
     *
     * @return its session, of which [incoming] is not for receiving
     * @throws java.io.IOException if no further attempt will be made; as of [webSocket]
     */
    public suspend fun awaitOpen(): WebSocketSession =
        when (val found = state.first { it is ReconnectingState.Open || it is ReconnectingState.Ended }) {
            is ReconnectingState.Open -> found.session
            else -> throw failureOf((found as ReconnectingState.Ended).cause)
        }

    /**
     * Ends it all; no further attempt is made. What waits is sent as far as the connection takes it at once. Returns at
     * once; [awaitEnd] waits. A second call does nothing.
     *
     * **Thread** any.
     *
     * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999
     * @param reason for people, at most 123 bytes in UTF-8
     */
    public fun close(code: Int = CloseStatus.NORMAL, reason: String = "") {
        webSocket.close(CloseStatus(code, reason))
    }

    /**
     * Waits until no further attempt will be made.
     *
     * **Suspends** until then.
     *
     * **Cancellation** stops waiting.
     *
     * **Thread** any.
     *
     * @return how the last connection ended, and how many messages were never sent
     */
    public suspend fun awaitEnd(): ReconnectingState.Ended = state.filterIsInstance<ReconnectingState.Ended>().first()

    /** Moves what arrives on one connection after the other. */
    internal suspend fun move(sequence: SessionSequence) {
        sequence.onRoom = ::onRoom
        for (session in sequence.sessions) {
            session.release()
            for (message in session.incoming) {
                arrived.send(message)
            }
        }
        arrived.close()
    }
}
