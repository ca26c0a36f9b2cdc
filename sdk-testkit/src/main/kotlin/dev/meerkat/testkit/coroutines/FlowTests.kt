package dev.meerkat.testkit.coroutines

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/**
 * Collects a flow and has a block say what must come out of it, in which order and when. What the flow emits waits for
 * the block; when the block is over nothing may be left that it has not asked for, and collecting is cancelled.
 *
 * Time is that of the dispatcher: in a virtual world, in [runSuspending], [simTest] or on the dispatcher of an event
 * manager, a time-out is virtual, takes no real time and ends at its exact instant. So a generous one costs nothing.
 *
 * **Suspends** until the block is over and collecting has ended.
 *
 * **Cancellation** ends collecting.
 *
 * **Thread** any; flow and block run on the caller's dispatcher.
 *
 * @param timeout how long each `await` may wait; a minute by default
 * @param name what failures call the flow
 * @param capacity how many items may wait for the block, 4,096 by default, so that a flow that never stops fails the
 *     test instead of filling the memory
 * @param body what must come
 * @throws AssertionError if something else comes, nothing comes in time, or something is left
 */
public suspend fun <T> Flow<T>.test(
    timeout: Duration = 1.minutes,
    name: String = "the flow",
    capacity: Int = FlowTester.DEFAULT_CAPACITY,
    body: suspend FlowTester<T>.() -> Unit,
) {
    require(timeout.isPositive()) { "timeout must be positive: $timeout" }
    require(capacity >= 1) { "capacity must be at least 1: $capacity" }
    coroutineScope {
        val tester = FlowTester<T>(timeout, name, capacity)
        val collecting = launch(start = CoroutineStart.UNDISPATCHED) { tester.collect(this@test) }
        try {
            tester.body()
            tester.ensureNothingIsLeft()
        } catch (e: AssertionError) {
            tester.failureLeft()?.let(e::addSuppressed)
            throw e
        } finally {
            collecting.cancelAndJoin()
        }
    }
}

/** What a flow has emitted and nobody has asked for yet, and the words to ask for it. Made by [test]. */
public class FlowTester<T> internal constructor(
    private val timeout: Duration,
    private val name: String,
    private val capacity: Int,
) {
    private val happened = Channel<Happening<T>>(capacity)

    /** What was taken out of [happened] to be looked at. */
    private val waiting = ArrayDeque<Happening<T>>()
    private var ignored = false

    private sealed interface Happening<out T> {
        data class Item<T>(val value: T) : Happening<T> {
            override fun toString() = "item $value"
        }

        data object Complete : Happening<Nothing> {
            override fun toString() = "completion"
        }

        data class Failed(val cause: Throwable) : Happening<Nothing> {
            override fun toString() = "failure $cause"
        }
    }

    /**
     * Awaits the next item.
     *
     * **Suspends** until there is one, or the time-out ends.
     *
     * @return the item
     * @throws AssertionError if the flow ends or fails, or nothing comes in time
     */
    public suspend fun awaitItem(): T = when (val next = next("an item")) {
        is Happening.Item -> next.value
        else -> unexpected("an item", next)
    }

    /**
     * Awaits the end of the flow.
     *
     * **Suspends** until it ends, or the time-out ends.
     *
     * @throws AssertionError if an item comes or the flow fails, or nothing comes in time
     */
    public suspend fun awaitComplete() {
        val next = next("completion")
        if (next !is Happening.Complete) unexpected("completion", next)
    }

    /**
     * Awaits the failure of the flow.
     *
     * **Suspends** until it fails, or the time-out ends.
     *
     * @return what it threw
     * @throws AssertionError if an item comes or the flow ends in order, or nothing comes in time
     */
    public suspend fun awaitError(): Throwable = when (val next = next("a failure")) {
        is Happening.Failed -> next.cause
        else -> unexpected("a failure", next)
    }

    /**
     * Awaits items and throws them away.
     *
     * **Suspends** until all of them have come.
     *
     * @param count how many
     * @throws AssertionError as of [awaitItem]
     */
    public suspend fun skipItems(count: Int) {
        repeat(count) { awaitItem() }
    }

    /**
     * Finds that nothing has happened that was not asked for. It does not wait; to wait first, [expectSilence].
     *
     * @throws AssertionError if something has
     */
    public fun expectNoEvents() {
        takeAll()
        if (waiting.isNotEmpty()) unexpected("nothing", waiting.first())
    }

    /**
     * Waits for a span and finds that nothing happens in it.
     *
     * **Suspends** for the span, which is virtual in a virtual world.
     *
     * @param span how long
     * @throws AssertionError at once if something happens
     */
    public suspend fun expectSilence(span: Duration) {
        expectNoEvents()
        val next = happening(span)
        if (next != null) unexpected("nothing for $span", next)
        expectNoEvents()
    }

    /**
     * Takes all that has come and answers the last item of it. It does not wait.
     *
     * @return the newest item
     * @throws AssertionError if no item waits, or the flow has ended
     */
    public fun expectMostRecentItem(): T {
        takeAll()
        val ended = waiting.firstOrNull { it !is Happening.Item }
        if (ended != null) unexpected("an item", ended)
        val last = waiting.lastOrNull() as Happening.Item? ?: fail("expected an item of $name, nothing has come")
        waiting.clear()
        return last.value
    }

    /** Declares all that has come, and may yet come before the block is over, to be of no interest. */
    public fun ignoreRemainingEvents() {
        ignored = true
    }

    internal suspend fun collect(flow: Flow<T>) {
        try {
            flow.collect {
                if (!happened.trySend(Happening.Item(it)).isSuccess) {
                    fail("$name has emitted more than $capacity items that nobody has asked for")
                }
            }
            happened.send(Happening.Complete)
        } catch (e: Throwable) {
            currentCoroutineContext().ensureActive() // else the test is over
            happened.send(Happening.Failed(e))
        }
    }

    internal fun ensureNothingIsLeft() {
        if (!ignored) {
            takeAll()
            if (waiting.isNotEmpty()) fail("$name has left what nobody asked for: ${waiting.joinToString(limit = 10)}")
        }
    }

    /** A failure of the flow that the block has not seen, which may well be why the block failed. */
    internal fun failureLeft(): Throwable? {
        takeAll()
        return waiting.firstNotNullOfOrNull { (it as? Happening.Failed)?.cause }
    }

    private suspend fun next(wanted: String): Happening<T> = waiting.removeFirstOrNull() ?: happening(timeout)
        ?: fail("expected $wanted of $name within $timeout, nothing has come")

    /** Not `withTimeout` around `receive`, which may lose what comes at the very instant. */
    @OptIn(ExperimentalCoroutinesApi::class)
    private suspend fun happening(within: Duration): Happening<T>? = select {
        happened.onReceive { it }
        onTimeout(within) { null }
    }

    private fun takeAll() {
        while (true) {
            waiting += happened.tryReceive().getOrNull() ?: return
        }
    }

    private fun unexpected(wanted: String, found: Happening<T>): Nothing {
        val failure = AssertionError("expected $wanted of $name, found $found")
        if (found is Happening.Failed) failure.initCause(found.cause)
        throw failure
    }

    private fun fail(message: String): Nothing = throw AssertionError(message)

    /** Defaults. */
    public companion object {
        /** How many items may wait if nothing else is said: 4,096, more than a test wants to name. */
        public const val DEFAULT_CAPACITY: Int = 4_096
    }
}
