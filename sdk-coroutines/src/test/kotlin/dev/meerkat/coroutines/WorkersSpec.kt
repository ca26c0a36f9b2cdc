package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import dev.meerkat.ManagerOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.util.concurrent.CountDownLatch
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.coroutineContext
import kotlin.time.Duration.Companion.hours

/** Whose turn it is: coroutines that do not let go, work that blocks, and the names of who runs. */
class WorkersSpec :
    FunSpec({
        context("coroutines that resume each other without end") {
            test("do not keep timers and sockets waiting") {
                runEventManager {
                    val ball = Channel<Unit>()
                    val players = listOf(
                        launch { while (true) ball.send(Unit) },
                        launch { while (true) ball.receive() },
                    )
                    delay(1)
                    val server = serve(ANY_PORT) { it.send(checkNotNull(it.receive())) }
                    players.forEach { it.isActive shouldBe true }
                    val near = connect(server)
                    near.send("1")
                    near.receive()?.decodeToString() shouldBe "1"
                    players.forEach { it.cancel() }
                    near.close()
                    server.close()
                }
            }

            test("have as many turns in a row as is promised, and no more") {
                virtually { _ ->
                    val ball = Channel<Unit>()
                    var passed = 0
                    val seen = ArrayList<Int>()
                    fun watch() {
                        seen += passed
                        if (seen.size < 20) manager.post { watch() }
                    }
                    val players = listOf(
                        launch { while (true) ball.send(Unit) },
                        launch {
                            while (true) {
                                ball.receive()
                                passed++
                            }
                        },
                    )
                    manager.post { watch() }
                    while (seen.size < 20) yield()
                    seen.zipWithNext { before, after -> after - before }.forEach { (it <= 2 * 1024) shouldBe true }
                    seen.last() shouldNotBe 0
                    players.forEach { it.cancel() }
                }
            }
        }

        test("a coroutine that only yields lets the loop turn after as many tasks as the manager's options say") {
            virtually(ManagerOptions.builder().tasksPerTurn(10).build()) { _ ->
                var yields = 0
                val perTurn = HashMap<Long, Int>()
                val spinner = launch {
                    while (true) {
                        yields++
                        perTurn.merge(manager.statistics().turns(), 1, Int::plus)
                        yield()
                    }
                }
                while (yields < 1_000) yield()
                spinner.cancel()
                perTurn.values.forEach { (it <= 10) shouldBe true }
            }
        }

        context("work that blocks") {
            test("leaves the loop free, and comes back to it") {
                runEventManager {
                    val latch = CountDownLatch(1)
                    val working = now {
                        manager.withWorkers {
                            manager.inLoop() shouldBe false
                            latch.await()
                            "done"
                        }.also { manager.inLoop() shouldBe true }
                    }
                    delay(1)
                    latch.countDown()
                    working.await() shouldBe "done"
                }
            }

            onBothArms("may wait by the manager's clock") {
                val start = manager.nanoTime()
                manager.withWorkers {
                    delay(20)
                    withTimeoutOrNull(20) { delay(1.hours) } shouldBe null
                }
                (manager.nanoTime() - start >= 40_000_000) shouldBe true
                manager.statistics().timers() shouldBe 0
            }

            test("in a virtual world is done by that world's workers, in an order that repeats") {
                fun order(): List<Int> = virtually { _ ->
                    val order = ArrayList<Int>()
                    List(20) { number ->
                        launch {
                            manager.withWorkers { Thread.currentThread() }
                            order += number
                        }
                    }.forEach { it.join() }
                    order
                }
                order() shouldContainExactly order()
            }

            test("that does not fit into the queue is cancelled, and says why") {
                virtually { _ ->
                    val fits = 8 + 1024
                    val scope = CoroutineScope(Job())
                    val ran = ArrayList<Int>()
                    val jobs = List(fits + 1) { scope.launch(manager.workerDispatcher) { ran += it } }
                    jobs.indices.filter { jobs[it].isCancelled } shouldContainExactly listOf(fits)
                    val cause = CompletableDeferred<Throwable?>()
                    jobs[fits].invokeOnCompletion { cause.complete(it) }
                    runBlocking { cause.await()?.origin<RejectedExecutionException>() }
                    while (ran.size < fits) delay(1)
                    scope.cancel()
                }
            }

            test("on a closed manager is cancelled, and says why") {
                val manager = EventManager.create()
                manager.close()
                runBlocking {
                    var ran = false
                    val job = CoroutineScope(Job()).launch(manager.workerDispatcher) { ran = true }
                    val cause = CompletableDeferred<Throwable?>()
                    job.invokeOnCompletion { cause.complete(it) }
                    (cause.await() as CancellationException).origin<ManagerClosedException>()
                    ran shouldBe false
                }
                manager.workerDispatcher shouldBe manager.workerDispatcher
            }
        }

        onBothArms("in debug mode a coroutine bears its connection's name, and the thread does while it runs") {
            val names = CompletableDeferred<Triple<String, String?, String>>()
            val server = serve(ANY_PORT) { connection ->
                names.complete(
                    Triple(
                        connection.toString(),
                        coroutineContext[CoroutineName]?.name,
                        Thread.currentThread().name,
                    ),
                )
            }
            connect(server) { it.receive() }
            val (connection, coroutine, thread) = names.await()
            coroutine shouldBe connection
            thread.contains(connection) shouldBe true
            server.close()
        }
    })
