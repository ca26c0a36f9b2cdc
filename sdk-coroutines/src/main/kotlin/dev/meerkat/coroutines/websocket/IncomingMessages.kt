package dev.meerkat.coroutines.websocket

import dev.meerkat.EventManager
import dev.meerkat.coroutines.Demand
import dev.meerkat.coroutines.NOT_YET
import dev.meerkat.coroutines.ReceiveSlot
import dev.meerkat.coroutines.Remainder
import dev.meerkat.event.Bytes
import dev.meerkat.event.ReceiveBuffer
import dev.meerkat.websocket.Message
import dev.meerkat.websocket.WebSocket
import dev.meerkat.websocket.WebSocketEvent
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.channels.ChannelIterator
import kotlinx.coroutines.channels.ChannelResult
import kotlinx.coroutines.channels.ClosedReceiveChannelException
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.selects.SelectClause1
import java.util.concurrent.CancellationException
import kotlin.coroutines.Continuation
import kotlin.coroutines.suspendCoroutine

/** A piece of a message that is received by fragment. */
internal class Piece(val text: Boolean, val bytes: Bytes, val last: Boolean)

/**
 * What has arrived and was not taken. Within its bounds it is read ahead; beyond them reading pauses, so that TCP holds
 * the peer back.
 *
 * One coroutine on the loop receives straight from here: it costs no object per wait, and what arrives while it waits is
 * handed over in place. Whatever else a channel can do (several receivers, other threads, `select`, `tryReceive`) goes
 * by a channel of kotlinx.coroutines in front of this, which is made when it is wanted first; see [SharedReceiving].
 */
