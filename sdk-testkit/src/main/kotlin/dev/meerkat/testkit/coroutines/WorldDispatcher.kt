// The one file here that uses what kotlinx.coroutines marks as internal: there is no public way to give a dispatcher
// timers of its own.
@file:OptIn(InternalCoroutinesApi::class)

package dev.meerkat.testkit.coroutines

import dev.meerkat.testkit.SimWorld
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Delay
import kotlinx.coroutines.DisposableHandle
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Runnable
import java.time.Duration
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume

/**
 * Runs the coroutines of a test between the events of a world. They are not events themselves, and so they may do
 * whatever a test may do that has no coroutines: expect, advance, drive.
 *
 * In the run of seed 0 they take turns first come, first served; every other seed mixes those that could go on.
 */
internal class WorldDispatcher(private val world: SimWorld) :
    CoroutineDispatcher(),
    Delay {
    private val owner = Thread.currentThread()
    private val ready = ArrayList<Runnable>()
    private val choices = if (world.seed() == 0L) null else world.random("coroutines")
    private var turnsAtOneInstant = 0
    private var instant = 0L

    @Volatile
    private var stranger: IllegalStateException? = null

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        if (Thread.currentThread() === owner) {
            ready += block
        } else if (stranger == null) {
            stranger =
                IllegalStateException(
                    "thread ${Thread.currentThread().name} resumed a coroutine of this world: other threads have no " +
                        "place in virtual time; what blocks belongs to the workers of a manager's runtime",
                )
        }
    }

    override fun scheduleResumeAfterDelay(timeMillis: Long, continuation: CancellableContinuation<Unit>) {
        val planned = invokeOnTimeout(timeMillis, { continuation.resume(Unit) }, continuation.context)
        continuation.invokeOnCancellation { planned.dispose() }
    }

    override fun invokeOnTimeout(timeMillis: Long, block: Runnable, context: CoroutineContext): DisposableHandle {
        val planned = world.clock().schedule(Duration.ofMillis(timeMillis), block)
        return DisposableHandle { planned.cancel() }
    }

    /** Gives turns to coroutines until none could go on. */
    fun runReady() {
        while (ready.isNotEmpty()) {
            countTurn()
            val next = choices?.nextInt(ready.size) ?: 0
            ready.removeAt(next).run()
        }
        stranger?.let { throw it }
    }

    private fun countTurn() {
        val now = world.clock().nanoTime()
        if (now != instant) {
            instant = now
            turnsAtOneInstant = 0
        }
        check(turnsAtOneInstant++ < TURNS_AT_ONE_INSTANT) {
            "livelock: the coroutines of this test had $TURNS_AT_ONE_INSTANT turns at one instant and time does not move"
        }
    }

    override fun toString(): String = "dispatcher of $world"

    private companion object {
        /** As the events of a world: what takes so many steps without moving time moves it never. */
        private const val TURNS_AT_ONE_INSTANT = 100_000
    }
}
