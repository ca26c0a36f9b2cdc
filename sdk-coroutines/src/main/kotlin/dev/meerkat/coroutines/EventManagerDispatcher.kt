// With ConnectionCoroutine.kt all that uses what kotlinx.coroutines marks as internal: here Delay, because there is no
// public way to give a dispatcher timers of its own, and being told when a job begins to be cancelled.
@file:OptIn(InternalCoroutinesApi::class)

package dev.meerkat.coroutines

import dev.meerkat.CloseHook
import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import dev.meerkat.Timer
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Delay
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.DisposableHandle
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import java.time.Duration
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.Continuation
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/**
 * Runs coroutines on the manager's loop thread, and `delay` and `withTimeout` on the manager's timers: in a virtual
 * world that is virtual time, with no test dispatcher.
 *
 * A coroutine that is resumed on the loop thread goes on in place, before the next event; one that is resumed elsewhere
 * is posted. What a coroutine launches or resumes goes on when it suspends, still in the same turn, so that coroutines
 * never run inside each other. `yield()` is posted, behind the tasks that wait already. Timers of the same instant fire
 * in the order in which they were set.
 *
 * Coroutines that resume each other without end, over a channel for instance, would never let the loop go on. Therefore
 * every 1,024 that went on in place, some hundred microseconds, the next ones are posted, each behind the tasks that
 * wait already, until the loop has turned. So whoever suspends at all, or yields, does not keep sockets and timers
 * waiting. A coroutine that does neither has the thread for itself: move what computes for long to [withWorkers].
 *
 * Every call makes a new dispatcher; all those of one manager are equal, so that switching between them costs nothing.
 *
 * When the manager is closed, or its mailbox full, a coroutine that would have to be posted is cancelled with the
 * manager's exception as cause, and what it has left to do, its `finally` blocks, runs on [Dispatchers.IO]. A `delay`
 * or `withTimeout` that begins on a closed manager, or is under way when the manager is closed, is cancelled in the
 * same way; the latter goes on for the last time on the thread that closes.
 *
 * **Thread** any.
 */
public val EventManager.dispatcher: CoroutineDispatcher
    get() = EventManagerDispatcher(this)

