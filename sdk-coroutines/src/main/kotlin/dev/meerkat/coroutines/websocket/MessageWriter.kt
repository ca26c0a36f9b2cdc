package dev.meerkat.coroutines.websocket

import dev.meerkat.event.Bytes
import dev.meerkat.websocket.CloseStatus
import dev.meerkat.websocket.MessageOutput
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.readAvailable
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.sync.withLock

/** A message that is being sent piece by piece. Made by [sendInPieces]. */
public class MessageWriter internal constructor(private val outgoing: Outgoing, private val output: MessageOutput) {
    /**
     * Sends a piece, as one fragment.
     *
     * **Suspends** before sending, while more than the connection's high-water mark waits to leave.
     *
     * **Cancellation** of a call that waits sends nothing of the piece.
     *
     * **Thread** any.
     *
     * @param piece may be empty
     * @throws WebSocketClosedException if the WebSocket has ended
     * @throws IllegalArgumentException if the message is a text and the pieces so far are not UTF-8; the piece is not sent
     */
    public suspend fun write(piece: Bytes): Unit = outgoing.piece(output, piece, false)

    /** Sends a piece, by copying it; otherwise as `write` of [Bytes]. */
    public suspend fun write(piece: ByteArray): Unit = write(Bytes.copyOf(piece))

    /** Sends a piece of text, which ends with a whole character; otherwise as `write` of [Bytes]. */
    public suspend fun write(piece: CharSequence): Unit = write(Bytes.utf8(piece))

    internal suspend fun end() = outgoing.piece(output, Bytes.EMPTY, true)
}

/**
 * Sends a message while it is being made: each piece is a fragment. Pings, pongs and the close frame go between them;
 * other messages wait behind it.
 *
 * ```kotlin
 * sendInPieces(text = true) { rows.collect { write("$it\n") } }
 * ```
 *
 * **Suspends** until it is its turn, then as the block does. Of several calls one goes after the other; the block must
 * not wait for a message that is sent behind it.
 *
 * **Cancellation**, and a block that fails, close the WebSocket, with 1001 or 1011: what was begun cannot be taken back.
 * A call that waits for its turn sends nothing.
 *
 * **Thread** any. The block runs where it is called.
 *
 * @param text whether it is a text; its pieces together must be UTF-8, which is checked
 * @param block sends the pieces
 * @throws WebSocketClosedException if the WebSocket has ended
 * @throws dev.meerkat.ConnectionClosedException if this end has begun to close it
 */
public suspend fun WebSocketSession.sendInPieces(text: Boolean, block: suspend MessageWriter.() -> Unit) {
    outgoing.turn.withLock {
        val writer = MessageWriter(outgoing, outgoing.start(text))
        try {
            writer.block()
            writer.end()
        } catch (e: Throwable) {
            webSocket.close(CloseStatus.of(if (e is CancellationException) GOING_AWAY else FAILED))
            throw e
        }
    }
}

/**
 * Sends a message whose pieces are those of a flow; otherwise as [sendInPieces] with a block.
 *
 * **Suspends** until the flow has ended and its last piece was sent.
 *
 * **Cancellation**, and a flow that fails, close the WebSocket, with 1001 or 1011.
 *
 * **Thread** any.
 *
 * @param text whether it is a text
 * @param pieces what it consists of
 * @throws WebSocketClosedException if the WebSocket has ended
 */
public suspend fun WebSocketSession.sendInPieces(text: Boolean, pieces: Flow<Bytes>): Unit =
    sendInPieces(text) { pieces.collect { write(it) } }

/**
 * Sends a message whose payload is what a channel of Ktor's gives, in pieces of at most 16 KiB; otherwise as
 * [sendInPieces] with a block.
 *
 * **Suspends** until the channel is at its end and its last piece was sent.
 *
 * **Cancellation**, and a channel that fails, close the WebSocket, with 1001 or 1011.
 *
 * **Thread** any.
 *
 * @param text whether it is a text
 * @param payload read to its end
 * @throws WebSocketClosedException if the WebSocket has ended
 */
public suspend fun WebSocketSession.sendInPieces(text: Boolean, payload: ByteReadChannel): Unit = sendInPieces(text) {
    val buffer = ByteArray(PIECE_BYTES)
    while (true) {
        val count = payload.readAvailable(buffer, 0, buffer.size)
        if (count < 0) {
            break
        }
        write(Bytes.copyOf(java.nio.ByteBuffer.wrap(buffer, 0, count)))
    }
}

private const val PIECE_BYTES = 16 * 1024
