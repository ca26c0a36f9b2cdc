// Uses Delay, which kotlinx.coroutines marks as internal, for the reason that EventManagerDispatcher.kt tells.
@file:OptIn(InternalCoroutinesApi::class)

package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Delay
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.cancel
import kotlinx.coroutines.withContext
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.CoroutineContext

/**
 * Runs coroutines on the workers of the manager's runtime: for what blocks or computes for long, off the loop. In a
 * virtual world the workers are that world's, so that a run repeats; there `Dispatchers.IO` would be a thread that nobody
 * drives.
 *
 * `delay` and `withTimeout` are the manager's, as on its [dispatcher].
 *
 * When every worker is busy and their queue is full, a coroutine that does not fit in is cancelled, with a
 * [RejectedExecutionException] as cause. So it is with a [ManagerClosedException] when the manager is closed. What it has
 * left to do, its `finally` blocks, runs on [Dispatchers.IO] then.
 *
 * **Thread** any.
 */
public val EventManager.workerDispatcher: CoroutineDispatcher
    get() = WorkerDispatcher(this, EventManagerDispatcher(this))

/**
 * Runs a block that may block its thread, on a worker of the manager's runtime, and comes back.
 *
 * **Suspends** until the block has ended.
 *
 * **Cancellation** is seen by the block when it suspends or asks for it; what blocks is not interrupted.
 *
 * **Thread** any; the block runs on a worker and must not touch what belongs to the loop.
 *
 * @param block what to run
 * @return what the block returns
 */
public suspend fun <T> EventManager.withWorkers(block: suspend CoroutineScope.() -> T): T =
    withContext(workerDispatcher, block)

private class WorkerDispatcher(private val manager: EventManager, private val timers: EventManagerDispatcher) :
    CoroutineDispatcher(),
    Delay by timers {
    override fun dispatch(context: CoroutineContext, block: Runnable) {
        if (manager.isClosed) {
            refuse(context, block, ManagerClosedException("$manager is closed"))
            return
        }
        manager.runtime().workers().submit {
            block.run()
            true
        }.whenComplete { _, failure -> if (failure is RejectedExecutionException) refuse(context, block, failure) }
    }

    private fun refuse(context: CoroutineContext, block: Runnable, why: RuntimeException) {
        context.cancel(CancellationException("the workers of $manager take no more coroutines", why))
        Dispatchers.IO.dispatch(context, block)
    }

    override fun equals(other: Any?): Boolean = other is WorkerDispatcher && other.manager === manager

    override fun hashCode(): Int = System.identityHashCode(manager)

    override fun toString(): String = "workers of $manager"
}
