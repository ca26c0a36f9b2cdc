package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/**
 * What has arrived as wholes, datagrams for instance, and waits for a receiver, or receivers that wait for it: never
 * both. It is the loop thread's but for [receive] and [dropped].
 *
 * What is handed to a receiver that is cancelled at that very moment comes back, in front of what came later.
 */
internal class Arrivals<T : Any>(
    private val manager: EventManager,
    private val capacity: Int,
    private val onOverflow: BufferOverflow,
    private val holdBack: (Boolean) -> Unit = {},
) {
    private val values = ArrayDeque<T>(0)
    private val receivers = ArrayDeque<CancellableContinuation<T?>>(0)
    private var heldBack = false

    /** Set once, at the end: what receivers hear when nothing is left. */
    @Volatile
    private var end: End? = null

    /** How many were lost because too many waited; read from any thread. */
    @Volatile
    var dropped = 0L
        private set

    val isAwaited: Boolean
        get() = receivers.isNotEmpty()

    init {
        require(capacity >= 1) { "capacity must be at least 1: $capacity" }
    }

    fun offer(value: T) {
        val receiver = nextReceiver()
        when {
            receiver != null -> hand(receiver, value)
            values.size < capacity -> values.addLast(value)
            onOverflow == BufferOverflow.DROP_OLDEST -> replaceOldest(value)
            else -> drop()
        }
        if (onOverflow == BufferOverflow.SUSPEND && values.size >= capacity) {
            holdBack(hold = true)
        }
    }

    private fun replaceOldest(value: T) {
        values.removeFirst()
        values.addLast(value)
        drop()
    }

    private fun drop() {
        dropped += 1 // written on the loop thread alone, or when there is none any more
    }

    private fun hand(receiver: CancellableContinuation<T?>, value: T) {
        receiver.resume(value) { _, undelivered, _ -> putBack(undelivered) }
    }

    private fun putBack(value: T) {
        if (!onLoop { nextReceiver()?.let { hand(it, value) } ?: values.addFirst(value) }) {
            drop()
        }
    }

    private fun nextReceiver(): CancellableContinuation<T?>? {
        while (receivers.isNotEmpty()) {
            receivers.removeFirst().let { if (it.isActive) return it }
        }
        return null
    }

    /** Answers what has waited longest, null if nothing waits. */
    fun poll(): T? {
        val value = values.removeFirstOrNull()
        if (heldBack && values.size < capacity) {
            holdBack(hold = false)
        }
        return value
    }

    private fun holdBack(hold: Boolean) {
        if (heldBack != hold && end == null) {
            heldBack = hold
            holdBack.invoke(hold)
        }
    }

    /** Waits for what arrives next, on any thread; null when it has ended in order. */
    suspend fun receive(): T? {
        if (manager.inLoop()) {
            poll()?.let { return it }
            end?.let { return it.outcome() }
        }
        return suspendCancellableCoroutine { caller ->
            if (!onLoop { enlist(caller) }) {
                settle(caller, checkNotNull(end) { "the mailbox of $manager is full" })
            }
            caller.invokeOnCancellation { onLoop { receivers.remove(caller) } }
        }
    }

    private fun enlist(caller: CancellableContinuation<T?>) {
        val present = poll()
        val over = end
        when {
            present != null -> hand(caller, present)
            over != null -> settle(caller, over)
            caller.isActive -> receivers.addLast(caller)
        }
    }

    /** Nothing more arrives; what waits can still be received. */
    fun end(failure: Throwable?) {
        val over = End(failure)
        end = over
        while (receivers.isNotEmpty()) {
            settle(receivers.removeFirst(), over)
        }
    }

    private fun settle(caller: CancellableContinuation<T?>, over: End) {
        if (over.failure != null) caller.resumeWithException(over.failure) else caller.resume(null)
    }

    /** Answers false if the loop takes nothing more. */
    private fun onLoop(task: () -> Unit): Boolean {
        if (manager.inLoop()) {
            task()
            return true
        }
        return try {
            manager.post(task)
            true
        } catch (_: RejectedExecutionException) {
            false
        } catch (_: ManagerClosedException) {
            false
        }
    }

    private class End(val failure: Throwable?) {
        fun outcome(): Nothing? {
            failure?.let { throw it }
            return null
        }
    }
}
