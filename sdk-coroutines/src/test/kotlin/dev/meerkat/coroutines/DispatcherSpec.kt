package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import dev.meerkat.ManagerOptions
import dev.meerkat.testkit.FakeClock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.RejectedExecutionException
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

class DispatcherSpec :
    FunSpec({
        context("time") {
            test("a delay and a time-out end at their very nanosecond of virtual time") {
                virtually { clock ->
                    val start = clock.nanoTime()
                    delay(30.seconds)
                    clock.nanoTime() - start shouldBe 30_000_000_000
                    withTimeoutOrNull(45.seconds) { delay(1.hours) } shouldBe null
                    clock.nanoTime() - start shouldBe 75_000_000_000
                    withTimeout(1.hours) { delay(5.milliseconds) }
                    clock.nanoTime() - start shouldBe 75_005_000_000
                    delay(1.nanoseconds)
                    clock.nanoTime() - start shouldBe 75_006_000_000 // coroutines count in milliseconds, rounded up
                }
            }

            test("delays end in the order of their instants, and at one instant in the order in which they began") {
                virtually { _ ->
                    val order = ArrayList<String>()
                    val timers = listOf("b" to 20L, "a" to 10L, "c" to 20L, "d" to 20L, "e" to 15L)
                    timers.map { (name, millis) ->
                        launch {
                            delay(millis)
                            order += name
                        }
                    }.joinAll()
                    order shouldContainExactly listOf("a", "e", "b", "c", "d")
                }
            }

            test("delays and timers of the manager share one order") {
                virtually { _ ->
                    val order = ArrayList<Int>()
                    manager.schedule(Duration.ofMillis(10)) { order += 1 }
                    val delayed = now {
                        delay(10)
                        order += 2
                    }
                    manager.schedule(Duration.ofMillis(10)) { order += 3 }
                    delayed.await()
                    delay(1)
                    order shouldContainExactly listOf(1, 2, 3)
                }
            }

            test("a day of heartbeats with time-outs takes virtual time only") {
                virtually { clock ->
                    var beats = 0
                    val server =
                        serve(ANY_PORT) { connection ->
                            while (true) {
                                val beat = withTimeout(75.seconds) { connection.receive() } ?: break
                                connection.send(beat)
                            }
                        }
                    val start = clock.nanoTime()
                    connect(server) { near ->
                        repeat(2_880) {
                            delay(30.seconds)
                            near.send("beat")
                            withTimeout(1.seconds) { near.receiveExactly(4) }.decodeToString() shouldBe "beat"
                            beats++
                        }
                    }
                    beats shouldBe 2_880
                    (clock.nanoTime() - start) / 1_000_000_000 shouldBe 86_400
                    server.close()
                    server.job.join()
                    manager.statistics().timers() shouldBe 0
                }
            }

            test("a delay that is cancelled leaves no timer behind") {
                virtually { _ ->
                    val delays = List(100) { now { delay(24.hours) } }
                    manager.statistics().timers() shouldBe 100
                    delays.forEach { it.cancelAndJoin() }
                    manager.statistics().timers() shouldBe 0
                    withTimeout(24.hours) { yield() }
                    manager.statistics().timers() shouldBe 0
                }
            }

            test("a delay that another thread begins or cancels is the loop's") {
                runEventManager {
                    val begun = launch(start = CoroutineStart.UNDISPATCHED) { delay(1) }
                    begun.join()
                    withContext(Dispatchers.Default) {
                        val undispatched =
                            CoroutineScope(coroutineContext.job).launch(
                                manager.dispatcher,
                                CoroutineStart.UNDISPATCHED,
                            ) {
                                manager.inLoop() shouldBe false
                                delay(1)
                                manager.inLoop() shouldBe true
                                withTimeoutOrNull(1) { delay(1.hours) } shouldBe null
                            }
                        undispatched.join()
                    }
                    val long = now { delay(24.hours) }
                    withContext(Dispatchers.Default) { long.cancelAndJoin() }
                    yield()
                    manager.statistics().timers() shouldBe 0
                }
            }
        }

        context("turns") {
            test("what is resumed on the loop goes on in the same turn, what yields queues up behind what is posted") {
                virtually { _ ->
                    val signal = CompletableDeferred<Unit>()
                    var turn = 0L
                    val waiting = now {
                        signal.await()
                        manager.statistics().turns() shouldBe turn
                    }
                    yield()
                    turn = manager.statistics().turns()
                    signal.complete(Unit)
                    waiting.await()
                    manager.statistics().turns() shouldBe turn
                    var posted = 0L
                    manager.post { posted++ }
                    posted shouldBe 0
                    yield()
                    posted shouldBe 1
                }
            }

            test("coroutines that yield for ever keep neither timers nor sockets waiting") {
                runEventManager {
                    val spinning = List(3) { launch { while (true) yield() } }
                    delay(1)
                    val server = serve(ANY_PORT) { it.send(checkNotNull(it.receive())) }
                    connect(server) { near ->
                        near.send("1")
                        near.receive()?.decodeToString() shouldBe "1"
                    }
                    server.close()
                    spinning.forEach { it.cancel() }
                }
            }

            test("a coroutine that another resumes does not run inside it") {
                virtually { _ ->
                    val steps = Steps()
                    val signal = CompletableDeferred<Unit>()
                    now {
                        signal.await()
                        steps.reach(2)
                    }
                    launch {
                        signal.complete(Unit)
                        steps.reach(1)
                    }.join()
                    steps.reach(3)
                }
            }
        }

        context("identity") {
            test("all dispatchers of one manager are equal, those of others are not") {
                EventManager.create().use { one ->
                    EventManager.create().use { other ->
                        one.dispatcher shouldBe one.dispatcher
                        one.dispatcher.hashCode() shouldBe one.dispatcher.hashCode()
                        one.dispatcher shouldNotBe other.dispatcher
                        one.dispatcher.toString() shouldBe "dispatcher of $one"
                        one.dispatcher.limitedParallelism(1) shouldBe one.dispatcher
                        shouldThrow<IllegalArgumentException> { one.dispatcher.limitedParallelism(0) }
                    }
                }
            }

            test("changing to the dispatcher one is on already does not change anything") {
                virtually { _ ->
                    val steps = Steps()
                    val turn = manager.statistics().turns()
                    steps.reach(1)
                    withContext(manager.dispatcher) { steps.reach(2) }
                    steps.reach(3)
                    manager.statistics().turns() shouldBe turn
                }
            }
        }

        context("a closed manager") {
            test("cancels a coroutine that comes back to it, and its clean-up runs elsewhere") {
                val manager = EventManager.create().start()
                manager.submit { }.get()
                val away = CountDownLatch(1)
                val cleanedUp = CompletableDeferred<Throwable>()
                val job =
                    CoroutineScope(manager.dispatcher).launch {
                        try {
                            withContext(Dispatchers.IO) { away.await() }
                        } catch (e: CancellationException) {
                            cleanedUp.complete(e)
                        }
                    }
                manager.close()
                away.countDown()
                runBlocking {
                    job.join()
                    cleanedUp.await().origin<ManagerClosedException>()
                }
                job.isCancelled shouldBe true
            }

            test("cancels what is launched on it from elsewhere") {
                val manager = EventManager.create().start()
                manager.submit { }.get()
                manager.close()
                runBlocking {
                    var ran = false
                    val job = CoroutineScope(Job()).launch(manager.dispatcher) { ran = true }
                    job.join()
                    job.isCancelled shouldBe true
                    ran shouldBe false
                }
            }

            test("has cancelled the delays that were under way, in a scope of nobody's, too") {
                val manager = virtualManager(FakeClock())
                val failures = ArrayList<Throwable>()
                val scope = CoroutineScope(manager.dispatcher)
                val plain = scope.launch { runCatching { delay(1.hours) }.onFailure { failures += it } }
                val timed = scope.launch { withTimeout(1.hours) { CompletableDeferred<Unit>().await() } }
                val stubborn =
                    scope.launch {
                        withContext(NonCancellable) { runCatching { delay(1.hours) }.onFailure { failures += it } }
                    }
                manager.close()
                listOf(plain, timed, stubborn).map { it.isCompleted } shouldBe listOf(true, true, true)
                failures.size shouldBe 2
                failures.forEach { it.origin<ManagerClosedException>() }
            }

            test("keeps no hook of a delay that is over") {
                val clock = FakeClock()
                val manager = virtualManager(clock)
                var over = 0
                CoroutineScope(manager.dispatcher).launch {
                    repeat(3) {
                        delay(1)
                        over++
                    }
                    withTimeoutOrNull(1) { delay(1.hours) }
                    over++
                }
                clock.advance(Duration.ofSeconds(1))
                over shouldBe 4
                manager.close()
                over shouldBe 4
            }

            test("cancels a delay that begins on it, even one that must not be cancelled") {
                val manager = virtualManager(FakeClock())
                manager.close()
                val failures = ArrayList<Throwable>()
                val job =
                    CoroutineScope(manager.dispatcher).launch {
                        withContext(NonCancellable) { runCatching { delay(1) }.onFailure { failures += it } }
                    }
                job.isCompleted shouldBe true
                job.isCancelled shouldBe true
                (failures.single() is CancellationException) shouldBe true
                failures.single().origin<ManagerClosedException>()
            }
        }

        test("a full mailbox cancels the coroutine that does not fit in") {
            val options = ManagerOptions.builder().mailboxLimit(2).build()
            EventManager.create(options).use { manager ->
                runBlocking(Dispatchers.IO) {
                    val scope = CoroutineScope(Job())
                    val jobs = List(3) { scope.launch(manager.dispatcher) { } }
                    val refused = jobs.single { it.isCancelled }
                    val cause = CompletableDeferred<Throwable?>()
                    refused.invokeOnCompletion { cause.complete(it) }
                    cause.await()?.origin<RejectedExecutionException>() shouldNotBe null
                    scope.cancel()
                }
            }
        }

        test("a time-out ends a call on another dispatcher, too") {
            runEventManager {
                val slow =
                    async(Dispatchers.IO) {
                        withContext(manager.dispatcher) { withTimeoutOrNull(5) { delay(1.hours) } }
                    }
                slow.await() shouldBe null
            }
        }
    })
