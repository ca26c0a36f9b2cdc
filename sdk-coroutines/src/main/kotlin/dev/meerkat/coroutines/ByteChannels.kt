// The one file that implements Ktor-io's channel interfaces, both of which have a property that Ktor marks as internal:
// the buffers that its reading and writing functions work on. Decision 0086 says why, and which tests look at an upgrade.
@file:OptIn(InternalAPI::class)

package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.event.ReceiveBuffer
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.ClosedReadChannelException
import io.ktor.utils.io.ClosedWriteChannelException
import io.ktor.utils.io.InternalAPI
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.io.Buffer
import kotlinx.io.IOException
import kotlinx.io.Sink
import kotlinx.io.Source
import kotlinx.io.transferFrom
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicReference
import kotlin.coroutines.resume

/** How a channel ended. */
private sealed interface End {
    /** The bytes were all. */
    data object Orderly : End

    /** By the side that the program does not hold: the connection, the peer. */
    class Failed(val cause: Throwable) : End {
        /** Whether a call has thrown it. Until then the channel does not call itself closed. */
        @Volatile
        var told = false

        fun tell(): Nothing {
            told = true
            throw fresh(cause)
        }
    }

    /** By the program. */
    class Cancelled(val cause: Throwable) : End
}

/** Every throw of a connection's failure has a stack trace of its own. */
private fun fresh(cause: Throwable): Throwable =
    if (cause is ConnectionFailedException) ConnectionFailedException(cause.error) else cause

private val End?.failure: Throwable?
    get() = when (this) {
        null, End.Orderly -> null
        is End.Failed -> cause
        is End.Cancelled -> cause
    }

/**
 * Bytes on their way from the loop to a reader, one copy, no more than a mark of them. The loop thread feeds, ends and
 * fails it; one reader at a time, on any thread, reads.
 *
 * **The mark** counts what was fed and the reader has not read, as far as the reader has looked: its next call tells.
 * When that many bytes are in, [feed] takes nothing more and [feeder] is told once there is room for half a mark. A
 * reader that wants more at once than the mark, by `awaitContent(min)` or `peek`, gets it: up to [MAX_CHANNEL_MARK],
 * which is more than Ktor's own channel can give.
 *
 * **The end** is one of three. [end] lets the reader read what is there, then reads as the end of input. [fail] throws
 * what is there away, and every call throws the cause; until one has, the channel is not closed for reading, for Ktor's
 * `readAvailable` answers -1, the end of input, on a closed channel whatever the cause. [cancel], which is the reader's,
 * throws away what is there and what is fed from then on, and tells [feeder].
 *
 * A reader that waits costs one continuation; being cancelled it has lost nothing, except what Ktor's own functions hold
 * at that moment, as `readLine` does.
 */
