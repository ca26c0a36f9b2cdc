package dev.meerkat.coroutines

import dev.meerkat.ConnectionClosedException
import dev.meerkat.event.Bytes
import kotlinx.coroutines.withContext
import kotlinx.io.Buffer
import kotlinx.io.RawSink
import kotlinx.io.RawSource
import kotlinx.io.bytestring.ByteString
import kotlinx.io.bytestring.asReadOnlyByteBuffer
import java.io.EOFException

/**
 * Receives what is in front of a delimiter, and takes the delimiter away.
 *
 * **Suspends** until the delimiter has arrived.
 *
 * **Cancellation** takes nothing: what has arrived stays and is looked at by the next call.
 *
 * **Thread** any.
 *
 * @param delimiter at least one byte
 * @param limit how many bytes may be in front of it, 64 KiB by default. Never more than fits into the connection's
 *     receive limit together with the delimiter
 * @return a copy, the caller's own; null if the input ended with the last delimiter, or this end closed the connection in
 *     order
 * @throws ReceiveLimitException if the delimiter is not there within the limit; nothing was taken
 * @throws EOFException if the input ends in front of a delimiter; what has arrived can still be received
 * @throws ConnectionFailedException if the connection failed
 * @throws IllegalStateException if another coroutine is receiving
 */
public suspend fun SuspendingConnection.receiveUntil(
    delimiter: Bytes,
    limit: Int = SuspendingConnection.DEFAULT_LINE_LIMIT,
): ByteArray? {
    require(!delimiter.isEmpty) { "the delimiter is empty" }
    require(limit >= 0) { "limit must not be negative: $limit" }
    return input.take(Until(delimiter, minOf(limit, receiveLimit - delimiter.length())))
}

/**
 * Receives what is in front of a delimiter, as [receiveUntil] of `Bytes`.
 *
 * **Suspends** until the delimiter has arrived.
 *
 * **Cancellation** takes nothing.
 *
 * **Thread** any.
 *
 * @param delimiter at least one byte
 * @param limit how many bytes may be in front of it
 * @return what was in front, the delimiter taken away; null if the input ended with the last delimiter
 * @throws ReceiveLimitException if the delimiter is not there within the limit; nothing was taken
 * @throws EOFException if the input ends in front of a delimiter; what has arrived can still be received
 * @throws ConnectionFailedException if the connection failed
 * @throws IllegalStateException if another coroutine is receiving
 */
public suspend fun SuspendingConnection.receiveUntil(
    delimiter: ByteString,
    limit: Int = SuspendingConnection.DEFAULT_LINE_LIMIT,
): ByteArray? = receiveUntil(Bytes.copyOf(delimiter.asReadOnlyByteBuffer()), limit)

/**
 * Receives what has arrived, at least one byte, behind what is in a buffer. One copy.
 *
 * **Suspends** until something has arrived or the input ends; not at all if bytes are there.
 *
 * **Cancellation** takes nothing and leaves the buffer as it was.
 *
 * **Thread** any. The buffer is the loop's until the call returns.
 *
 * @param target grows by no more than the connection's receive limit
 * @return how many bytes; -1 at the end of input, or after this end closed the connection in order
 * @throws ConnectionFailedException if the connection failed
 * @throws IllegalStateException if another coroutine is receiving
 */
public suspend fun SuspendingConnection.receiveInto(target: Buffer): Int = input.take(IntoSegments(target))

/**
 * Receives everything until the end of input into a sink: a file, for example. What a [Buffer] takes is not copied again.
 *
 * **Suspends** until the end of input.
 *
 * **Cancellation** between two pieces loses nothing: what was received is in the sink.
 *
 * **Thread** any. The sink is written to in the caller's context, and may block only where that may: one that writes to a
 * disk wants `Dispatchers.IO`. It is neither flushed nor closed.
 *
 * @param sink where the bytes go
 * @return how many bytes
 * @throws ConnectionFailedException if the connection failed; what arrived before is in the sink
 * @throws IllegalStateException if another coroutine is receiving
 */
public suspend fun SuspendingConnection.receiveTo(sink: RawSink): Long {
    val piece = Buffer()
    var total = 0L
    while (true) {
        val count = receiveInto(piece)
        if (count < 0) {
            return total
        }
        sink.write(piece, count.toLong())
        total += count
    }
}

/**
 * Sends a byte string, by copying it; otherwise as `send` of an array.
 *
 * **Suspends** before sending, while more than the high-water mark waits to leave.
 *
 * **Cancellation** of a call that waits sends nothing.
 *
 * **Thread** any.
 *
 * @param bytes what to send
 * @throws ConnectionFailedException if the connection failed
 * @throws ConnectionClosedException if this end closed the connection or shut its output down
 * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
 */
public suspend fun SuspendingConnection.send(bytes: ByteString): Unit = send(bytes.asReadOnlyByteBuffer())

/**
 * Sends everything that a source has, in pieces, however long it is. The bytes of a [Buffer] are copied once, out of its
 * own memory; other sources are read in pieces of 64 KiB.
 *
 * **Suspends** before each piece, while more than the high-water mark waits to leave.
 *
 * **Cancellation** leaves what was not sent in a [Buffer]; of another source up to 64 KiB that were read are lost.
 *
 * **Thread** any. The source is read in the caller's context, and may block only where that may: one that reads from a
 * disk wants `Dispatchers.IO`, or [SuspendingConnection.sendFile]. It is not closed.
 *
 * @param source what to send; others may send between two pieces
 * @return how many bytes were sent
 * @throws ConnectionFailedException if the connection failed
 * @throws ConnectionClosedException if this end closed the connection or shut its output down
 */
public suspend fun SuspendingConnection.send(source: RawSource): Long {
    if (source is Buffer) {
        return source.size.also { sendAll(source) }
    }
    val piece = Buffer()
    var total = 0L
    while (source.readAtMostTo(piece, PIECE_BYTES) >= 0) {
        total += piece.size
        sendAll(piece)
    }
    return total
}

private suspend fun SuspendingConnection.sendAll(bytes: Buffer) =
    if (connection.manager().inLoop()) output.sendAll(bytes) else withContext(dispatcher) { output.sendAll(bytes) }

private const val PIECE_BYTES = 64L * 1024
