package dev.meerkat.testkit.coroutines

import dev.meerkat.testkit.SimConfig
import dev.meerkat.testkit.SimWorld
import dev.meerkat.testkit.internal.Scheduler
import dev.meerkat.testkit.scheduler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlin.time.Duration

/**
 * Makes a virtual world that lives in the time of `runTest`: the scheduler of the test is the clock, and the world has
 * no other. `delay` in the test lets the world's events happen, and `advanceTimeBy`, `runCurrent` and `advanceUntilIdle`
 * mean what they mean without a world. When the test ends the world is closed and checked.
 *
 * What to know:
 * - The test's scheduler counts milliseconds, a world nanoseconds. An event of the world happens at its own nanosecond,
 *   and the test learns of it at the next full millisecond.
 * - `advanceTimeBy` leaves out what is due at its very end, as always; [advanceTimeThrough] does not.
 * - `advanceUntilIdle` waits for what is under way: bytes, look-ups, jobs. It does not wait for timers of event managers,
 *   of which there may be one more for ever.
 * - What drives a world by itself, `world.advance` or `expectText` of a raw socket, is not for here and throws; tests
 *   with suspend functions that want these are made with [simTest] or [runSuspending].
 * - Coroutines take turns first come, first served. Other orders are explored by [simTest] with several seeds.
 *
 * **Thread** the test's.
 *
 * @param configure sets what there is to configure
 * @return a new world
 */
@OptIn(ExperimentalCoroutinesApi::class)
public fun TestScope.simWorld(configure: SimConfig.Builder.() -> Unit = {}): SimWorld {
    val world = SimWorld.open(SimConfig.builder().apply(configure).build())
    Pump(this, world).start()
    return world
}

/**
 * Moves the test's time on and runs what is due within the span, its end included: `advanceTimeBy` and `runCurrent`.
 *
 * **Thread** the test's.
 *
 * @param span how far
 */
@OptIn(ExperimentalCoroutinesApi::class)
public fun TestScope.advanceTimeThrough(span: Duration) {
    advanceTimeBy(span)
    runCurrent()
}

/** Runs a world's events as the time of a test reaches them. */
@OptIn(ExperimentalCoroutinesApi::class)
private class Pump(private val test: TestScope, private val world: SimWorld) : Scheduler.Leader {
    private val scheduler = world.scheduler()
    private val origin = test.currentTime
    private val changes = Channel<Unit>(Channel.CONFLATED)

    /** Ends with the background of the test, but its steps are not background work, which `advanceUntilIdle` ignores. */
    private val foreground =
        CoroutineScope(test.coroutineContext.minusKey(Job) + test.backgroundScope.coroutineContext.job)

    override fun now(): Long = (test.currentTime - origin) * NANOS_PER_MILLI

    override fun onScheduled() {
        changes.trySend(Unit)
    }

    fun start() {
        foreground.launch(start = CoroutineStart.UNDISPATCHED) {
            scheduler.lead(this@Pump)
            try {
                while (true) {
                    scheduler.follow()
                    awaitEvent(scheduler.nextTime())
                }
            } finally {
                scheduler.lead(null)
                world.close()
            }
        }
    }

    /** Waiting for what is under way is work of the test; waiting for a mere timer is not, or `advanceUntilIdle` never ended. */
    private suspend fun awaitEvent(next: Long) {
        if (next == Long.MAX_VALUE) {
            changes.receive()
            return
        }
        val millis = (next - now() + NANOS_PER_MILLI - 1).floorDiv(NANOS_PER_MILLI)
        if (millis > 0) {
            val scope = if (scheduler.hasUnderWay()) foreground else test.backgroundScope
            val alarm =
                scope.launch {
                    delay(millis)
                    onScheduled()
                }
            changes.receive()
            if (alarm.isActive) alarm.cancel()
        }
    }

    private companion object {
        private const val NANOS_PER_MILLI = 1_000_000L
    }
}
