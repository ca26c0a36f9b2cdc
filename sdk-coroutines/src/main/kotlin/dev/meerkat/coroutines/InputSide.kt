package dev.meerkat.coroutines

import dev.meerkat.Connection
import dev.meerkat.event.ReceiveBuffer
import kotlin.coroutines.Continuation
import kotlin.coroutines.suspendCoroutine

/**
 * What arrives on a suspending connection: it waits in the connection's own receive buffer until somebody takes it. One
 * takes at a time, a coroutine that receives or a channel. All belongs to the loop thread but what says otherwise.
 */
internal class InputSide(private val connection: Connection, private val ending: Ending) {
    private val receiver = ReceiveSlot()

    /** The bytes of the `Received` event that is being delivered. */
    private var arriving: ReceiveBuffer? = null

    /** What was left when the input ended; null before. */
    private var remainder: ReceiveBuffer? = null

    /** Whether the connection's receive buffer holds anything, so that it need not be asked. */
    private var leftUnread = false

    /** Who takes all that arrives from now on; set from any thread. */
    @Volatile
    private var taker: InputTaker? = null

    val isAwaited: Boolean
        get() = receiver.isWaiting || taker?.isAwaited == true

    /** From any thread. */
    fun requireFree() {
        check(taker == null) { "$taker reads from $connection: input has one receiver at a time" }
        receiver.requireFree(connection)
    }

    // ---------------------------------------------------------------- coroutines

    // Every call on the way to the receiver's wait is a tail call, for which no coroutine frame is made. One that comes
    // from elsewhere does not switch to the loop's dispatcher and back: cancelled on its way back it would lose bytes.
    @Suppress("UNCHECKED_CAST") // a demand is only asked on behalf of those who know its answer's type
    suspend fun <T> take(demand: Demand): T {
        if (!connection.manager().inLoop()) {
            return takeElsewhere(demand)
        }
        requireFree()
        val taken = tryTake(demand)
        return if (taken !== NOT_YET) taken as T else receiver.await(demand)
    }

    @Suppress("UNCHECKED_CAST") // as above
    private suspend fun <T> takeElsewhere(demand: Demand): T {
        if (ending.reason != null) {
            requireFree()
            return tryTake(demand) as T // nothing changes any more, and the loop may be gone
        }
        return suspendCoroutine { caller ->
            val waiting = caller as Continuation<Any?>
            connection.manager().post {
                val outcome =
                    runCatching {
                        requireFree()
                        tryTake(demand)
                    }
                if (outcome.getOrNull() !== NOT_YET) waiting.resumeWith(outcome) else receiver.begin(waiting, demand)
            }
        }
    }

    private fun tryTake(demand: Demand): Any? {
        val rest = remainder
        if (rest != null) {
            return demand.take(rest, true)
        }
        val present = arriving
        if (present != null) {
            if (!present.isEmpty && connection.isOpen) {
                return demand.take(present, false)
            }
        } else if (leftUnread && ending.reason == null) { // at the end the buffer goes, and any thread may ask
            val unread = connection.receiveBuffer()
            val taken = if (unread.isEmpty) NOT_YET else demand.take(unread, false) // empty if it is closing
            leftUnread = !unread.isEmpty
            return taken
        }
        if (ending.reason == null) {
            return NOT_YET
        }
        ending.failure?.let { throw it }
        return demand.take(Remainder.NONE, true)
    }

    // ---------------------------------------------------------------- a handler

    /** Whether a handler has all that arrives. */
    val isHandedOver: Boolean
        get() = receiver.isRetired

    /** Nothing arrives here any more. Answers what was left when the input ended, null before. */
    fun handOver(): ReceiveBuffer? {
        receiver.retire()
        return remainder
    }

    /** There may be something that a handler has left. */
    fun takeOver() {
        leftUnread = !connection.receiveBuffer().isEmpty
    }

    // ---------------------------------------------------------------- a channel

    /** Gives all that arrives from now on, and what is there, to a channel. From any thread. */
    fun openChannel(mark: Int): FedReadChannel {
        val reader = ChannelInput(connection, this, ending, mark)
        give(reader)
        reader.feed()
        return reader.channel
    }

    /** Has everything go to one who takes it all, in place of coroutines. From any thread. */
    fun give(to: InputTaker) {
        synchronized(receiver) {
            requireFree()
            taker = to
        }
    }

    /** Has coroutines receive again. From any thread. */
    fun giveBack(from: InputTaker) {
        synchronized(receiver) {
            if (taker === from) taker = null
        }
    }

    /** Feeds a channel that has room. Answers whether it has got all that there is and will be. */
    fun feed(target: FedReadChannel) {
        val rest = remainder
        val failure = ending.failure
        when {
            rest != null -> {
                target.feed(rest)
                if (rest.isEmpty) target.end()
            }

            failure != null -> target.fail(failure)

            ending.reason != null -> target.end()

            connection.isOpen -> {
                val unread = arriving ?: connection.receiveBuffer()
                target.feed(unread)
                leftUnread = !unread.isEmpty
            }
        }
    }

    /** Has events take what there is and was not told. */
    fun feed(target: EventQueue) {
        val rest = remainder
        when {
            rest != null -> target.takeLast(rest)

            connection.isOpen -> {
                val unread = arriving ?: connection.receiveBuffer()
                target.take(unread)
                leftUnread = !unread.isEmpty
            }
        }
    }

    // ---------------------------------------------------------------- events

    fun received(buffer: ReceiveBuffer) {
        arriving = buffer
        try {
            taker?.feed() ?: receiver.offer(buffer, false)
        } finally {
            arriving = null
            leftUnread = !buffer.isEmpty
        }
    }

    fun inputClosed() {
        val unread = connection.receiveBuffer()
        val rest = if (unread.isEmpty) Remainder.NONE else Remainder(unread.takeArray(unread.size()))
        remainder = rest
        leftUnread = false
        taker?.feed() ?: receiver.offer(rest, true)
    }

    fun closed() {
        leftUnread = false
        val failure = ending.failure
        taker?.feed()
        if (failure != null) receiver.fail(failure) else receiver.offer(Remainder.NONE, true)
        receiver.release()
    }
}

/** One who takes all the input, as it comes. */
internal interface InputTaker {
    /** Whether it will hear of the end. */
    val isAwaited: Boolean

    /** Something has arrived, or nothing more will. On the loop, or when there is none any more. */
    fun feed()
}

/** The way from a connection's input to a channel. */
internal class ChannelInput(
    private val connection: Connection,
    private val input: InputSide,
    private val ending: Ending,
    mark: Int,
) : InputTaker,
    FedReadChannel.Feeder {
    val channel = FedReadChannel(this, mark)

    override val isAwaited: Boolean
        get() = channel.isAwaited

    /** Feeds it with what is there. From any thread. */
    override fun feed() {
        if (connection.manager().inLoop() || ending.reason != null) { // after the end nothing changes any more
            synchronized(channel) { input.feed(channel) } // the loop may be about to tell of the end
        } else {
            connection.manager().post { input.feed(channel) }
        }
    }

    override fun onRoom() = feed()

    override fun onCancelled(cause: Throwable) = feed() // which throws away what is there

    override fun toString(): String = "a channel"
}
