@file:OptIn(UnsafeIoApi::class)

package dev.meerkat.coroutines

import dev.meerkat.Connection
import dev.meerkat.ConnectionClosedException
import dev.meerkat.event.Bytes
import dev.meerkat.event.ConnectionError
import dev.meerkat.event.ConnectionError.Kind
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.io.Buffer
import kotlinx.io.UnsafeIoApi
import kotlinx.io.unsafe.UnsafeBufferOperations
import java.nio.ByteBuffer
import kotlin.coroutines.resume

/** What leaves from a suspending connection: senders go on in the order in which they came, when there is room. */
internal class OutputSide(private val connection: Connection, private val ending: Ending) {
    /** Who waits to send, the first one first; made when somebody first does. */
    private var senders: ArrayDeque<CancellableContinuation<Unit>>? = null

    /** Who writes through a channel, to be told of a failure. */
    private var channel: DrainedWriteChannel? = null

    /** Whether a handler is told from now on when it may send. */
    private var isHandedOver = false

    val isAwaited: Boolean
        get() = senders?.any { it.isActive } == true // one that another thread has cancelled is still there

    val hasRoom: Boolean
        get() = senders.isNullOrEmpty() && connection.isWritable

    /** Whether the calling thread may send at once. From any thread. */
    fun maySendNow() = connection.manager().inLoop() && hasRoom

    /** Sends when it is this caller's turn. From any thread; the function runs on the loop. */
    suspend fun sendLater(send: () -> Unit) {
        ending.failure?.let { throw it } // the loop may be gone
        if (connection.manager().inLoop()) {
            sendInTurn(send)
        } else {
            withContext(connection.manager().dispatcher) {
                sendInTurn(send)
            }
        }
    }

    /** Waits until it may send, or finds out that it would be in vain. */
    suspend fun awaitTurn() = sendLater { connection.send(Bytes.EMPTY) }

    /** Lets those go first who wait. On the loop. */
    suspend fun awaitSenders() {
        if (isAwaited) sendInTurn { }
    }

    fun handOver() {
        isHandedOver = true
    }

    private suspend fun sendInTurn(send: () -> Unit) {
        if (isHandedOver) throw handedOver(connection)
        var first = false
        while (isCongested() || (!first && isAwaited)) {
            awaitDrained(first)
            first = true // whose turn it was keeps its place
        }
        transmit(send)
    }

    /** Whether a `Drained` or `Closed` will come; not so if only the output is shut. */
    private fun isCongested() =
        connection.isOpen && !connection.isWritable && connection.pendingBytes() > connection.options().lowWaterMark()

    private suspend fun awaitDrained(first: Boolean) = suspendCancellableCoroutine { sender ->
        val all = senders ?: ArrayDeque<CancellableContinuation<Unit>>().also { senders = it }
        if (first) all.addFirst(sender) else all.addLast(sender)
        sender.invokeOnCancellation {
            if (connection.manager().inLoop()) all.remove(sender) // else it is passed over when its turn comes
        }
    }

    inline fun transmit(send: () -> Unit) {
        try {
            send()
        } catch (e: ConnectionClosedException) {
            throw connection.closeReason().orElse(null)?.let(ending::failureOf) ?: e
        }
    }

    /**
     * Sends all that is in a buffer, in pieces, each when there is room. Bytes are copied once, out of the buffer's own
     * memory. On the loop.
     */
    suspend fun sendAll(bytes: Buffer) {
        while (!bytes.exhausted()) {
            if (!maySendNow()) {
                awaitTurn()
            }
            transmit { sendSome(bytes) }
        }
    }

    private fun sendSome(bytes: Buffer) {
        do {
            UnsafeBufferOperations.readFromHead(bytes) { memory, from, to ->
                connection.send(ByteBuffer.wrap(memory, from, to - from))
                to - from
            }
        } while (!bytes.exhausted() && connection.isWritable)
    }

    /** Has a channel told of the end. */
    fun openChannel(mark: Int): DrainedWriteChannel {
        val opened = DrainedWriteChannel(connection.manager(), ChannelOutput(), mark)
        synchronized(ending) {
            check(channel == null) { "a channel writes to $connection already" }
            channel = opened
        }
        ending.reason?.let { failChannel() }
        return opened
    }

    private fun failChannel() {
        channel?.fail(ending.failure ?: ConnectionClosedException("$connection: this end closed it"))
    }

    private inner class ChannelOutput : DrainedWriteChannel.Drain {
        override suspend fun write(bytes: Buffer) = sendAll(bytes)

        override suspend fun end() = sendLater { connection.shutdownOutput() }

        override fun abort(cause: Throwable) =
            connection.abort(ConnectionError.of(Kind.ABORTED, "the channel to the peer was cancelled", cause))
    }

    fun drained() {
        val all = senders ?: return
        while (all.isNotEmpty() && !isCongested()) { // not: is writable, for whose output is shut never is again
            all.removeFirst().resume(Unit)
        }
    }

    fun closed() {
        failChannel()
        val all = senders ?: return
        while (all.isNotEmpty()) {
            all.removeFirst().resume(Unit) // to find the connection closed
        }
    }
}
