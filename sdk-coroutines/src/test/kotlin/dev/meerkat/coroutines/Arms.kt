package dev.meerkat.coroutines

import dev.meerkat.ConnectionOptions
import dev.meerkat.EventManager
import dev.meerkat.Handler
import dev.meerkat.ListenOptions
import dev.meerkat.ManagerOptions
import dev.meerkat.testkit.FakeClock
import dev.meerkat.testkit.SimConfig
import dev.meerkat.testkit.SimWorld
import dev.meerkat.testkit.SocketPair
import io.kotest.assertions.fail
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import java.time.Duration
import java.util.concurrent.atomic.AtomicInteger

/** Anybody's port of the loopback address. */
internal const val ANY_PORT = "tcp://127.0.0.1:0"

/** One test body, three tests: on real sockets, and on virtual ones in virtual time, in one order and in others. */
internal fun FunSpec.onBothArms(name: String, body: suspend EventManagerScope.() -> Unit) {
    test("$name, on real sockets") { runEventManager(block = body) }
    test("$name, in a virtual world") { virtually { body() } }
    test("$name, in other orders") { explored(10) { body() } }
}

/** One test body, three tests: on real sockets, and on virtual ones in virtual time, in one order and in others. */
internal suspend fun FunSpecContainerScope.onBothArms(name: String, body: suspend EventManagerScope.() -> Unit) {
    test("$name, on real sockets") { runEventManager(block = body) }
    test("$name, in a virtual world") { virtually { body() } }
    test("$name, in other orders") { explored(10) { body() } }
}

/** Runs a body on a manager of a virtual host, as long as that takes, in the order first come, first served. */
internal fun <T : Any> virtually(
    options: ManagerOptions = ManagerOptions.DEFAULT,
    body: suspend EventManagerScope.(FakeClock) -> T,
): T {
    val results = ArrayList<T>()
    SimWorld.run { world -> results += runIn(world, options, body) }
    return results.single()
}

/** Runs a body in worlds that take other orders, too. */
internal fun explored(seeds: Int, body: suspend EventManagerScope.(FakeClock) -> Unit) {
    val config = SimConfig.builder().explore(true).seeds(seeds).build()
    SimWorld.run(config) { world -> runIn(world, ManagerOptions.DEFAULT, body) }
}

/** Runs a body on a manager of a virtual host that has others, as many as the body makes. */
internal fun virtualHost(body: suspend EventManagerScope.(newManager: () -> EventManager) -> Unit) {
    SimWorld.run { world ->
        runIn(world, ManagerOptions.DEFAULT) { body { world.host("host").newManager(ManagerOptions.DEFAULT) } }
    }
}

private fun <T> runIn(world: SimWorld, options: ManagerOptions, body: suspend EventManagerScope.(FakeClock) -> T): T {
    val manager = world.host("host").newManager(options)
    val run = CoroutineScope(manager.dispatcher).async { withEventManager(manager) { body(world.clock()) } }
    if (!world.runUntil({ run.isCompleted }, Duration.ofDays(365))) {
        run.cancel()
        fail("nothing is left that could ever happen, and the body waits")
    }
    return run.getCompleted()
}

/** A manager of a host of its own, in the time of a clock. */
internal fun virtualManager(clock: FakeClock): EventManager {
    val pair = SocketPair.stream(clock, Handler { _, _ -> })
    pair.connection().abort()
    clock.runCurrent()
    return pair.manager()
}

/** Connects to a server of the same manager and has both ends in the hands of the test. */
internal suspend fun EventManagerScope.pair(
    configure: ConnectionOptions.Builder.() -> Unit = {},
    body: suspend CoroutineScope.(near: SuspendingConnection, far: SuspendingConnection) -> Unit,
) {
    val options = ConnectionOptions.builder().apply(configure).build()
    val listen = ListenOptions.builder().connection(options).build()
    val far = CompletableDeferred<SuspendingConnection>()
    val server = serve(ANY_PORT, listen) { connection ->
        far.complete(connection)
        connection.awaitClose()
    }
    val near = connect("127.0.0.1:${server.port}")
    far.await()
    server.close()
    coroutineScope { body(near, far.await()) }
    near.abort()
    far.await().abort()
}

/** Marks points of a run in the order in which they must be passed. */
internal class Steps {
    private val last = AtomicInteger()

    fun reach(step: Int) {
        last.incrementAndGet() shouldBe step
    }
}

/** Starts a coroutine here and now: one that is launched by another waits until that one suspends. */
internal fun <T> CoroutineScope.now(body: suspend CoroutineScope.() -> T): Deferred<T> =
    async(start = CoroutineStart.UNDISPATCHED, block = body)

/** What is at the bottom of a failure; with assertions on, coroutines wrap it once more for each stack it crosses. */
internal inline fun <reified T : Throwable> Throwable.origin(): T =
    generateSequence(this) { it.cause }.filterIsInstance<T>().last()
