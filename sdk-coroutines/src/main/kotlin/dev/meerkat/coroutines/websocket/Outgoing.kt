package dev.meerkat.coroutines.websocket

import dev.meerkat.ConnectionClosedException
import dev.meerkat.EventManager
import dev.meerkat.coroutines.dispatcher
import dev.meerkat.event.Bytes
import dev.meerkat.websocket.MessageOutput
import dev.meerkat.websocket.WebSocket
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.withContext
import kotlin.coroutines.resume

/** Our direction of a session: who waits until there is room, in which order. */
internal class Outgoing(
    private val session: WebSocketSession,
    private val webSocket: WebSocket,
    private val manager: EventManager,
) {
    private val connection = webSocket.connection()
    private val senders = ArrayDeque<CancellableContinuation<Unit>>(0)

    /** Of those who send piece by piece one goes after the other. */
    val turn: Mutex = Mutex()
    private var inPieces = false

    /** Whether a call waits here, which will hear of the end. */
    val isAwaited: Boolean
        get() = senders.isNotEmpty()

    /** Whether a message may be sent at once, which does not fail then but for its own length. */
    fun mayNow(): Boolean = manager.inLoop() && senders.isEmpty() && webSocket.isWritable && !inPieces

    suspend fun later(send: () -> Unit) {
        session.closeReason?.let { throw WebSocketClosedException(it) } // the loop may be gone
        if (manager.inLoop()) inTurn(send) else withContext(manager.dispatcher) { inTurn(send) }
    }

    private suspend fun inTurn(send: () -> Unit) {
        var first = false
        while (isCongested() || (!first && senders.isNotEmpty())) {
            awaitRoom(first)
            first = true // whose turn it was keeps its place
        }
        transmit(send)
    }

    private suspend fun transmit(send: () -> Unit) {
        try {
            send()
        } catch (e: ConnectionClosedException) {
            throw if (session.isClosingHere) e else WebSocketClosedException(session.awaitClose())
        }
    }

    /** Whether the connection will say when it has drained, or that it was closed. */
    private fun isCongested(): Boolean {
        val options = connection.options()
        val below = connection.pendingBytes()
        return webSocket.isOpen &&
            (
                (!connection.isWritable && below > options.lowWaterMark()) ||
                    (inPieces && webSocket.pendingBytes() - below > options.highWaterMark())
                )
    }

    private suspend fun awaitRoom(first: Boolean) = suspendCancellableCoroutine { sender ->
        if (first) senders.addFirst(sender) else senders.addLast(sender)
        sender.invokeOnCancellation {
            if (manager.inLoop()) senders.remove(sender) // else it is passed over when its turn comes
        }
    }

    /** There may be room. */
    fun drained() {
        while (senders.isNotEmpty() && !isCongested()) {
            senders.removeFirst().resume(Unit)
        }
    }

    /** Whoever waits goes on, to find it closed. */
    fun end() {
        inPieces = false
        while (senders.isNotEmpty()) {
            senders.removeFirst().resume(Unit)
        }
    }

    // ---------------------------------------------------------------- piece by piece

    suspend fun start(text: Boolean): MessageOutput {
        var started: MessageOutput? = null
        later {
            started = webSocket.startMessage(text)
            inPieces = true
        }
        return checkNotNull(started)
    }

    /** The connection alone is waited for: what stands behind the message must not hold it. */
    suspend fun piece(output: MessageOutput, bytes: Bytes, last: Boolean) {
        if (manager.inLoop()) {
            pieceHere(output, bytes, last)
        } else {
            withContext(manager.dispatcher) {
                pieceHere(output, bytes, last)
            }
        }
    }

    private suspend fun pieceHere(output: MessageOutput, bytes: Bytes, last: Boolean) {
        while (webSocket.isOpen && !connection.isWritable &&
            connection.pendingBytes() > connection.options().lowWaterMark()
        ) {
            awaitRoom(true)
        }
        transmit {
            if (last) output.end(bytes) else output.send(bytes)
        }
        if (last) {
            inPieces = false
            drained()
        }
    }
}
