package dev.meerkat.coroutines

import dev.meerkat.Connection
import dev.meerkat.ConnectionClosedException
import dev.meerkat.EventManager
import dev.meerkat.Handler
import dev.meerkat.event.Bytes
import dev.meerkat.event.CloseReason
import dev.meerkat.event.Event
import dev.meerkat.event.FileRegion
import dev.meerkat.event.ProtocolEvent
import dev.meerkat.event.ReceiveBuffer
import dev.meerkat.event.TcpEvent
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.withContext
import java.io.EOFException
import java.net.SocketAddress
import java.nio.ByteBuffer
import java.nio.file.Path

/**
 * A connection whose events are suspend functions: what arrives waits in the connection's own receive buffer until a
 * coroutine takes it, and at the receive limit TCP holds the peer back. Made by [serve][EventManagerScope.serve] and
 * [connect][EventManagerScope.connect]. It is a resource of whoever made it, for `use` if nobody else closes it.
 *
 * The peer's end of input does not close the connection, whatever its options say about half-close: one may still
 * answer. Events that have no suspend form (`Broadcast`, `TimerFired`, `Tick`, `Sent`) pass unheard.
 *
 * Everything may be called from any coroutine on any dispatcher: a call that comes from elsewhere goes to the loop
 * thread and back; what has no suspend form and is not for any thread says so. Input has one receiver at a time, output
 * any number of senders.
 *
 * When the connection fails, every call that waits for it throws a [ConnectionFailedException] with the error that
 * `Closed` carries, and so does every later one. A call that is cancelled leaves the connection as it is: no byte is
 * lost, and one may go on receiving.
 */
