package dev.meerkat.coroutines

import dev.meerkat.event.Bytes
import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.event.TcpEvent
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.io.EOFException
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds

class ReceiveSpec :
    FunSpec({
        context("bytes") {
            onBothArms("a receiver waits for bytes and gets them") {
                pair { near, far ->
                    val received = now { far.receive() }
                    near.send("hello")
                    received.await()?.decodeToString() shouldBe "hello"
                }
            }

            onBothArms("the end of input is null, as often as one asks") {
                pair { near, far ->
                    near.shutdownOutput()
                    repeat(3) { far.receive().shouldBeNull() }
                    far.receiveInto(ByteBuffer.allocate(1)) shouldBe -1
                    far.receiveLine().shouldBeNull()
                }
            }

            onBothArms("what was sent before the end of input is received before it") {
                pair { near, far ->
                    near.send("12345")
                    near.shutdownOutput()
                    far.receiveExactly(1).decodeToString() shouldBe "1"
                    far.receiveExactly(2).decodeToString() shouldBe "23"
                    far.receive()?.decodeToString() shouldBe "45"
                    far.receive().shouldBeNull()
                }
            }

            onBothArms("the peer's last bytes outlive the connection") {
                pair { near, far ->
                    near.send("1\n2\n3")
                    far.shutdownOutput()
                    far.receiveLine() shouldBe "1"
                    near.shutdownOutput()
                    far.awaitClose().isClean shouldBe true
                    far.receiveLine() shouldBe "2"
                    far.receiveExactly(1).decodeToString() shouldBe "3"
                    far.receive().shouldBeNull()
                }
            }

            onBothArms("an exact number of bytes leaves the rest") {
                pair { near, far ->
                    val exact = now { far.receiveExactly(6) }
                    near.send("1234")
                    yield()
                    near.send("5678")
                    exact.await().decodeToString() shouldBe "123456"
                    far.receiveExactly(0).size shouldBe 0
                    far.receiveExactly(2).decodeToString() shouldBe "78"
                }
            }

            onBothArms("too few bytes before the end of input are an EOFException and stay") {
                pair { near, far ->
                    near.send("1234")
                    near.shutdownOutput()
                    shouldThrow<EOFException> { far.receiveExactly(5) }.message shouldContain "4 of 5"
                    far.receive()?.decodeToString() shouldBe "1234"
                }
            }

            onBothArms("as many bytes as the receive limit can be asked for, and no more") {
                pair({ receiveLimit(1000) }) { near, far ->
                    near.send(ByteArray(1500))
                    far.receiveExactly(1000).size shouldBe 1000
                    shouldThrow<IllegalArgumentException> { far.receiveExactly(1001) }.message shouldContain "1000"
                    shouldThrow<IllegalArgumentException> { far.receiveExactly(-1) }
                    far.receiveExactly(500).size shouldBe 500
                }
            }

            onBothArms("a buffer is filled as far as it has room") {
                pair { near, far ->
                    val buffer = ByteBuffer.allocate(4)
                    far.receiveInto(ByteBuffer.allocate(0)) shouldBe 0
                    near.send("123456")
                    far.receiveExactly(1)
                    near.shutdownOutput()
                    while (buffer.hasRemaining()) far.receiveInto(buffer)
                    String(buffer.array()) shouldBe "2345"
                    far.receiveInto(buffer.clear()) shouldBe 1
                    far.receiveInto(buffer) shouldBe -1
                }
            }

            onBothArms("a function of one's own takes messages out of what has arrived") {
                pair { near, far ->
                    val messages = now {
                        List(3) {
                            far.receiveWith { unread ->
                                val length = unread[0].toInt()
                                if (unread.size() > length) {
                                    unread.discard(1)
                                    unread.take(length).utf8()
                                } else {
                                    null
                                }
                            }
                        }
                    }
                    for (byte in byteArrayOf(2, 104, 105, 0, 3)) {
                        near.send(byteArrayOf(byte))
                        yield()
                    }
                    near.send("bye")
                    messages.await() shouldContainExactly listOf("hi", "", "bye")
                }
            }

            onBothArms("such a function fails the call, never the connection") {
                pair { near, far ->
                    val failing = now { runCatching { far.receiveWith<String> { error("no message") } } }
                    near.send("1")
                    failing.await().exceptionOrNull()?.message shouldBe "no message"
                    far.receive()?.decodeToString() shouldBe "1"
                }
            }

            onBothArms("what such a function wants must fit into the receive limit") {
                pair({ receiveLimit(100) }) { near, far ->
                    near.send(ByteArray(200))
                    shouldThrow<ReceiveLimitException> { far.receiveWith<String> { null } }.limit shouldBe 100
                    far.receiveExactly(100)
                    far.receiveExactly(100)
                }
            }

            onBothArms("such a function is not asked about nothing, and is asked about the rest") {
                pair { near, far ->
                    near.send("rest")
                    near.shutdownOutput()
                    far.receiveWith { if (it.size() < 9) null else it.takeText() }.shouldBeNull()
                    far.receiveWith { it.takeText() } shouldBe "rest"
                    far.receiveWith { error("asked") }.shouldBeNull()
                }
            }
        }

        context("lines") {
            onBothArms("end with LF or CRLF, or with the input") {
                pair { near, far ->
                    near.send("a\r\n\n\r\nb\rc\nlast")
                    near.shutdownOutput()
                    far.lines().toList() shouldContainExactly listOf("a", "", "", "b\rc", "last")
                }
            }

            test("are the same however the bytes are split") {
                val text = "ab\r\n\r\nc\n€é\r\nlast"
                val bytes = text.encodeToByteArray()
                for (first in 0..bytes.size) {
                    for (second in first..bytes.size) {
                        linesOf(bytes, first, second) shouldContainExactly listOf("ab", "", "c", "€é", "last")
                    }
                }
            }

            onBothArms("arrive byte by byte, too") {
                pair { near, far ->
                    val lines = now { far.lines().toList() }
                    for (byte in "é\r\n\n€\n".encodeToByteArray()) {
                        near.send(byteArrayOf(byte))
                        yield()
                    }
                    near.shutdownOutput()
                    lines.await() shouldContainExactly listOf("é", "", "€")
                }
            }

            onBothArms("are as long as the limit, and no longer") {
                pair { near, far ->
                    near.send("12345\r\n12345\n123456\r\n")
                    far.receiveLine(5) shouldBe "12345"
                    far.receiveLine(5) shouldBe "12345"
                    shouldThrow<ReceiveLimitException> { far.receiveLine(5) }.limit shouldBe 5
                    far.receiveLine(6) shouldBe "123456"
                }
            }

            onBothArms("are found too long before they end") {
                pair { near, far ->
                    near.send("12345")
                    val line = now { runCatching { far.receiveLine(5) } }
                    yield()
                    near.send("\r")
                    yield()
                    near.send("6")
                    shouldThrow<ReceiveLimitException> { line.await().getOrThrow() }
                    far.receiveExactly(7).decodeToString() shouldBe "12345\r6"
                }
            }

            onBothArms("must fit into the receive limit together with their end") {
                pair({ receiveLimit(7) }) { near, far ->
                    near.send("12345\r\n123456\r\n")
                    far.receiveLine() shouldBe "12345"
                    shouldThrow<ReceiveLimitException> { far.receiveLine() }.limit shouldBe 5
                }
            }

            onBothArms("that nobody took are there for the next collector") {
                pair { near, far ->
                    near.send("1\n2\n3\n4\n")
                    far.lines().first() shouldBe "1"
                    far.lines().take(2).toList() shouldContainExactly listOf("2", "3")
                    far.receiveLine() shouldBe "4"
                }
            }
        }

        context("one receiver at a time") {
            onBothArms("a second one is misuse and leaves the first alone") {
                pair { near, far ->
                    val first = now { far.receive() }
                    shouldThrow<IllegalStateException> { far.receive() }.message shouldContain "one receiver"
                    near.send("1")
                    first.await()?.decodeToString() shouldBe "1"
                }
            }

            onBothArms("a receiver that is cancelled takes nothing") {
                pair { near, far ->
                    withTimeoutOrNull(10.milliseconds) { far.receive() }.shouldBeNull()
                    withTimeoutOrNull(10.milliseconds) { far.receiveExactly(3) }.shouldBeNull()
                    near.send("ab")
                    withTimeoutOrNull(10.milliseconds) { far.receiveLine() }.shouldBeNull()
                    near.send("c\n")
                    far.receiveLine() shouldBe "abc"
                    far.connection.isOpen shouldBe true
                }
            }

            onBothArms("one that was cancelled before it asked takes nothing") {
                pair { near, far ->
                    val receiving = launch {
                        coroutineContext[kotlinx.coroutines.Job]?.cancel()
                        shouldThrow<CancellationException> { far.receive() }
                    }
                    receiving.join()
                    near.send("1")
                    far.receive()?.decodeToString() shouldBe "1"
                }
            }

            test("one that is cancelled by another thread takes nothing") {
                runEventManager {
                    pair { near, far ->
                        repeat(1_000) { round ->
                            val receiving = now { far.receive()?.decodeToString() shouldBe "unexpected" }
                            withContext(Dispatchers.Default) { receiving.cancel() }
                            receiving.join()
                            near.send("$round\n")
                            far.receiveLine() shouldBe "$round"
                        }
                    }
                }
            }

            test("bytes that race with a cancellation from another thread are never lost") {
                runEventManager {
                    pair { near, far ->
                        val collected = StringBuilder()
                        repeat(2_000) { round ->
                            val receiving = launch { far.receive()?.let { collected.append(it.decodeToString()) } }
                            near.send("${round % 10}")
                            val canceller = launch(Dispatchers.Default) { receiving.cancel() }
                            receiving.join()
                            canceller.join()
                        }
                        while (collected.length < 2_000) collected.append(checkNotNull(far.receive()).decodeToString())
                        collected.toString() shouldBe "0123456789".repeat(200)
                    }
                }
            }

            test("a receiver on another dispatcher is served there") {
                runEventManager {
                    pair { near, far ->
                        val here = Thread.currentThread()
                        val received = async(Dispatchers.Default) {
                            val bytes = far.receive()
                            (Thread.currentThread() === here) shouldBe false
                            bytes?.decodeToString()
                        }
                        near.send("1")
                        received.await() shouldBe "1"
                    }
                }
            }
        }

        context("in place") {
            onBothArms("a receiver goes on inside the event, before the next one, with nothing posted") {
                pair { near, far ->
                    val beneath = far.connection
                    val inner = beneath.handler()
                    val steps = Steps()
                    var turn = 0L
                    beneath.replaceHandler { connection, event ->
                        if (event is TcpEvent.Received) {
                            steps.reach(2)
                            turn = manager.statistics().turns()
                            inner.onEvent(connection, event)
                            steps.reach(4)
                            manager.statistics().waitingTasks() shouldBe 0
                        } else {
                            inner.onEvent(connection, event)
                        }
                    }
                    val receiving = now {
                        steps.reach(1)
                        far.receive()?.decodeToString() shouldBe "1"
                        steps.reach(3)
                        manager.statistics().turns() shouldBe turn
                    }
                    near.send("1")
                    receiving.join()
                }
            }
        }

        context("failure") {
            onBothArms("a reset reaches the receiver with the error that Closed carries") {
                pair { near, far ->
                    val receiving = now { runCatching { far.receive() } }
                    near.abort()
                    val failure = receiving.await().exceptionOrNull() as ConnectionFailedException
                    failure.error.kind() shouldBe Kind.RESET
                    failure.error shouldBe far.awaitClose().error().get()
                    shouldThrow<ConnectionFailedException> { far.receive() }.error shouldBe failure.error
                    shouldThrow<ConnectionFailedException> { far.send("1") }.error shouldBe failure.error
                }
            }

            onBothArms("a connection that this end closes gives its receiver null") {
                pair { near, far ->
                    val receiving = now { far.receive() }
                    far.close()
                    receiving.await().shouldBeNull()
                    far.receive().shouldBeNull()
                    near.receive().shouldBeNull()
                }
            }

            onBothArms("what is unread when this end closes is gone, and is not received as nothing") {
                pair { near, far ->
                    near.send("12")
                    far.receiveExactly(1)
                    far.close()
                    far.receive().shouldBeNull()
                    shouldThrow<EOFException> { far.receiveExactly(1) }
                }
            }

            test("a connection whose manager is closed tells so, on every thread") {
                lateinit var far: SuspendingConnection
                runEventManager { pair { _, end -> far = end } }
                far.closeReason?.isClean shouldBe false
                runBlocking(Dispatchers.Default) {
                    shouldThrow<ConnectionFailedException> { far.receive() }.error.kind() shouldBe Kind.ABORTED
                    shouldThrow<ConnectionFailedException> { far.receiveLine() }
                    shouldThrow<ConnectionFailedException> { far.send("1") }.error.kind() shouldBe Kind.ABORTED
                    far.awaitClose() shouldBe far.closeReason
                    far.close()
                    far.abort()
                }
            }

            onBothArms("a connection that this end aborts fails its receiver") {
                pair { _, far ->
                    val receiving = now { runCatching { far.receive() } }
                    far.abort()
                    val failure = receiving.await().exceptionOrNull() as ConnectionFailedException
                    failure.error.kind() shouldBe Kind.ABORTED
                }
            }
        }

        test("a receive limit holds the peer back, and nothing is lost when reading goes on") {
            virtually { _ ->
                pair({ receiveLimit(1_000).receiveBufferBytes(1_000) }) { near, far ->
                    val sent = launch { repeat(100) { near.send(ByteArray(10_000) { i -> i.toByte() }) } }
                    delay(1)
                    far.connection.receiveBuffer().size() shouldBe 1_000
                    repeat(1_000) {
                        Bytes.copyOf(far.receiveExactly(1_000)) shouldBe
                            Bytes.copyOf(ByteArray(1_000) { i -> (it * 1_000 % 10_000 + i).toByte() })
                    }
                    sent.cancelAndJoin()
                }
            }
        }
    })

/** What a reader of lines gets from bytes that arrive in three pieces. */
private fun linesOf(bytes: ByteArray, first: Int, second: Int): List<String> = virtually { clock ->
    val lines = kotlinx.coroutines.CompletableDeferred<List<String>>()
    val server = serve(ANY_PORT) { lines.complete(it.lines().toList()) }
    connect("127.0.0.1:${server.port}") { near ->
        near.connection.send(bytes.copyOfRange(0, first))
        delay(1)
        near.connection.send(bytes.copyOfRange(first, second))
        delay(1)
        near.connection.send(bytes.copyOfRange(second, bytes.size))
        near.shutdownOutput()
        near.receive()
    }
    server.close()
    lines.await()
}
