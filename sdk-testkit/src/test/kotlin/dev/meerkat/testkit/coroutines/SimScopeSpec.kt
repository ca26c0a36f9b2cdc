package dev.meerkat.testkit.coroutines

import dev.meerkat.event.TcpEvent
import dev.meerkat.testkit.SimConfig
import dev.meerkat.testkit.SimFailure
import dev.meerkat.testkit.SimWorld
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.debounce
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class SimScopeSpec :
    FunSpec({
        simTest("a delay and a time-out end at their very instant") {
            delay(30.seconds)
            elapsed shouldBe 30.seconds
            withTimeoutOrNull(45.seconds) { awaitCancellation() } shouldBe null
            elapsed shouldBe 75.seconds
            withTimeoutOrNull(1.hours) { "in time" } shouldBe "in time"
            elapsed shouldBe 75.seconds
        }

        simTest("flows live on the same clock") {
            val typed =
                flow {
                    for (key in "abc") {
                        emit(key)
                        delay(if (key == 'b') 200 else 50)
                    }
                }
            @OptIn(kotlinx.coroutines.FlowPreview::class)
            typed.debounce(100.milliseconds).toList() shouldContainExactly listOf('b', 'c')
        }

        simTest("a test may expect and suspend in turns") {
            host("srv").listen(7) { connection, event ->
                if (event is TcpEvent.Opened) {
                    connection.setTimer(java.time.Duration.ofSeconds(30))
                } else if (event is TcpEvent.TimerFired) {
                    connection.send("bye\n").close()
                }
            }
            link("srv", "cli").latency(java.time.Duration.ofMillis(10))
            val client = host("cli").stream("srv", 7)
            delay(29.seconds)
            client.expectNothing()
            client.expectText("bye\n").expectEnd()
            elapsed shouldBe 30.seconds + 40.milliseconds // 30 to be accepted, 10 to hear the goodbye
        }

        simTest("a coroutine beside the test goes on whenever the test suspends") {
            val ticks = ArrayList<Long>()
            val ticking =
                launch {
                    while (true) {
                        delay(10.seconds)
                        ticks += elapsed.inWholeSeconds
                    }
                }
            delay(35.seconds)
            ticks shouldContainExactly listOf(10L, 20L, 30L)
            ticking.cancel()
        }

        simTest("24 hours of heartbeats are virtual") {
            val beats = Channel<Unit>(Channel.UNLIMITED)
            var beaten = 0
            launch { for (beat in beats) beaten++ }
            repeat(2_880) {
                delay(30.seconds)
                beats.send(Unit)
            }
            beats.close()
            yield()
            elapsed shouldBe 1.days
            beaten shouldBe 2_880
        }

        test("coroutines of one instant take turns in order, and in other orders with other seeds") {
            val orders = (0L..20L).map { seed -> orderOfFive(seed) }
            orders.first() shouldContainExactly listOf(0, 1, 2, 3, 4)
            orders.distinct().size shouldBeGreaterThan 5
            orderOfFive(7) shouldBe orders[7]
        }

        test("a deadlock names who waits") {
            val failure =
                shouldThrow<SimFailure> {
                    SimWorld.run { world ->
                        world.runSuspending {
                            launch(CoroutineName("reader")) { awaitCancellation() }
                            delay(5.seconds)
                        }
                    }
                }
            failure.message shouldContain "deadlock"
            failure.message shouldContain "reader"
            failure.message shouldContain "virtual time 5s"
        }

        test("coroutines that keep each other busy are a livelock") {
            shouldThrow<SimFailure> {
                SimWorld.run { world -> world.runSuspending { while (true) yield() } }
            }.message shouldContain "livelock"
        }

        test("another thread has no place in virtual time") {
            val failure =
                shouldThrow<SimFailure> {
                    SimWorld.run { world ->
                        world.runSuspending {
                            val answer = CompletableDeferred<Unit>()
                            val waiting = CountDownLatch(1)
                            val stranger =
                                thread(name = "stranger") {
                                    waiting.await()
                                    answer.complete(Unit)
                                }
                            launch {
                                waiting.countDown() // the test waits for its answer by now
                                stranger.join()
                            }
                            answer.await()
                        }
                    }
                }
            failure.message shouldContain "thread stranger resumed a coroutine"
        }

        test("a failure is the test's, and the others are cancelled") {
            var cancelled = false
            val failure =
                shouldThrow<SimFailure> {
                    SimWorld.run { world ->
                        world.runSuspending {
                            launch {
                                try {
                                    awaitCancellation()
                                } finally {
                                    cancelled = true
                                }
                            }
                            delay(1.seconds)
                            error("on purpose")
                        }
                    }
                }
            failure.message shouldContain "on purpose"
            cancelled shouldBe true
        }

        test("a result is handed over") {
            SimWorld.open(SimConfig.DEFAULT).use { world -> world.runSuspending { "result" } } shouldBe "result"
        }

        test("a run is repeated exactly") {
            val config =
                SimConfig
                    .builder()
                    .explore(true)
                    .seeds(20)
                    .verify(SimConfig.Verify.TWICE)
                    .build()
            SimWorld.run(config) { world ->
                world.runSuspending {
                    host("srv").listen(7) { connection, event ->
                        if (event is TcpEvent.Received) connection.send(event.buffer())
                    }
                    List(5) { number ->
                        launch {
                            delay(1.seconds)
                            val client = host("cli").stream("srv", 7)
                            client.send("$number")
                            val answered = CompletableDeferred<Unit>()
                            launch {
                                while (client.receivedBytes() == 0) delay(1)
                                answered.complete(Unit)
                            }
                            answered.await()
                            client.expectText("$number").close()
                        }
                    }.joinAll()
                }
            }
        }
    })

private fun orderOfFive(seed: Long): List<Int> {
    val order = ArrayList<Int>()
    SimWorld.run(SimConfig.builder().seed(seed).build()) { world ->
        world.runSuspending {
            List(5) { number ->
                launch {
                    delay(1.seconds)
                    order += number
                }
            }.joinAll()
        }
    }
    return order
}