public class SuspendingConnection private constructor(
    /** The connection beneath, for all that has no suspend form. It belongs to its loop thread. */
    public val connection: Connection,
) : AutoCloseable {
    private val manager: EventManager
        get() = connection.manager()

    /** Where the connection lives. Made on each call: an idle connection has no use for one. */
    internal val dispatcher: CoroutineDispatcher
        get() = manager.dispatcher

    internal val ending = Ending(connection)
    internal val input = InputSide(connection, ending)
    internal val output = OutputSide(connection, ending)

    /** Who waits for the end of a TLS handshake. */
    internal var securing: Securing? = null

    /** Who waits for an event. */
    internal var onlookers: Onlookers? = null

    /** Who collects all of them. */
    internal var eventQueue: EventQueue? = null

    /** Whether the connection has gone on with a handler. */
    internal val isHandedOver: Boolean
        get() = input.isHandedOver

    /** Nothing happens here any more. Answers what was left when the input ended, null before. */
    internal suspend fun giveAway(): ReceiveBuffer? {
        output.awaitSenders()
        check(connection.isOpen) { "$connection is ${connection.state()}, not OPEN" }
        input.requireFree()
        output.handOver()
        ending.handOver()
        onlookers?.fail(handedOver(connection))
        return input.handOver()
    }

    /** Whether a call on this connection waits, which will hear of its end. */
    private val isAwaited: Boolean
        get() = input.isAwaited || output.isAwaited || ending.isAwaited || securing != null ||
            onlookers?.isAwaited == true

    /** When the connection was opened; read from any thread. */
    internal val receiveLimit = connection.options().receiveLimit()

    /** The connection's number, as [Connection.id]. */
    public val id: Long
        get() = connection.id()

    /** The address of this end. Kept after the end. */
    public val localAddress: SocketAddress = connection.localAddress()

    /** The address of the peer. Kept after the end. */
    public val remoteAddress: SocketAddress = connection.remoteAddress()

    /** Why the connection ended, or null while it lives. */
    public val closeReason: CloseReason?
        get() = ending.reason

    // ---------------------------------------------------------------- receiving

    /**
     * Receives what has arrived, at least one byte.
     *
     * **Suspends** until something has arrived or the input ends; not at all if bytes are there.
     *
     * **Cancellation** takes nothing: what arrives later is for the next call.
     *
     * **Thread** any; resumed in place if the coroutine runs on the loop.
     *
     * @return a copy, the caller's own; null at the end of input, or after this end closed the connection in order
     * @throws ConnectionFailedException if the connection failed
     * @throws IllegalStateException if another coroutine is receiving
     */
    public suspend fun receive(): ByteArray? = input.take(something)

    /**
     * Receives into a buffer, as many bytes as are there and fit, at least one.
     *
     * **Suspends** until something has arrived or the input ends; not at all if bytes are there.
     *
     * **Cancellation** takes nothing and leaves the buffer as it was.
     *
     * **Thread** any. The buffer is the loop's until the call returns.
     *
     * @param target filled from its position on
     * @return how many bytes, 0 only if the buffer has no room; -1 at the end of input
     * @throws ConnectionFailedException if the connection failed
     * @throws IllegalStateException if another coroutine is receiving
     */
    public suspend fun receiveInto(target: ByteBuffer): Int =
        if (target.hasRemaining()) input.take(IntoBuffer(target)) else 0

    /**
     * Receives an exact number of bytes.
     *
     * **Suspends** until all of them have arrived.
     *
     * **Cancellation** takes nothing: all that has arrived is for the next call.
     *
     * **Thread** any.
     *
     * @param count how many, at most the connection's receive limit
     * @return a copy, the caller's own
     * @throws EOFException if the input ends before; what has arrived can still be received
     * @throws ConnectionFailedException if the connection failed
     * @throws IllegalArgumentException if the count is negative or above the receive limit
     * @throws IllegalStateException if another coroutine is receiving
     */
    public suspend fun receiveExactly(count: Int): ByteArray {
        val limit = receiveLimit
        require(count in 0..limit) { "count must be 0 to $limit, the receive limit: $count" }
        return if (count == 0) ByteArray(0) else input.take(Exactly(count))
    }

    /**
     * Receives a line of UTF-8 text, without its end, which is LF or CRLF. What follows the last line end before the end
     * of input is a line too, unless it is empty. Malformed input becomes U+FFFD.
     *
     * **Suspends** until the line is complete.
     *
     * **Cancellation** takes nothing: a partial line stays and is completed by the next call.
     *
     * **Thread** any.
     *
     * @param limit the longest line in bytes, without its end; 64 KiB by default. Never more than fits into the
     *     connection's receive limit together with a line end
     * @return the line; null at the end of input, or after this end closed the connection in order
     * @throws ReceiveLimitException if the line is longer; it is still unread
     * @throws ConnectionFailedException if the connection failed
     * @throws IllegalStateException if another coroutine is receiving
     */
    public suspend fun receiveLine(limit: Int = DEFAULT_LINE_LIMIT): String? {
        require(limit >= 0) { "limit must not be negative: $limit" }
        return input.take(Line(minOf(limit, receiveLimit - LINE_END_BYTES)))
    }

    /**
     * The lines that arrive, as [receiveLine] reads them, until the end of input. Each line goes to one collector only;
     * a collector that stops early has taken no more than the lines it got.
     *
     * **Suspends** the collector until the next line is complete.
     *
     * **Cancellation** as for [receiveLine].
     *
     * **Thread** any.
     *
     * @param limit as for [receiveLine]
     * @return a cold flow, which fails as [receiveLine] does
     */
    public fun lines(limit: Int = DEFAULT_LINE_LIMIT): Flow<String> = flow {
        while (true) {
            emit(receiveLine(limit) ?: break)
        }
    }

    /**
     * Receives what a function of the caller's finds in the unread bytes: the way to read a protocol without copying
     * what is not a message yet.
     *
     * **Suspends** until the function answers.
     *
     * **Cancellation** takes nothing that the function has not taken.
     *
     * **Thread** any. The function runs on the loop thread, at once and then whenever more has arrived; it must not
     * block, nor call the connection. The buffer is borrowed until it returns.
     *
     * @param take takes a message out of the unread bytes and answers it, or answers null and leaves them; it is not
     *     asked about no bytes at all. What it throws is thrown by this call
     * @return the answer; null at the end of input if the function has none for what is left, or after this end closed
     *     the connection in order
     * @throws ReceiveLimitException if the function has no answer though the receive limit is reached
     * @throws ConnectionFailedException if the connection failed
     * @throws IllegalStateException if another coroutine is receiving
     */
    public suspend fun <T : Any> receiveWith(take: (ReceiveBuffer) -> T?): T? = input.take(Custom(connection, take))

    /**
     * Sends on to another connection, or back to the peer, whatever arrives, until the end of input: the fast way to relay
     * and to echo. Nothing is copied that the system takes at once, and the peer is held back while the target takes
     * nothing more. The end of input is not passed on.
     *
     * **Suspends** until the end of input.
     *
     * **Cancellation** loses nothing: what has not been sent on is for the next call.
     *
     * **Thread** any. Both connections belong to one manager.
     *
     * @param target where to send it; meanwhile others may send there too
     * @return how many bytes were sent on
     * @throws ConnectionFailedException if either connection failed
     * @throws ConnectionClosedException if this end closed the target or shut its output down
     * @throws dev.meerkat.SendLimitException if the target's send limit is below what this connection receives at once
     * @throws IllegalArgumentException if the target belongs to another manager
     * @throws IllegalStateException if another coroutine is receiving
     */
    public suspend fun copyTo(target: SuspendingConnection): Long {
        require(target.manager === manager) { "$this and $target belong to different managers" }
        return if (manager.inLoop()) relay(target) else withContext(dispatcher) { relay(target) }
    }

    private suspend fun relay(target: SuspendingConnection): Long {
        val onward = Onward(target)
        var total = 0L
        while (true) {
            if (!target.output.maySendNow()) {
                target.output.awaitTurn()
                onward.isItsTurn = true
            }
            val count: Int = input.take(onward)
            if (count < 0) {
                return total
            }
            total += count
        }
    }

    /** What [copyTo] wants: to have everything sent on, and taken by that; nothing while the target has to wait. */
    private class Onward(private val target: SuspendingConnection) : Demand {
        /** Whether it has waited, and may send once though others wait behind it. */
        var isItsTurn = false

        override fun take(unread: ReceiveBuffer, ended: Boolean): Any {
            val count = unread.size()
            val maySend = target.output.maySendNow() || (isItsTurn && target.connection.isWritable)
            isItsTurn = false
            return when {
                count == 0 && ended -> -1

                count == 0 || !maySend -> 0

                else -> {
                    target.output.transmit { target.connection.send(unread) }
                    count
                }
            }
        }
    }

    internal fun requireNoReceiver() {
        input.requireFree()
    }

    // ---------------------------------------------------------------- sending

    /**
     * Sends bytes, by copying them. They leave with all else that is sent in this turn of the loop.
     *
     * **Suspends** before sending, while more than the high-water mark waits to leave, until the low-water mark is
     * reached. Senders that wait go on in the order in which they came, each with its whole message.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param bytes what to send; not to be changed until the call returns
     * @throws ConnectionFailedException if the connection failed
     * @throws ConnectionClosedException if this end closed the connection or shut its output down
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public suspend fun send(bytes: ByteArray): Unit = if (output.maySendNow()) {
        output.transmit {
            connection.send(bytes)
        }
    } else {
        output.sendLater { connection.send(bytes) }
    }

    /**
     * Sends bytes without copying them; otherwise as `send` of an array.
     *
     * **Suspends** before sending, while more than the high-water mark waits to leave.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param bytes what to send; may be shared by any number of connections
     * @throws ConnectionFailedException if the connection failed
     * @throws ConnectionClosedException if this end closed the connection or shut its output down
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public suspend fun send(bytes: Bytes): Unit = if (output.maySendNow()) {
        output.transmit {
            connection.send(bytes)
        }
    } else {
        output.sendLater { connection.send(bytes) }
    }

    /**
     * Sends what remains in a buffer, by copying it; its position moves to its limit. Otherwise as `send` of an array.
     *
     * **Suspends** before sending, while more than the high-water mark waits to leave.
     *
     * **Cancellation** of a call that waits sends nothing and leaves the buffer as it was.
     *
     * **Thread** any.
     *
     * @param bytes what to send; not to be changed until the call returns
     * @throws ConnectionFailedException if the connection failed
     * @throws ConnectionClosedException if this end closed the connection or shut its output down
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public suspend fun send(bytes: ByteBuffer): Unit = if (output.maySendNow()) {
        output.transmit {
            connection.send(bytes)
        }
    } else {
        output.sendLater { connection.send(bytes) }
    }

    /**
     * Sends a text as UTF-8; otherwise as `send` of an array.
     *
     * **Suspends** before sending, while more than the high-water mark waits to leave.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param text what to send
     * @throws ConnectionFailedException if the connection failed
     * @throws ConnectionClosedException if this end closed the connection or shut its output down
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public suspend fun send(text: CharSequence): Unit = send(Bytes.utf8(text))

    /**
     * Sends a part of a file, which needs no memory however long it is, and closes it. Otherwise as `send` of an array;
     * see [Connection.send] of a `FileRegion`.
     *
     * **Suspends** before sending, while more than the high-water mark waits to leave. Returns when the file waits in its
     * turn: whoever sends next waits until it has left.
     *
     * **Cancellation** of a call that waits sends nothing, and closes the region.
     *
     * **Thread** any.
     *
     * @param region what to send; closed when it has left, when the connection ends, and when this throws
     * @throws ConnectionFailedException if the connection failed
     * @throws ConnectionClosedException if this end closed the connection or shut its output down
     * @throws IllegalStateException if the region was sent or closed before
     */
    public suspend fun send(region: FileRegion) {
        var sent = false
        try {
            if (output.maySendNow()) {
                sent = true
                output.transmit { connection.send(region) }
            } else {
                output.sendLater {
                    sent = true
                    connection.send(region)
                }
            }
        } finally {
            if (!sent) region.close()
        }
    }

    /**
     * Opens a file, on the caller's thread, sends all of it, and waits until it has left.
     *
     * **Suspends** until the operating system has taken the file, but for its last bytes below the low-water mark.
     *
     * **Cancellation** while it waits to be sent sends nothing. Once it is being sent there is no way back but [abort]:
     * the rest of the file still leaves.
     *
     * **Thread** any.
     *
     * @param path the file
     * @return how many bytes it has
     * @throws java.io.IOException if it cannot be opened; nothing was sent
     * @throws ConnectionFailedException if the connection failed, with the kind `FILE_FAILED` if the file did
     * @throws ConnectionClosedException if this end closed the connection or shut its output down
     */
    public suspend fun sendFile(path: Path): Long {
        val region = FileRegion.open(path)
        send(region)
        output.sendLater { } // its turn comes when the file has left, or the connection has ended
        ending.failure?.let { throw it }
        return region.count()
    }

    /**
     * Sends bytes without copying them if that needs no waiting: what to call where a peer that does not read should
     * rather go without.
     *
     * **Thread** the loop.
     *
     * @param bytes what to send; may be shared by any number of connections
     * @return false if nothing was sent: senders would have to wait, or the connection does not take anything any more
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public fun trySend(bytes: Bytes): Boolean {
        val now = output.hasRoom
        if (now) {
            connection.send(bytes)
        }
        return now
    }

    /**
     * Sends a text as UTF-8 if that needs no waiting; otherwise as `trySend` of bytes.
     *
     * **Thread** the loop.
     *
     * @param text what to send
     * @return false if nothing was sent
     * @throws dev.meerkat.SendLimitException if this message alone is larger than the send limit
     */
    public fun trySend(text: CharSequence): Boolean = trySend(Bytes.utf8(text))

    // ---------------------------------------------------------------- ending

    /**
     * Ends our direction once everything sent has left: the peer reads the end of input and may still send. A second
     * call does nothing, nor does one on a closed connection.
     *
     * **Thread** any.
     */
    public fun shutdownOutput() {
        inLoop {
            if (connection.isOpen) {
                connection.shutdownOutput()
            }
        }
    }

    /**
     * Closes politely: what was sent leaves, within the close time-out, then the peer reads the end of input. A receiver
     * that waits gets null, a sender that waits fails. Returns at once; [awaitClose] waits.
     *
     * **Thread** any.
     */
    override fun close() {
        connection.close()
    }

    /**
     * Closes at once: the peer sees a reset, and what was not yet sent is thrown away. Whoever waits fails with an
     * error of the kind `ABORTED`.
     *
     * **Thread** any.
     */
    public fun abort() {
        connection.abort()
    }

    /**
     * Waits until the connection is closed, by whomever.
     *
     * **Suspends** until then.
     *
     * **Cancellation** leaves the connection as it is.
     *
     * **Thread** any.
     *
     * @return who closed it and why
     */
    public suspend fun awaitClose(): CloseReason =
        closeReason ?: withContext(dispatcher) { closeReason ?: ending.await() }

    // ---------------------------------------------------------------- events

    private fun onEvent(event: Event) {
        onlookers?.show(event)
        when (event) {
            is TcpEvent.Received -> input.received(event.buffer())

            is TcpEvent.InputClosed -> input.inputClosed()

            is TcpEvent.Closed -> closed(event)

            is TcpEvent.Drained -> {
                eventQueue?.offer(event)
                output.drained()
            }

            is TcpEvent.Secured -> {
                eventQueue?.offer(event)
                securing?.secured()
            }

            is TcpEvent.Opened,
            is TcpEvent.ConnectFailed,
            is TcpEvent.HandshakeFailed,
            is TcpEvent.Sent,
            is TcpEvent.Writable,
            is TcpEvent.Broadcast,
            is TcpEvent.TimerFired,
            is TcpEvent.Tick,
            is TcpEvent.ShuttingDown,
            is ProtocolEvent,
            -> eventQueue?.offer(event)
        }
    }

    private fun closed(event: TcpEvent.Closed) {
        val reason = event.reason()
        ending.begin(reason, someoneHears = isAwaited)
        input.closed()
        securing?.failed(ending.failure)
        output.closed()
        eventQueue?.closed(event)
        onlookers?.fail(closedFailure())
        ending.tell(reason)
    }

    private inline fun inLoop(crossinline task: () -> Unit) {
        if (manager.inLoop()) task() else manager.post { task() }
    }

    /** Names both ends, for logs. */
    override fun toString(): String = connection.toString()

    /** Defaults. */
    public companion object {
        /** The longest line in bytes if nothing else is said: 64 KiB. */
        public const val DEFAULT_LINE_LIMIT: Int = 64 * 1024

        /** The most that a line end takes: CR and LF. */
        private const val LINE_END_BYTES = 2

        /** Makes a connection that is just opened suspending. */
        internal fun adopt(connection: Connection): SuspendingConnection {
            val options = connection.options()
            if (!options.halfClose()) {
                connection.configure(options.toBuilder().halfClose(true).build())
            }
            val suspending = SuspendingConnection(connection)
            suspending.input.takeOver() // in mid-stream
            connection.replaceHandler(Handler { _, event -> suspending.onEvent(event) })
            return suspending
        }
    }
}
