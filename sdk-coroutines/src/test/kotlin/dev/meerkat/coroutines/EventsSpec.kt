package dev.meerkat.coroutines

import dev.meerkat.ConnectionClosedException
import dev.meerkat.ManagerOptions
import dev.meerkat.event.Bytes
import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.event.Event
import dev.meerkat.event.TcpEvent
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.withContext
import java.time.Duration

/** What a text says of an event; bytes are what counts, not in how many pieces they came. */
private fun Event.told(): String = if (this is TcpEvent.Received) takeText() else javaClass.simpleName

class EventsSpec :
    FunSpec({
        context("events") {
            onBothArms("are those that a handler would have received, up to Closed") {
                pair { near, far ->
                    near.send("early ")
                    far.receiveExactly(5)
                    val collecting = now { far.events.toList() }
                    near.send("late")
                    manager.broadcast(Bytes.utf8("to all"))
                    delay(10)
                    near.shutdownOutput()
                    far.awaitEvent<TcpEvent.InputClosed>()
                    far.close()
                    val events = collecting.await()
                    events.filterIsInstance<TcpEvent.Received>().joinToString("") { it.takeText() } shouldBe " late"
                    events.filter { it !is TcpEvent.Received }.map { it.told() } shouldContainExactly
                        listOf("Broadcast", "InputClosed", "Closed")
                    far.events.toList().map { it.told() } shouldContainExactly listOf("Closed")
                }
            }

            onBothArms("tell of a failure and end all the same") {
                pair { near, far ->
                    val collecting = now { far.events.toList() }
                    near.abort()
                    val closed = collecting.await().single() as TcpEvent.Closed
                    closed.reason().error().orElseThrow().kind() shouldBe Kind.RESET
                }
            }

            onBothArms("wait for their collector, as many as the capacity") {
                pair { _, far ->
                    val gate = CompletableDeferred<Unit>()
                    val got = ArrayList<String>()
                    val collecting =
                        now {
                            far.events(3).collect {
                                got += it.told()
                                gate.await()
                            }
                        }
                    repeat(1 + 3) { manager.broadcast(Bytes.EMPTY) }
                    delay(10)
                    got shouldContainExactly listOf("Broadcast")
                    gate.complete(Unit)
                    delay(10)
                    got shouldContainExactly List(4) { "Broadcast" }
                    collecting.cancelAndJoin()
                }
            }

            onBothArms("one more than the capacity fails the collector behind those that wait, and nothing else") {
                pair { near, far ->
                    val gate = CompletableDeferred<Unit>()
                    val got = ArrayList<String>()
                    val collecting =
                        now {
                            runCatching {
                                far.events(3).collect {
                                    got += it.told()
                                    gate.await()
                                }
                            }
                        }
                    repeat(1 + 4) { manager.broadcast(Bytes.EMPTY) }
                    delay(10)
                    gate.complete(Unit)
                    collecting.await().exceptionOrNull()!!.origin<EventOverflowException>().capacity shouldBe 3
                    got shouldContainExactly List(4) { "Broadcast" }
                    near.send("lives on")
                    far.receiveExactly(8).decodeToString() shouldBe "lives on"
                }
            }

            onBothArms("never lose bytes, which hold the peer back") {
                pair({ receiveLimit(10_000) }) { near, far ->
                    val sending =
                        now {
                            repeat(1_000) { near.send(ByteArray(1_000) { i -> (it + i).toByte() }) }
                            near.close()
                        }
                    var count = 0
                    far.events(2).collect { event ->
                        if (event is TcpEvent.Received) {
                            val bytes = event.buffer().takeArray(event.count())
                            for (byte in bytes) {
                                byte shouldBe (count / 1_000 + count % 1_000).toByte()
                                count++
                            }
                            if (count % 7 == 0) delay(1)
                        } else if (event is TcpEvent.InputClosed) {
                            far.close()
                        }
                    }
                    count shouldBe 1_000_000
                    sending.await()
                }
            }

            onBothArms("have one collector, who has the input until it ends") {
                pair { near, far ->
                    val collecting = now { far.events.first { it is TcpEvent.Broadcast } }
                    shouldThrow<IllegalStateException> { far.receive() }
                    shouldThrow<IllegalStateException> { far.events.first() }
                    shouldThrow<IllegalStateException> { far.openReadChannel() }
                    shouldThrow<IllegalArgumentException> { far.events(0) }
                    manager.broadcast(Bytes.EMPTY)
                    collecting.await()
                    near.send("for the next one")
                    far.receiveExactly(16).decodeToString() shouldBe "for the next one"
                }
            }

            onBothArms("are collected on another thread") {
                pair { near, far ->
                    val sending =
                        now {
                            repeat(1_000) { near.send(ByteArray(1_000)) }
                            near.close()
                        }
                    val count =
                        withContext(elsewhere(manager)) {
                            var sum = 0L
                            far.events.collect {
                                if (it is TcpEvent.Received) sum += it.count()
                                if (it is TcpEvent.InputClosed) far.close()
                            }
                            sum
                        }
                    count shouldBe 1_000_000
                    sending.await()
                }
            }
        }

        context("awaitEvent") {
            onBothArms("waits for an event of its type that the predicate means") {
                pair { _, far ->
                    val waiting = now { far.awaitEvent<TcpEvent.Broadcast> { it.bytes().length() == 2 } }
                    manager.broadcast(Bytes.utf8("1"))
                    manager.broadcast(Bytes.utf8("22"))
                    waiting.await().bytes().utf8() shouldBe "22"
                    far.connection.setTimer(Duration.ofSeconds(1).dividedBy(100))
                    far.awaitEvent<TcpEvent.TimerFired>()
                }
            }

            onBothArms("copies bytes that are new, and leaves them to be received") {
                pair { near, far ->
                    near.send("old ")
                    far.receiveWith { if (it.size() == 4) Unit else null }
                    val waiting = now { far.awaitEvent<TcpEvent.Received>() }
                    near.send("new")
                    waiting.await().takeText() shouldBe "new"
                    far.receiveExactly(7).decodeToString() shouldBe "old new"
                }
            }

            onBothArms("ends with the connection") {
                pair { near, far ->
                    val failing = now { runCatching { far.awaitEvent<TcpEvent.Tick>() } }
                    val closing = now { far.awaitEvent<TcpEvent.Closed>() }
                    near.abort()
                    closing.await().reason().error().orElseThrow().kind() shouldBe Kind.RESET
                    failing.await().exceptionOrNull()!!.origin<ConnectionFailedException>().error.kind() shouldBe
                        Kind.RESET
                    far.awaitEvent<TcpEvent.Closed>().shouldBeInstanceOf<TcpEvent.Closed>()
                    shouldThrow<ConnectionFailedException> { far.awaitEvent<TcpEvent.Tick>() }
                }
                pair { _, far ->
                    val waiting = now { runCatching { far.awaitEvent<TcpEvent.Tick>() } }
                    far.close()
                    waiting.await().exceptionOrNull().shouldBeInstanceOf<ConnectionClosedException>()
                    shouldThrow<ConnectionClosedException> { far.awaitEvent<TcpEvent.Tick>() }
                }
            }

            test("ends with a connection that ends while the call is on its way to the loop") {
                runEventManager(ManagerOptions.builder().tasksPerTurn(1).build()) {
                    pair { _, far ->
                        val waiting = async(Dispatchers.Default) { runCatching { far.awaitEvent<TcpEvent.Tick>() } }
                        while (manager.statistics().waitingTasks() == 0) Thread.onSpinWait()
                        far.abort()
                        waiting.await().exceptionOrNull()!!.origin<ConnectionFailedException>().error.kind() shouldBe
                            Kind.ABORTED
                    }
                }
            }

            onBothArms("throws what its predicate throws, and is cancelled without a trace") {
                pair { _, far ->
                    val throwing = now { runCatching { far.awaitEvent<TcpEvent.Broadcast> { error("no") } } }
                    val cancelled = now { far.awaitEvent<TcpEvent.Broadcast>() }
                    cancelled.cancelAndJoin()
                    manager.broadcast(Bytes.EMPTY)
                    throwing.await().exceptionOrNull().shouldBeInstanceOf<IllegalStateException>()
                    far.connection.isOpen shouldBe true
                }
            }
        }
    })
