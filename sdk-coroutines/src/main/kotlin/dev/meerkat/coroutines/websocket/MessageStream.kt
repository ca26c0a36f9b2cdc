package dev.meerkat.coroutines.websocket

import dev.meerkat.event.Bytes
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.writeFully
import io.ktor.utils.io.writer
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** A message while it comes. Made by [WebSocketSession.receiveStream]; one coroutine at a time receives it. */
public class MessageStream internal constructor(
    private val session: WebSocketSession,
    private val messages: IncomingMessages,
    first: Piece,
) {
    private var next: Piece? = first
    private var isAtEnd = false

    /** Whether it is a text; a character may be cut by the end of a piece, the message as a whole is UTF-8. */
    public val isText: Boolean = first.text

    /**
     * Receives a piece, no larger than the options' `fragmentBytes` if they deliver by fragment.
     *
     * **Suspends** until it has come.
     *
     * **Cancellation** takes nothing.
     *
     * **Thread** any.
     *
     * @return the piece, which may be empty; null behind the last one
     * @throws WebSocketClosedException if the WebSocket has ended before the message has
     */
    public suspend fun receive(): Bytes? {
        if (isAtEnd) {
            return null
        }
        val piece = next ?: messages.receivePiece() ?: throw WebSocketClosedException(session.awaitClose())
        next = null
        isAtEnd = piece.last
        return piece.bytes
    }

    /**
     * The pieces that are still to be received.
     *
     * **Suspends** the collector until a piece has come.
     *
     * **Cancellation** as for [receive].
     *
     * **Thread** any.
     *
     * @return a cold flow, which fails as [receive] does
     */
    public fun pieces(): Flow<Bytes> = flow {
        while (true) {
            emit(receive() ?: break)
        }
    }

    /**
     * The rest of the message as a channel of Ktor's, fed by a coroutine of the session as fast as it is read.
     *
     * **Cancellation** of the channel leaves the rest of the message to be skipped.
     *
     * **Thread** any.
     *
     * @return a channel that fails as [receive] does
     */
    public fun openReadChannel(): ByteReadChannel = session.writer {
        while (true) {
            channel.writeFully((receive() ?: break).toByteArray())
            channel.flush()
        }
    }.channel

    /** Receives the rest and throws it away. */
    internal suspend fun skip() {
        while (receive() != null) {
            // the next one is wanted
        }
    }
}
