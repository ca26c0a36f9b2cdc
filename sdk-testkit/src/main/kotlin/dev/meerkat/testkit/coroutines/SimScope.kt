package dev.meerkat.testkit.coroutines

import dev.meerkat.testkit.Link
import dev.meerkat.testkit.SimConfig
import dev.meerkat.testkit.SimHost
import dev.meerkat.testkit.SimWorld
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlin.time.Duration
import kotlin.time.toKotlinDuration

/**
 * A test with suspend functions in a virtual world, and a scope for its coroutines: `delay`, `withTimeout` and flows run
 * on the world's clock, to the nanosecond of what they wait for.
 *
 * The coroutines of the test run between the events of the world, on the test's thread. So they may call everything that
 * a test without coroutines may: `expectText`, `advance`, `await`. While one of them waits in such a call the others
 * stand still, however far time goes; what is to run beside them suspends instead. A coroutine on the dispatcher of an
 * event manager is a part of the program under test: it only suspends and never drives.
 *
 * Made by [runSuspending] and [simTest].
 */
public class SimScope internal constructor(
    /** The world. */
    public val world: SimWorld,
    scope: CoroutineScope,
) : CoroutineScope by scope {
    /** The time since the world began. */
    public val elapsed: Duration
        get() = world.elapsed().toKotlinDuration()

    /**
     * Finds a host, or makes it: [SimWorld.host].
     *
     * @param name its name
     * @return always the same host for a name
     */
    public fun host(name: String): SimHost = world.host(name)

    /**
     * Both directions of the link between two hosts: [SimWorld.link].
     *
     * @param a a host's name
     * @param b another's, or the same for its own loopback
     * @return the link
     */
    public fun link(a: String, b: String): Link = world.link(a, b)
}

/**
 * Runs a test with suspend functions in this world, until it and every coroutine that it launched have ended.
 *
 * If nothing is left that could ever happen while a coroutine of the test waits, that is a deadlock and fails with the
 * names of those that wait ([CoroutineName]). A coroutine of the test that another thread resumes fails it, too.
 *
 * **Thread** the world's. Drives the world; not for calling from inside a handler, task or timer.
 *
 * @param body the test
 * @return what the body returns
 */
public fun <T> SimWorld.runSuspending(body: suspend SimScope.() -> T): T {
    val dispatcher = WorldDispatcher(this)
    val test = CoroutineScope(dispatcher).async { SimScope(this@runSuspending, this).body() }
    try {
        dispatcher.runReady()
        while (!test.isCompleted) {
            if (!step()) {
                throw AssertionError("deadlock, nothing is left that could ever happen; still waiting: ${names(test)}")
            }
            dispatcher.runReady()
        }
    } finally {
        if (!test.isCompleted) {
            test.cancel()
            dispatcher.runReady()
        }
    }
    return resultOf(test)
}

private fun names(job: Job): String {
    val waiting = unfinished(job).map {
        (it as? CoroutineScope)?.coroutineContext?.get(CoroutineName)?.name ?: "unnamed"
    }
    return if (waiting.isEmpty()) "the test itself" else "the test itself or its coroutines $waiting"
}

private fun unfinished(job: Job): List<Job> = job.children.flatMap { listOf(it) + unfinished(it) }.toList()

private fun <T> resultOf(test: Deferred<T>): T {
    var failure: Throwable? = null
    test.invokeOnCompletion { failure = it }
    failure?.let { throw it }
    @OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
    return test.getCompleted()
}