internal class IncomingMessages(
    private val webSocket: WebSocket,
    private val manager: EventManager,
    private val capacity: Int,
    private val byteCapacity: Int,
    private val endsQuietly: Boolean,
) : ReceiveChannel<Message> {
    private val slot = ReceiveSlot()

    /** What is being handed over to the one who waits. */
    private var arriving: Any? = null
    private val queue = ArrayDeque<Any>(0)
    private var queuedBytes = 0L
    private var paused = false

    @Volatile
    private var closed: WebSocketEvent.Closed? = null

    @Volatile
    private var cancelled: CancellationException? = null

    @Volatile
    private var shared: SharedReceiving? = null

    /** Whether the program has ever received. */
    var wasAsked: Boolean = false
        private set

    /** Whether somebody waits here, who will hear of the end. */
    val isAwaited: Boolean
        get() = slot.isWaiting || shared != null

    // ---------------------------------------------------------------- arriving

    fun arrive(element: Any) {
        if (cancelled != null) {
            return
        }
        if (slot.isWaiting) {
            arriving = element
            slot.offer(Remainder.NONE, false)
            if (arriving == null) {
                return
            }
            arriving = null // it was cancelled meanwhile
        }
        queue.addLast(element)
        queuedBytes += size(element)
        if (!paused && (queue.size >= capacity || queuedBytes >= byteCapacity) && webSocket.isOpen) {
            paused = true
            webSocket.pauseReading()
        }
        shared?.wake()
    }

    /** It has ended; what has arrived can still be received. */
    fun end(how: WebSocketEvent.Closed) {
        closed = how
        slot.offer(Remainder.NONE, true)
        slot.release()
        shared?.wake()
    }

    // ---------------------------------------------------------------- taking

    private fun first(): Any? = arriving ?: queue.firstOrNull()

    private fun removeFirst() {
        if (arriving != null) {
            arriving = null
            return
        }
        queuedBytes -= size(queue.removeFirst())
        if (paused && queue.size <= capacity / 2 && queuedBytes <= byteCapacity / 2) {
            resumeReading()
        }
    }

    /** Reads nothing before [release]. */
    fun hold() {
        if (!paused && webSocket.isOpen) {
            paused = true
            webSocket.pauseReading()
        }
    }

    /** Reads from now on. */
    fun release() {
        if (paused && queue.isEmpty()) {
            resumeReading()
        }
    }

    private fun resumeReading() {
        paused = false
        if (webSocket.isOpen) {
            webSocket.resumeReading()
        }
    }

    /** Takes a message; answers null if there is none yet, and none will come if it [isOver]. */
    fun takeMessage(): Message? {
        val next = first() ?: return null
        check(next is Message) { "messages come by fragment here: receiveStream() is for that" }
        removeFirst()
        return next
    }

    val isOver: Boolean
        get() = closed != null || cancelled != null

    /** Why there are no more messages; null if it was in order. */
    fun failure(): Throwable? =
        cancelled ?: closed?.let { if (endsQuietly || it.isInOrder) null else WebSocketClosedException(it) }

    private val nextMessage = Demand { _, _ ->
        takeMessage() ?: if (isOver) throw failure() ?: theEnd() else NOT_YET
    }

    private fun theEnd() = ClosedReceiveChannelException("$webSocket has ended")

    /** Takes a piece or a whole message, which is one piece; answers null at the end, if that was in order. */
    private val nextPiece = Demand { _, _ ->
        val next = first()
        when {
            next == null -> if (isOver) failure()?.let { throw it } else NOT_YET
            else -> (next as? Piece ?: whole(next as Message)).also { removeFirst() }
        }
    }

    private fun whole(message: Message) = Piece(message.isText, message.bytes(), true)

    /** Suspends until there is a piece; null at the end, if that was in order. */
    suspend fun receivePiece(): Piece? {
        if (!manager.inLoop()) {
            return receivePieceElsewhere()
        }
        val taken = tryTakePiece()
        return if (taken !== NOT_YET) taken as Piece? else slot.await(nextPiece)
    }

    /** Does not switch to the loop's dispatcher and back: cancelled on its way back it would lose a piece. */
    private suspend fun receivePieceElsewhere(): Piece? {
        if (closed != null) {
            return tryTakePiece() as Piece? // nothing comes any more, and the loop may be gone
        }
        return suspendCoroutine { caller ->
            @Suppress("UNCHECKED_CAST") // a demand is only asked on behalf of those who know its answer's type
            val waiting = caller as Continuation<Any?>
            manager.post {
                val outcome = runCatching { tryTakePiece() }
                if (outcome.getOrNull() !== NOT_YET) waiting.resumeWith(outcome) else slot.begin(waiting, nextPiece)
            }
        }
    }

    private fun tryTakePiece(): Any? {
        wasAsked = true
        check(shared == null) { "messages of $webSocket are received by incoming, by several or from elsewhere" }
        slot.requireFree(webSocket)
        return nextPiece.take(Remainder.NONE, false)
    }

    // ---------------------------------------------------------------- as a channel

    /** Whether the short way is not for the caller. */
    private fun isOtherwise() = shared != null || !manager.inLoop() || slot.isWaiting

    override suspend fun receive(): Message {
        if (isOtherwise()) {
            return share().channel.receive()
        }
        wasAsked = true
        val taken = nextMessage.take(Remainder.NONE, false)
        return if (taken !== NOT_YET) taken as Message else slot.await(nextMessage)
    }

    override fun iterator(): ChannelIterator<Message> = Iterator()

    private inner class Iterator :
        ChannelIterator<Message>,
        Demand {
        private var element: Message? = null
        private var other: ChannelIterator<Message>? = null

        override suspend fun hasNext(): Boolean {
            if (element != null) {
                return true
            }
            if (isOtherwise()) {
                return (other ?: share().channel.iterator().also { other = it }).hasNext()
            }
            wasAsked = true
            val taken = take(Remainder.NONE, false)
            return if (taken !== NOT_YET) taken as Boolean else slot.await(this)
        }

        override fun take(unread: ReceiveBuffer, ended: Boolean): Any {
            val next = takeMessage()
            if (next != null) {
                element = next
                return true
            }
            if (!isOver) {
                return NOT_YET
            }
            failure()?.let { throw it }
            return false
        }

        override fun next(): Message {
            val next = element ?: return other?.next() ?: error("hasNext() is asked before next()")
            element = null
            return next
        }
    }

    override suspend fun receiveCatching(): ChannelResult<Message> = share().channel.receiveCatching()

    override fun tryReceive(): ChannelResult<Message> = share().channel.tryReceive()

    override val onReceive: SelectClause1<Message>
        get() = share().channel.onReceive

    override val onReceiveCatching: SelectClause1<ChannelResult<Message>>
        get() = share().channel.onReceiveCatching

    @DelicateCoroutinesApi
    override val isClosedForReceive: Boolean
        get() = shared?.channel?.isClosedForReceive ?: (isOver && (cancelled != null || queue.isEmpty()))

    @ExperimentalCoroutinesApi
    override val isEmpty: Boolean
        get() = shared?.channel?.isEmpty ?: (queue.isEmpty() && !isOver)

    private fun share(): SharedReceiving {
        wasAsked = true
        shared?.let { return it }
        val (made, isNew) =
            synchronized(queue) {
                val present = shared
                if (present !=
                    null
                ) {
                    present to false
                } else {
                    SharedReceiving(this, manager, capacity).also { shared = it } to true
                }
            }
        if (isNew) {
            made.begin()
        }
        return made
    }

    override fun cancel(cause: CancellationException?) {
        cancelOnce(cause ?: CancellationException("incoming was cancelled"))
    }

    @Deprecated("Hidden in the interface", level = DeprecationLevel.HIDDEN)
    override fun cancel(cause: Throwable?): Boolean {
        cancelOnce(CancellationException("incoming was cancelled").apply { initCause(cause) })
        return true
    }

    private fun cancelOnce(cause: CancellationException) {
        if (cancelled != null || (closed != null && queue.isEmpty())) {
            return // there is nothing to cancel any more
        }
        cancelled = cause
        shared?.channel?.cancel(cause)
        slot.fail(cause)
        if (manager.inLoop()) {
            forget()
        } else if (!manager.isClosed) {
            runCatching { manager.post(::forget) } // if it is refused, what waits is forgotten with the WebSocket
        }
    }

    /** What comes is thrown away, but read: the peer's goodbye is still to be heard. */
    private fun forget() {
        cancelled?.let(slot::fail)
        queue.clear()
        queuedBytes = 0
        slot.release()
        shared?.wake()
        if (paused) {
            resumeReading()
        }
    }

    private companion object {
        private fun size(element: Any): Int =
            if (element is Message) element.bytes().length() else (element as Piece).bytes.length()
    }
}
