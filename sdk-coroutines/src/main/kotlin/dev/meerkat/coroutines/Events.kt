package dev.meerkat.coroutines

import dev.meerkat.ConnectionClosedException
import dev.meerkat.event.CloseReason
import dev.meerkat.event.Event
import dev.meerkat.event.TcpEvent
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import java.io.IOException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** How many events wait for a collector of [events] if nothing else is said. */
public const val DEFAULT_EVENT_CAPACITY: Int = 64

/**
 * The events of the connection, as a handler receives them, from the moment on at which the collector begins. As
 * [events] with a capacity, of [DEFAULT_EVENT_CAPACITY].
 */
public val SuspendingConnection.events: Flow<Event>
    get() = events(DEFAULT_EVENT_CAPACITY)

/**
 * The events of the connection, as a handler receives them, from the moment on at which the collector begins. The last
 * one is `Closed`, behind which the flow ends, whether the connection failed or not; a collector that comes later gets
 * `Closed` alone. `Opened` is over by then.
 *
 * The collector is the receiver: the bytes of a `Received` event are its own, taken out of the input, and meanwhile
 * [SuspendingConnection.receive] and its kin throw. It begins with a `Received` event of what was not received before.
 *
 * **Buffering**: events wait for a collector that is busy, and none is lost. Bytes are taken out of the input only while
 * less than [capacity] events and less than 64 KiB wait; then they stay in the receive buffer, TCP holds the peer back at
 * the receive limit, and they come in one event when there is room, behind those that happened meanwhile. All other
 * events are of this program's making (timers, ticks, broadcasts, what it sends). If [capacity] events wait and another
 * one happens, the collector gets those that wait and then an [EventOverflowException]; `InputClosed` and `Closed` always
 * find room.
 *
 * **Cancellation** of the collector, or its end, gives the input back. Events that it has not got are gone, and the bytes
 * in them.
 *
 * **Thread** any.
 *
 * @param capacity how many events may wait, at least 1
 * @return a cold flow for one collector at a time; a second one throws an [IllegalStateException], and so does one that
 *     comes while a coroutine receives or after a channel was opened
 */
public fun SuspendingConnection.events(capacity: Int): Flow<Event> {
    require(capacity >= 1) { "capacity must be at least 1: $capacity" }
    val connection = this
    return flow {
        val queue = onLoop { EventQueue(connection, capacity).also { it.begin() } }
        try {
            while (true) {
                emit(queue.receive() ?: break)
            }
        } finally {
            queue.end()
        }
    }
}

/**
 * Waits for the next event of a type. It is an onlooker: bytes that a `Received` event tells of are copied for it, and
 * remain to be received. Nothing waits in a buffer; what happened before the call is not seen. On the loop nothing
 * happens between two calls, so that a coroutine which does nothing else sees every event.
 *
 * **Suspends** until such an event happens.
 *
 * **Cancellation** changes nothing.
 *
 * **Thread** any. The predicate runs on the loop, and must neither block nor call the connection; bytes that it is shown
 * are borrowed.
 *
 * @param predicate which event of this type is meant; by default any
 * @return the event
 * @throws ConnectionFailedException if the connection fails before, unless the event is its `Closed`
 * @throws ConnectionClosedException if the connection ends in order before, unless the event is its `Closed`
 */
public suspend inline fun <reified T : Event> SuspendingConnection.awaitEvent(
    noinline predicate: (T) -> Boolean = { true },
): T = awaitEvent(T::class.java, predicate)

/**
 * Waits for the next event of a type that is known at run time; see the other [awaitEvent].
 *
 * **Suspends** until such an event happens.
 *
 * **Cancellation** changes nothing.
 *
 * **Thread** any. The predicate runs on the loop.
 *
 * @param type the class of the event
 * @param predicate which event of this type is meant
 * @return the event
 * @throws ConnectionFailedException if the connection fails before, unless the event is its `Closed`
 * @throws ConnectionClosedException if the connection ends in order before, unless the event is its `Closed`
 */
public suspend fun <T : Event> SuspendingConnection.awaitEvent(type: Class<T>, predicate: (T) -> Boolean): T {
    closeReason?.let { return atTheEnd(it, type, predicate) }
    return onLoop {
        closeReason?.let { return@onLoop atTheEnd(it, type, predicate) } // it ended on the way here
        suspendCancellableCoroutine { caller ->
            val onlooker = Onlooker(type, predicate, caller)
            val all = onlookers ?: Onlookers().also { onlookers = it }
            all.add(onlooker)
            caller.invokeOnCancellation { if (connection.manager().inLoop()) all.remove(onlooker) }
        }
    }
}

/** What [awaitEvent] answers when the connection is closed: `Closed`, if that is what is meant. */
private fun <T : Event> SuspendingConnection.atTheEnd(
    reason: CloseReason,
    type: Class<T>,
    predicate: (T) -> Boolean,
): T {
    val last = TcpEvent.Closed(reason)
    return if (type.isInstance(last) && predicate(type.cast(last))) type.cast(last) else throw closedFailure()
}

/**
 * More events waited for a collector of [events] than may. Those that waited were delivered; what happened then is not
 * known.
 */
public class EventOverflowException internal constructor(
    message: String,
    /** How many events were allowed to wait. */
    public val capacity: Int,
) : IOException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

private suspend fun <T> SuspendingConnection.onLoop(task: suspend () -> T): T =
    if (connection.manager().inLoop() || closeReason != null) task() else withContext(dispatcher) { task() }

internal fun SuspendingConnection.closedFailure(): Exception =
    ending.failure ?: ConnectionClosedException("$connection was closed in order")

/** One who waits for an event. */
internal class Onlooker<T : Event>(
    private val type: Class<T>,
    private val predicate: (T) -> Boolean,
    private val caller: CancellableContinuation<T>,
) {
    /** Answers whether it was waiting for this one. */
    fun see(event: Event): Boolean {
        if (!caller.isActive) {
            return true
        }
        val meant =
            try {
                type.isInstance(event) && predicate(type.cast(event))
            } catch (e: Throwable) {
                caller.resumeWithException(e)
                return true
            }
        if (meant) {
            caller.resume(type.cast(event.kept()))
        }
        return meant
    }

    fun fail(failure: Throwable) {
        caller.resumeWithException(failure)
    }

    /** The event with bytes of its own: those that are new. */
    private fun Event.kept(): Event = when (this) {
        is TcpEvent.Received -> {
            val all = buffer().view()
            val fresh = ByteArray(count())
            all.position(all.limit() - fresh.size).get(fresh)
            TcpEvent.Received(Remainder(fresh), fresh.size)
        }

        else -> this
    }
}

/** Those who wait for events of one connection. Loop thread only. */
internal class Onlookers {
    private val waiting = ArrayList<Onlooker<*>>(1)

    val isAwaited: Boolean
        get() = waiting.isNotEmpty()

    fun add(onlooker: Onlooker<*>) {
        waiting += onlooker
    }

    fun remove(onlooker: Onlooker<*>) {
        waiting -= onlooker
    }

    /** Shows an event to all who waited before it. */
    fun show(event: Event) {
        for (onlooker in waiting.toTypedArray()) {
            if (onlooker.see(event)) {
                waiting -= onlooker
            }
        }
    }

    fun fail(failure: Throwable) {
        val all = waiting.toTypedArray()
        waiting.clear()
        all.forEach { it.fail(failure) }
    }
}
