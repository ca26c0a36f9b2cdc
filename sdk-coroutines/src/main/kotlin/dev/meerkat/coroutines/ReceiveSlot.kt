package dev.meerkat.coroutines

import dev.meerkat.event.ReceiveBuffer
import kotlinx.coroutines.Job
import kotlinx.coroutines.ensureActive
import java.util.concurrent.atomic.AtomicReference
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.intercepted
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/**
 * The place of the one coroutine that waits for input. It costs no object per wait: what waits is the coroutine's own
 * continuation, and the watch for its cancellation is kept for its next wait.
 *
 * The value is the waiting continuation, or null. Whoever changes it to null resumes what was there: the loop with the
 * bytes that it takes only then, or the thread that cancels. So no byte is taken for a coroutine that is gone. All else
 * here belongs to the loop thread.
 */
internal class ReceiveSlot : AtomicReference<Continuation<Any?>?>() {
    private var demand: Demand? = null
    private var watch: CancellationWatch? = null

    val isWaiting: Boolean
        get() = get() != null

    val isRetired: Boolean
        get() = get() === Retired

    fun requireFree(connection: Any) {
        check(!isWaiting) {
            if (isRetired) {
                "$connection was handed over to a handler, who is told of all that happens"
            } else {
                "another coroutine is receiving from $connection: input has one receiver at a time"
            }
        }
    }

    /** Takes the place for ever: nothing will arrive here any more. */
    fun retire() {
        release()
        set(Retired)
    }

    /** Suspends the calling coroutine, which runs on the loop, until its demand is met. */
    @Suppress("UNCHECKED_CAST") // a demand is only asked on behalf of those who know its answer's type
    suspend fun <T> await(wanted: Demand): T =
        suspendCoroutineUninterceptedOrReturn { frame ->
            val continuation = frame.intercepted() as Continuation<Any?>
            place(continuation, wanted)
            if (isCancelled() && compareAndSet(continuation, null)) {
                continuation.context.ensureActive()
            }
            COROUTINE_SUSPENDED
        }

    /** Has a coroutine that is suspended already wait until its demand is met. */
    fun begin(waiting: Continuation<Any?>, wanted: Demand) {
        place(waiting, wanted)
        failIfCancelled(waiting)
    }

    private fun place(waiting: Continuation<Any?>, wanted: Demand) {
        watch(waiting.context[Job])
        demand = wanted
        set(waiting)
    }

    /** Asks the waiting coroutine's demand, if one waits, and resumes it with the answer, in place. */
    fun offer(unread: ReceiveBuffer, ended: Boolean) {
        val waiting = getAndSet(null) ?: return
        val wanted = checkNotNull(demand)
        val taken =
            try {
                wanted.take(unread, ended)
            } catch (e: Throwable) {
                waiting.resumeWithException(e)
                return
            }
        if (taken !== NOT_YET) {
            waiting.resume(taken)
            return
        }
        set(waiting)
        failIfCancelled(waiting)
    }

    /** What was cancelled just before it was to be found here was not resumed by its watch. */
    private fun failIfCancelled(waiting: Continuation<Any?>) {
        if (isCancelled() && compareAndSet(waiting, null)) {
            watch?.fail(waiting)
        }
    }

    private fun isCancelled() = watch?.job?.isActive == false

    /** Resumes the waiting coroutine with a failure. */
    fun fail(failure: Throwable) {
        getAndSet(null)?.resumeWithException(failure)
    }

    /** Takes out the waiting continuation if it is the right one. */
    inline fun claimIf(predicate: (Continuation<Any?>) -> Boolean): Continuation<Any?>? {
        val waiting = get()
        return if (waiting != null && predicate(waiting) && compareAndSet(waiting, null)) waiting else null
    }

    /** Lets go of the job that waited last. */
    fun release() {
        watch?.dispose()
        watch = null
        demand = null
    }

    private fun watch(job: Job?) {
        if (watch?.job !== job) {
            watch?.dispose()
            watch = job?.let { CancellationWatch(this, it) }
            watch?.begin()
        }
    }

    /** Waits for nothing. */
    private object Retired : Continuation<Any?> {
        override val context get() = EmptyCoroutineContext

        override fun resumeWith(result: Result<Any?>) = Unit
    }

    private companion object {
        private const val serialVersionUID = 1L
    }
}
