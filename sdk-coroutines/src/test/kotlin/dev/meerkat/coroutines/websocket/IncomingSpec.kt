package dev.meerkat.coroutines.websocket

import dev.meerkat.coroutines.now
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.coroutines.virtually
import dev.meerkat.event.Bytes
import dev.meerkat.websocket.Delivery
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.ktor.utils.io.readBuffer
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.ClosedReceiveChannelException
import kotlinx.coroutines.channels.toList
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.withContext
import kotlinx.io.readByteArray
import kotlin.time.Duration.Companion.seconds

private val NUMBERS = (1..500).map { "$it" }

class IncomingSpec :
    FunSpec({
        onBothArms(
            "a slow receiver holds its peer back, and nothing is lost or out of order, however little is read ahead",
        ) {
            for (capacity in listOf(1, 2, 7)) {
                val taken = ArrayList<String>()
                served(
                    {
                        for (message in incoming) {
                            delay(1)
                            taken += message.text().take(4)
                        }
                    },
                    capacity,
                    connection = { receiveLimit(4096) },
                ) { server ->
                    webSocket(server.uri) {
                        for (number in 1..400) send("$number".padEnd(4) + "x".repeat(16_000))
                    }
                }
                taken shouldContainExactly (1..400).map { "$it".padEnd(4) }
            }
        }

        test("as many messages are read ahead as the capacity says, and then nothing more, pings neither") {
            virtually { _ ->
                val gate = CompletableDeferred<Unit>()
                served({
                    gate.await()
                    incoming.receive()
                    gate.join()
                    for (message in incoming) send(message)
                }, capacity = 4) { server ->
                    webSocket(server.uri) {
                        repeat(3) { send("$it") }
                        ping()
                        send("the one that fills it")
                        shouldThrow<PongTimeoutException> { ping() }
                        gate.complete(Unit)
                        ping()
                    }
                }
            }
        }

        test("no more bytes are read ahead than the receive limit, and a message") {
            virtually { _ ->
                val gate = CompletableDeferred<Unit>()
                served({
                    gate.await()
                    for (message in incoming) send(message)
                }, connection = { receiveLimit(4_096) }) { server ->
                    webSocket(server.uri) {
                        send("x".repeat(4_095))
                        ping()
                        send("x")
                        shouldThrow<PongTimeoutException> { ping() }
                        gate.complete(Unit)
                        ping()
                    }
                }
            }
        }

        onBothArms("what has arrived before the end can be received behind it, then the channel is closed in order") {
            served({
                for (number in NUMBERS) send(number)
            }) { server ->
                val session = manager.awaitWebSocket(server.uri, capacity = 1_000)
                session.awaitClose().status().code() shouldBe 1000
                session.incoming.receive().text() shouldBe "1"
                session.incoming.toList().map { it.text() } shouldContainExactly NUMBERS.drop(1)
                shouldThrow<ClosedReceiveChannelException> { session.incoming.receive() }
            }
        }

        onBothArms("receivers may be several, on any thread, and by select: each message is for one of them") {
            served({
                for (number in NUMBERS) send(number)
            }) { server ->
                val session = manager.awaitWebSocket(server.uri, capacity = 3)
                val taken = ArrayList<String>()
                val receivers =
                    List(3) {
                        launch { for (message in session.incoming) taken += message.text() }
                    } +
                        launch {
                            while (true) {
                                val next =
                                    select<String?> { session.incoming.onReceiveCatching { it.getOrNull()?.text() } }
                                taken += next ?: break
                            }
                        }
                receivers.forEach { it.join() }
                taken shouldContainExactlyInAnyOrder NUMBERS
            }
        }

        onBothArms("a select that takes something else takes no message") {
            val gate = CompletableDeferred<Unit>()
            served({
                gate.await()
                send("1")
            }) { server ->
                val session = manager.awaitWebSocket(server.uri)
                select {
                    session.incoming.onReceive { it.text() }
                    onTimeout(1.seconds / 100) { "nothing" }
                } shouldBe "nothing"
                gate.complete(Unit)
                session.incoming.receive().text() shouldBe "1"
                session.close()
            }
        }

        onBothArms("a receiver that is cancelled takes nothing") {
            val gate = CompletableDeferred<Unit>()
            served({
                gate.await()
                for (number in NUMBERS) send(number)
            }) { server ->
                val session = manager.awaitWebSocket(server.uri)
                now { session.incoming.receive() }.cancelAndJoin()
                now { for (message in session.incoming) error("nothing has come") }.cancelAndJoin()
                now { withContext(Dispatchers.Unconfined) { session.incoming.receive() } }.cancelAndJoin()
                now { session.receiveStream() }.cancelAndJoin()
                gate.complete(Unit)
                session.incoming.toList().map { it.text() } shouldContainExactly NUMBERS
            }
        }

        onBothArms("a channel that is cancelled throws away what comes, and the WebSocket stays open") {
            served({ for (message in incoming) send(message) }, capacity = 2) { server ->
                webSocket(server.uri, capacity = 2) {
                    for (number in NUMBERS) send(number)
                    incoming.receive().text() shouldBe "1"
                    incoming.cancel()
                    shouldThrow<CancellationException> { incoming.receive() }
                    ping()
                    isOpen shouldBe true
                }
                server.failures.shouldBeEmpty()
            }
        }

        onBothArms("a message by fragments comes while it is sent, longer than a message may be") {
            val first = CompletableDeferred<String>()
            val answers = ArrayList<String>()
            served(
                {
                    while (true) {
                        val message = receiveStream() ?: break
                        first.complete(message.receive()!!.utf8())
                        var length = 0
                        message.pieces().collect { length += it.length() }
                        answers += "${message.isText} $length"
                    }
                },
                options = { delivery(Delivery.FRAGMENTS).messageBytes(10).fragmentBytes(1_000) },
            ) { server ->
                webSocket(server.uri) {
                    sendInPieces(text = true) {
                        write("begins")
                        first.await() shouldBe "begins"
                        repeat(100) { write("x".repeat(5_000)) }
                    }
                    sendInPieces(text = false, flowOf(Bytes.copyOf(ByteArray(7)), Bytes.copyOf(ByteArray(8))))
                    send("whole")
                }
                server.failures.shouldBeEmpty()
            }
            answers shouldContainExactly listOf("true 500000", "false 8", "true 0")
        }

        onBothArms("a message is a channel of bytes, from the one end to the other") {
            val content = ByteArray(300_000) { it.toByte() }
            val seen = CompletableDeferred<ByteArray>()
            served(
                {
                    val message = receiveStream()!!
                    sendInPieces(text = false, message.openReadChannel())
                    receiveStream().shouldBeNull()
                },
                options = { delivery(Delivery.FRAGMENTS) },
            ) { server ->
                webSocket(server.uri) {
                    send(content)
                    seen.complete(receiveStream()!!.openReadChannel().readBuffer().readByteArray())
                }
                seen.await() shouldBe content
                server.failures.shouldBeEmpty()
            }
        }

        onBothArms("what is left of a stream is skipped by the next one") {
            val seen = ArrayList<String>()
            served(
                {
                    while (true) {
                        seen += (receiveStream() ?: break).receive()!!.utf8()
                    }
                },
                options = { delivery(Delivery.FRAGMENTS).fragmentBytes(4) },
            ) { server ->
                webSocket(server.uri) {
                    send("one, two, three")
                    send("four, five")
                }
            }
            seen shouldContainExactly listOf("one,", "four")
        }

        onBothArms("a stream that is cut off by the end fails") {
            val seen = CompletableDeferred<Throwable?>()
            served(
                {
                    val message = receiveStream()!!
                    seen.complete(runCatching { message.pieces().toList() }.exceptionOrNull())
                },
                options = { delivery(Delivery.FRAGMENTS) },
            ) { server ->
                val peer = rawPeer(server)
                peer.send(frame(0x01, "begun".toByteArray()))
                peer.send(frame(CLOSE, byteArrayOf(3, (1000 - 3 * 256).toByte())))
                (seen.await() as WebSocketClosedException).code shouldBe 1000
                peer.abort()
            }
        }

        test("whole messages are not to be had by fragment") {
            virtually { _ ->
                served({
                    shouldThrow<IllegalStateException> { incoming.receive() }
                    receiveStream()!!.receive()!!.utf8() shouldBe "1"
                }, options = { delivery(Delivery.FRAGMENTS) }) { server ->
                    webSocket(server.uri) { send("1") }
                    server.failures.shouldBeEmpty()
                }
            }
        }
    })