internal class FedReadChannel(private val feeder: Feeder, private val mark: Int = DEFAULT_CHANNEL_MARK) :
    ByteReadChannel {
    /** Who feeds a channel, and is told what the reader does. */
    interface Feeder {
        /** There is room again, after [feed] has said that there is none. On the reader's thread. */
        fun onRoom()

        /** The reader has cancelled the channel: nothing is read any more. On its thread, once, unless it had ended. */
        fun onCancelled(cause: Throwable)
    }

    init {
        requireMark(mark)
    }

    /** What was fed and the reader has not taken over; also the lock of itself. */
    private val arrived = Buffer()

    /** The size of [arrived], for looking at without the lock. */
    @Volatile
    private var arrivedBytes = 0L

    /** What the reader has taken over; the reader's. */
    private val reading = Buffer()

    /** The size of [reading] when the reader last had a reason to say it, never too low. */
    @Volatile
    private var readingBytes = 0L

    /** How many bytes a reader waits for. */
    @Volatile
    private var wanted = 1

    private val full = AtomicBoolean()
    private val end = AtomicReference<End?>()
    private val waiting = AtomicReference<CancellableContinuation<Unit>?>()

    /** Whether a reader waits, who will hear of the end. From any thread. */
    val isAwaited: Boolean
        get() = waiting.get() != null

    private val unread: Long
        get() = arrivedBytes + readingBytes

    // ---------------------------------------------------------------- the loop's side

    /**
     * Moves bytes in, as many as there is room for; the rest stays in the buffer.
     *
     * @return whether there is room for more; if not, [Feeder.onRoom] will tell
     */
    fun feed(bytes: ReceiveBuffer): Boolean {
        if (end.get() != null) {
            bytes.discard(bytes.size())
            return true
        }
        while (!bytes.isEmpty) {
            val count = minOf(bytes.size().toLong(), room()).toInt()
            if (count > 0) {
                append(bytes.view().limit(count))
                bytes.discard(count)
                resumeIfEnough() // who may read at once, and have more fed: so only now
            } else if (isFull()) {
                return false
            }
        }
        return !isFull()
    }

    /**
     * Moves bytes in, all that remain in the buffer, though they may lead above the mark: for bytes that cannot be left
     * where they are.
     *
     * @return whether there is room for more; if not, [Feeder.onRoom] will tell
     */
    fun feedAll(bytes: ByteBuffer): Boolean {
        if (end.get() != null) {
            bytes.position(bytes.limit())
            return true
        }
        if (bytes.hasRemaining()) {
            append(bytes)
            resumeIfEnough()
        }
        return !isFull()
    }

    /** No more bytes follow. Does nothing on a channel that has ended. */
    fun end() {
        if (end.compareAndSet(null, End.Orderly)) {
            resumeReader()
        }
    }

    /** No more bytes follow, though they are not all. Does nothing on a channel that has ended. */
    fun fail(cause: Throwable) {
        if (end.compareAndSet(null, End.Failed(cause))) {
            forget()
            resumeReader()
        }
    }

    private fun append(bytes: ByteBuffer) {
        synchronized(arrived) {
            arrived.transferFrom(bytes)
            arrivedBytes = arrived.size
        }
    }

    private fun resumeIfEnough() {
        if (waiting.get() != null && unread >= wanted) {
            resumeReader()
        }
    }

    private fun room() = maxOf(mark, wanted) - unread

    /** Asks the reader to tell of room, unless it has made some meanwhile. */
    private fun isFull(): Boolean {
        if (room() > 0) {
            return false
        }
        full.set(true)
        return !(hasRoomAgain() && full.compareAndSet(true, false))
    }

    private fun hasRoomAgain() = unread <= mark / 2 || unread < wanted

    private fun resumeReader() {
        waiting.getAndSet(null)?.resume(Unit)
    }

    private fun forget() {
        synchronized(arrived) {
            arrived.clear()
            arrivedBytes = 0
        }
    }

    // ---------------------------------------------------------------- the reader's side

    override val closedCause: Throwable?
        get() = end.get().failure

    override val isClosedForRead: Boolean
        get() = when (val state = end.get()) {
            null -> false
            is End.Orderly -> arrivedBytes == 0L && reading.exhausted()
            is End.Failed -> state.told
            is End.Cancelled -> true
        }

    override val readBuffer: Source
        get() {
            throwIfFailed()
            if (reading.exhausted()) {
                takeOver()
            } else if (full.get()) {
                tellRoom()
            }
            return reading
        }

    override suspend fun awaitContent(min: Int): Boolean {
        require(min in 0..maxOf(mark, MAX_CHANNEL_MARK)) {
            "min must be 0 to ${maxOf(mark, MAX_CHANNEL_MARK)}, read more in pieces: $min"
        }
        throwIfFailed()
        if (reading.size < min) {
            return awaitMore(min)
        }
        if (full.get()) {
            tellRoom()
        }
        return true
    }

    private suspend fun awaitMore(min: Int): Boolean {
        takeOver()
        if (reading.size < min && end.get() == null) {
            wanted = min
            try {
                tellRoom()
                do {
                    awaitFeeding(min)
                } while (isShortOf(min))
            } finally {
                wanted = 1
            }
        }
        throwIfFailed()
        takeOver()
        return reading.size >= min
    }

    private fun isShortOf(min: Int) = reading.size + arrivedBytes < min && end.get() == null

    private suspend fun awaitFeeding(min: Int) = suspendCancellableCoroutine { reader ->
        check(waiting.compareAndSet(null, reader)) {
            "another coroutine is reading: a channel has one reader at a time"
        }
        reader.invokeOnCancellation { waiting.compareAndSet(reader, null) }
        if (!isShortOf(min)) {
            resumeReader() // it came while this one was on its way to waiting
        }
    }

    private fun takeOver() {
        if (arrivedBytes > 0) {
            synchronized(arrived) {
                arrived.transferTo(reading)
                readingBytes = reading.size
                arrivedBytes = 0
            }
        }
        tellRoom()
    }

    private fun tellRoom() {
        readingBytes = reading.size
        if (full.get() && hasRoomAgain() && full.compareAndSet(true, false)) {
            feeder.onRoom()
        }
    }

    private fun throwIfFailed() {
        when (val state = end.get()) {
            null, End.Orderly -> Unit
            is End.Failed -> state.tell()
            is End.Cancelled -> throw state.cause.asReadFailure()
        }
    }

    /** Ends the channel from the reader's side. Without a cause it is none the less no end of input. */
    override fun cancel(cause: Throwable?) {
        val cancelled = End.Cancelled(cause ?: IOException("the channel was cancelled by its reader"))
        val before = end.get()
        if (before !is End.Cancelled && end.compareAndSet(before, cancelled)) {
            forget()
            resumeReader()
            if (before == null) {
                feeder.onCancelled(cancelled.cause)
            }
        } else if (end.get() !is End.Cancelled) {
            cancel(cause) // it ended at this very moment
        }
    }

    private fun Throwable.asReadFailure() =
        if (this is CancellationException) this else ClosedReadChannelException(this)
}

