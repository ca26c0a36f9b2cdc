package dev.meerkat.coroutines

import dev.meerkat.ManagerClosedException
import dev.meerkat.event.Event
import dev.meerkat.event.ReceiveBuffer
import dev.meerkat.event.TcpEvent
import kotlinx.coroutines.channels.Channel
import java.util.concurrent.atomic.AtomicInteger

/**
 * The events of one connection that wait for the collector of [events]. The loop thread puts in, the collector takes out
 * on any thread.
 */
internal class EventQueue(private val owner: SuspendingConnection, private val capacity: Int) : InputTaker {
    private val manager = owner.connection.manager()

    /** Has no bound of its own: [waiting] keeps it. */
    private val events = Channel<Event>(Channel.UNLIMITED)
    private val waiting = AtomicInteger()
    private val waitingBytes = AtomicInteger()

    /** Whether bytes were left in the receive buffer for want of room. */
    @Volatile
    private var holdsBack = false
    private var inputEnded = false

    @Volatile
    private var collecting = true

    override val isAwaited: Boolean
        get() = collecting // its collector gets `Closed`, however busy it is now

    fun begin() {
        owner.input.give(this)
        owner.eventQueue = this
        owner.closeReason?.let { closed(TcpEvent.Closed(it)) } ?: feed()
    }

    /** What the input does not tell. */
    fun offer(event: Event) {
        if (waiting.get() < capacity) {
            put(event)
        } else {
            events.close(EventOverflowException("more than $capacity events wait for their collector", capacity))
        }
    }

    override fun feed() = owner.input.feed(this)

    /** Takes what has arrived out of the input, if there is room. */
    fun take(unread: ReceiveBuffer) {
        holdsBack = true // said first: a collector that makes room from now on will ask for more
        if (waiting.get() < capacity && waitingBytes.get() < DEFAULT_CHANNEL_MARK) {
            holdsBack = false
            takeAll(unread)
        }
    }

    private fun takeAll(unread: ReceiveBuffer) {
        val count = unread.size()
        if (count > 0) {
            waitingBytes.addAndGet(count)
            put(TcpEvent.Received(Remainder(unread.takeArray(count)), count))
        }
    }

    fun takeLast(rest: ReceiveBuffer) {
        takeAll(rest)
        if (!inputEnded) {
            inputEnded = true
            put(TcpEvent.InputClosed.INSTANCE)
        }
    }

    fun closed(event: TcpEvent.Closed) {
        put(event)
        events.close()
    }

    private fun put(event: Event) {
        waiting.incrementAndGet()
        events.trySend(event)
    }

    /** The next event; null behind the last one. On the collector's thread. */
    suspend fun receive(): Event? {
        val result = events.receiveCatching()
        val event = result.getOrNull()
        if (event == null) {
            result.exceptionOrNull()?.let { throw it }
            return null
        }
        waiting.decrementAndGet()
        if (event is TcpEvent.Received) {
            waitingBytes.addAndGet(-event.count())
        }
        if (holdsBack) {
            onLoop { if (collecting && holdsBack) feed() }
        }
        return event
    }

    /** Nobody collects any more. On the collector's thread. */
    fun end() {
        collecting = false
        events.cancel()
        owner.input.giveBack(this)
        onLoop { if (owner.eventQueue === this) owner.eventQueue = null }
    }

    private fun onLoop(task: () -> Unit) {
        try {
            if (manager.inLoop()) task() else manager.post(task)
        } catch (_: ManagerClosedException) {
            // then nothing happens any more
        }
    }

    override fun toString(): String = "a collector of events"
}