internal class EventManagerDispatcher(private val manager: EventManager) :
    CoroutineDispatcher(),
    Delay {
    /** How many coroutines went on in place since some last had to wait; this and they belong to the loop thread. */
    private var inPlace = 0
    private var lastTurn = -1L
    private var waiting: ArrayDeque<Waiting>? = null

    private class Waiting(val context: CoroutineContext, val block: Runnable)

    override fun isDispatchNeeded(context: CoroutineContext): Boolean = !manager.inLoop() || ++inPlace > IN_PLACE_LIMIT

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        if (manager.inLoop() && inPlace > IN_PLACE_LIMIT) {
            waitForNextTurn(context, block)
        } else {
            val refusal = post(block)
            if (refusal != null) refuse(context, block, refusal)
        }
    }

    private fun refuse(context: CoroutineContext, block: Runnable, refusal: RuntimeException) {
        context.cancel(cancellation(refusal))
        Dispatchers.IO.dispatch(context, block)
    }

    /** However many wait, the mailbox has one task for them. */
    private fun waitForNextTurn(context: CoroutineContext, block: Runnable) {
        val queue = waiting ?: ArrayDeque<Waiting>().also { waiting = it }
        queue.addLast(Waiting(context, block))
        if (queue.size == 1) postTurn(queue)
    }

    private fun postTurn(queue: ArrayDeque<Waiting>) {
        val refusal = post { runWaiting(queue) } ?: return
        while (queue.isNotEmpty()) {
            queue.removeFirst().let { refuse(it.context, it.block, refusal) }
        }
    }

    private fun runWaiting(queue: ArrayDeque<Waiting>) {
        val turn = manager.statistics().turns() // in which such tasks may follow one another
        if (turn != lastTurn) {
            lastTurn = turn
            inPlace = 0
        }
        waiting = null // those that come now have a turn of their own
        repeat(minOf(queue.size, IN_PLACE_LIMIT)) { queue.removeFirst().block.run() }
        if (queue.isNotEmpty()) postTurn(queue)
    }

    override fun scheduleResumeAfterDelay(timeMillis: Long, continuation: CancellableContinuation<Unit>) {
        val lost = { refusal: RuntimeException ->
            continuation.context.cancel(cancellation(refusal))
            continuation.cancel(cancellation(refusal)) // a coroutine that cannot be cancelled must not wait for ever
            Unit
        }
        val alarm = Alarm(timeMillis, { continuation.resume(Unit) }, lost)
        if (alarm.set()) {
            continuation.invokeOnCancellation { alarm.dispose() }
        }
    }

    override fun invokeOnTimeout(timeMillis: Long, block: Runnable, context: CoroutineContext): DisposableHandle {
        val alarm = Alarm(timeMillis, block) { context.cancel(cancellation(it)) }
        alarm.set()
        return alarm
    }

    /** A loop runs one thing at a time, so every narrower view of it is the loop itself. */
    override fun limitedParallelism(parallelism: Int, name: String?): CoroutineDispatcher {
        require(parallelism >= 1) { "parallelism must be at least 1: $parallelism" }
        return this
    }

    private fun post(task: Runnable): RuntimeException? = try {
        manager.post(task)
        null
    } catch (e: ManagerClosedException) {
        e
    } catch (e: RejectedExecutionException) {
        e
    }

    private fun cancellation(refusal: RuntimeException) =
        CancellationException("$manager takes no more coroutines", refusal)

    override fun equals(other: Any?): Boolean = other is EventManagerDispatcher && other.manager === manager

    override fun hashCode(): Int = System.identityHashCode(manager)

    override fun toString(): String = "dispatcher of $manager"

    private companion object {
        private const val IN_PLACE_LIMIT = 1024
    }

    /**
     * A timer of the manager's that any thread may set and dispose of; its state belongs to the loop thread. It is lost
     * if it cannot be set, or is set when the manager is closed.
     */
    private inner class Alarm(
        private val millis: Long,
        private val task: Runnable,
        private val lost: (RuntimeException) -> Unit,
    ) : DisposableHandle,
        Runnable {
        private var timer: Timer? = null
        private var hook: CloseHook? = null
        private var disposed = false

        /** Answers false if it is lost already. */
        fun set(): Boolean {
            if (manager.inLoop()) {
                return arm()
            }
            return post { arm() }?.also(lost) == null
        }

        private fun arm(): Boolean {
            if (disposed) {
                return true
            }
            try {
                timer = manager.schedule(Duration.ofMillis(millis), this)
                hook = manager.onClose { lost(ManagerClosedException("$manager was closed")) }
            } catch (e: ManagerClosedException) {
                lost(e)
                return false
            }
            return true
        }

        /** It is due. */
        override fun run() {
            hook?.cancel()
            task.run()
        }

        override fun dispose() {
            if (manager.inLoop()) {
                disarm()
            } else {
                post { disarm() } // if refused, the timer is gone with the manager, or fires for nothing
            }
        }

        private fun disarm() {
            disposed = true
            timer?.cancel()
            hook?.cancel()
        }
    }
}

/** Watches one job on behalf of a [ReceiveSlot], for as many waits of this job's coroutine as there are. */
internal class CancellationWatch(private val slot: ReceiveSlot, val job: Job) :
    (Throwable?) -> Unit,
    DisposableHandle {
    private var handle: DisposableHandle? = null

    fun begin() {
        handle = job.invokeOnCompletion(onCancelling = true, invokeImmediately = true, handler = this)
    }

    /** On whichever thread the job is cancelled. */
    override fun invoke(cause: Throwable?) {
        slot.claimIf { it.context[Job] === job }?.let(::fail)
    }

    fun fail(waiting: Continuation<*>) {
        waiting.resumeWithException(job.getCancellationException())
    }

    override fun dispose() {
        handle?.dispose()
    }
}