/**
 * Bytes on their way from a writer to the loop. Ktor's functions write into a buffer, which is handed to [drain] on the
 * loop thread when a mark is reached, on `flush` and at the end. One writer at a time, on any thread; the loop [fail]s it.
 *
 * **The mark** stands for Ktor's own of 1 MiB: the functions flush when that many bytes wait, and suspend while [drain]
 * does. A single call may put in more than that at once, as much as it is given.
 *
 * **The end**: `flushAndClose` hands over what waits and ends the output; it throws if the other side has failed, unless
 * the writer was told before. `cancel` throws away what waits and aborts: a peer must not take a part for the whole.
 */
internal class DrainedWriteChannel(
    private val manager: EventManager,
    private val drain: Drain,
    private val mark: Int = DEFAULT_CHANNEL_MARK,
) : ByteWriteChannel {
    /** Where the bytes of a channel go. */
    interface Drain {
        /**
         * Takes all bytes out of a buffer, in pieces as it likes, and suspends while it may take no more. What it has
         * left when it throws stays for the next flush. On the loop.
         */
        suspend fun write(bytes: Buffer)

        /** Ends the output, behind all that was written. On the loop. */
        suspend fun end()

        /** The writer has cancelled the channel. On its thread, once, unless the channel had ended. */
        fun abort(cause: Throwable)
    }

    init {
        requireMark(mark)
    }

    private val pending = Buffer()
    private val end = AtomicReference<End?>()

    /** The output takes nothing more. Does nothing on a channel that has ended. From any thread. */
    fun fail(cause: Throwable) {
        end.compareAndSet(null, End.Failed(cause))
    }

    /** Asked by Ktor after every write: true is what has it flush. */
    override val autoFlush: Boolean
        get() = pending.size >= mark

    override val isClosedForWrite: Boolean
        get() = end.get() != null

    override val closedCause: Throwable?
        get() = end.get().failure

    override val writeBuffer: Sink
        get() {
            throwIfEnded()
            return pending
        }

    override suspend fun flush() {
        throwIfEnded()
        if (!pending.exhausted()) {
            handOver()
        }
    }

    private suspend fun handOver() =
        if (manager.inLoop()) drain.write(pending) else withContext(manager.dispatcher) { drain.write(pending) }

    override suspend fun flushAndClose() {
        when (val state = end.get()) {
            null -> Unit
            is End.Failed -> if (state.told) return else state.tell()
            End.Orderly, is End.Cancelled -> return
        }
        if (!pending.exhausted()) {
            handOver()
        }
        if (end.compareAndSet(null, End.Orderly)) {
            if (manager.inLoop()) drain.end() else withContext(manager.dispatcher) { drain.end() }
        }
    }

    /** Ends the channel from the writer's side, without an end of output. */
    override fun cancel(cause: Throwable?) {
        val cancelled = End.Cancelled(cause ?: IOException("the channel was cancelled by its writer"))
        if (end.compareAndSet(null, cancelled)) {
            drain.abort(cancelled.cause)
        } else {
            (end.get() as? End.Failed)?.told = true // whoever gives up because of a failure knows it
        }
    }

    private fun throwIfEnded() {
        when (val state = end.get()) {
            null -> Unit
            End.Orderly -> throw ClosedWriteChannelException(null)
            is End.Failed -> state.tell()
            is End.Cancelled -> throw state.cause.asWriteFailure()
        }
    }

    private fun Throwable.asWriteFailure() =
        if (this is CancellationException) this else ClosedWriteChannelException(this)
}

private fun requireMark(mark: Int) =
    require(mark in 1..MAX_CHANNEL_MARK) { "mark must be 1 to $MAX_CHANNEL_MARK bytes: $mark" }
