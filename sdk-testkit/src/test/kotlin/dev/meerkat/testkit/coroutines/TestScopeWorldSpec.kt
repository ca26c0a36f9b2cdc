package dev.meerkat.testkit.coroutines

import dev.meerkat.Connection
import dev.meerkat.event.Event
import dev.meerkat.event.TcpEvent
import dev.meerkat.testkit.SimFailure
import dev.meerkat.testkit.SimWorld
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.advanceUntilIdle
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeout
import java.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.seconds

class TestScopeWorldSpec :
    FunSpec({
        test("the world lives in the time of the test") {
            runTest {
                val world = echoWorld(Duration.ofMillis(10))
                val answer = CompletableDeferred<String>()
                world.host("cli").connect("srv:7") { connection, event ->
                    if (event is TcpEvent.Opened) {
                        connection.send("hello")
                    } else if (event is TcpEvent.Received) {
                        answer.complete(event.takeText())
                        connection.close()
                    }
                }
                answer.await() shouldBe "hello"
                currentTime shouldBe 40 // there and back to connect, there and back to be answered
                world.elapsed() shouldBe Duration.ofMillis(40)
            }
        }

        test("what the test does later is later in the world, too") {
            runTest {
                val world = simWorld()
                val manager = world.host("a").manager()
                delay(10.seconds)
                world.elapsed() shouldBe Duration.ofSeconds(10)
                manager.nanoTime() shouldBe 10_000_000_000
                val fired = CompletableDeferred<Long>()
                manager.schedule(Duration.ofSeconds(5)) { fired.complete(manager.nanoTime()) }
                fired.await() shouldBe 15_000_000_000
                currentTime shouldBe 15_000
            }
        }

        test("an event that comes to be next is not slept over") {
            runTest {
                val world = simWorld()
                val manager = world.host("a").manager()
                manager.schedule(Duration.ofHours(24)) { }
                delay(1.seconds)
                val fired = CompletableDeferred<Unit>()
                manager.schedule(Duration.ofSeconds(1)) { fired.complete(Unit) }
                fired.await()
                currentTime shouldBe 2_000
            }
        }

        test("a time-out of the test is virtual") {
            runTest {
                simWorld()
                shouldThrow<kotlinx.coroutines.TimeoutCancellationException> {
                    withTimeout(1.days) { CompletableDeferred<Unit>().await() }
                }
                currentTime shouldBe 86_400_000
            }
        }

        test("24 hours of heartbeats take no time to speak of") {
            runTest {
                val world = echoWorld(Duration.ofMillis(1))
                var beats = 0
                val client =
                    world.host("cli").connect("srv:7") { connection, event ->
                        when (event) {
                            is TcpEvent.Opened -> connection.setTimer(Duration.ofSeconds(30))

                            is TcpEvent.Received -> beats += event.takeText().length

                            is TcpEvent.TimerFired -> {
                                connection.send("b")
                                connection.setTimer(Duration.ofSeconds(30))
                            }

                            else -> Unit
                        }
                    }
                delay(1.days)
                beats shouldBe 2_879 // the last one is on its way
                delay(1.seconds)
                beats shouldBe 2_880
                client.abort()
            }
        }

        test("the nanoseconds of the world are seen at the next millisecond of the test") {
            runTest {
                val world = simWorld()
                val manager = world.host("a").manager()
                var at = 0L
                manager.schedule(Duration.ofNanos(5_000_000_100)) { at = manager.nanoTime() }
                delay(5_000)
                runCurrent()
                at shouldBe 0
                delay(1)
                runCurrent()
                at shouldBe 5_000_000_100
                currentTime shouldBe 5_001
            }
        }

        test("advanceTimeBy leaves out its end, advanceTimeThrough does not") {
            runTest {
                val world = simWorld()
                var fired = 0
                world.host("a").manager().schedule(Duration.ofSeconds(5)) { fired++ }
                world.host("a").manager().schedule(Duration.ofSeconds(10)) { fired++ }
                runCurrent()
                advanceTimeBy(5.seconds)
                fired shouldBe 0
                runCurrent()
                fired shouldBe 1
                advanceTimeThrough(5.seconds)
                fired shouldBe 2
            }
        }

        test("advanceUntilIdle waits for bytes, and not for timers that never end") {
            runTest {
                val world = echoWorld(Duration.ofMillis(10))
                var received = ""
                val client =
                    world.host("cli").connect("srv:7") { connection, event ->
                        when (event) {
                            is TcpEvent.Opened -> {
                                connection.setTimer(Duration.ofSeconds(30))
                                connection.send("hello")
                            }

                            is TcpEvent.Received -> received += event.takeText()

                            is TcpEvent.TimerFired -> connection.setTimer(Duration.ofSeconds(30))

                            else -> Unit
                        }
                    }
                advanceUntilIdle()
                received shouldBe "hello"
                currentTime shouldBe 40
                client.abort()
            }
        }

        test("who drives the world itself is told who does") {
            runTest {
                val world = simWorld()
                shouldThrow<IllegalStateException> { world.advance(Duration.ofSeconds(1)) }.message shouldContain
                    "follows another clock"
                shouldThrow<IllegalStateException> { world.untilIdle() }
            }
        }

        test("a leak fails the test") {
            val failure =
                shouldThrow<SimFailure> {
                    runTest {
                        val world = simWorld()
                        world.host("a").listener(7)
                        world.host("b").manager().connect("a:7") { _: Connection, _: Event -> error("handler") }
                        delay(1.seconds)
                    }
                }
            failure.message shouldContain "handler"
        }

        test("coroutines of the test scope and of the world take turns") {
            runTest {
                val world = simWorld()
                val order = ArrayList<String>()
                launch {
                    repeat(3) {
                        delay(1.seconds)
                        order += "test"
                    }
                }
                world.host("a").manager().schedule(Duration.ofMillis(1_500)) { order += "world" }
                delay(4.seconds)
                order shouldBe listOf("test", "world", "test", "test")
            }
        }
    })

private fun TestScope.echoWorld(latency: Duration): SimWorld {
    val world = simWorld()
    world.host("srv").listen(7) { connection, event ->
        if (event is TcpEvent.Received) connection.send(event.buffer())
    }
    world.link("srv", "cli").latency(latency)
    return world
}
