package dev.meerkat.coroutines.websocket

import dev.meerkat.coroutines.now
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.coroutines.virtually
import dev.meerkat.event.Bytes
import dev.meerkat.websocket.Message
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.toList
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private val LARGE = "x".repeat(60_000)

class SendingSpec :
    FunSpec({
        onBothArms("senders suspend while the peer is slow, and go on in their order") {
            val gate = CompletableDeferred<Unit>()
            served({
                gate.await()
                incoming.toList().map { it.text().take(6) } shouldContainExactly
                    List(200) { "large " } + "first " + "second"
            }, capacity = 1) { server ->
                webSocket(server.uri) {
                    val large = launch { repeat(200) { send("large $LARGE") } }
                    while (webSocket.isWritable) delay(1)
                    val first = now { send("first $LARGE") }
                    val second = now { send("second$LARGE") }
                    val third = now { send("third $LARGE") }
                    trySend(Message.text("at once")) shouldBe false
                    third.cancelAndJoin()
                    large.isCompleted shouldBe false
                    gate.complete(Unit)
                    large.join()
                    first.await()
                    second.await()
                }
                server.failures.shouldBeEmpty()
            }
        }

        onBothArms("a sender that waits when the peer goes is told how it ended") {
            served({
                webSocket.pauseReading()
                delay(10.milliseconds)
                webSocket.abort()
            }) { server ->
                shouldThrow<WebSocketClosedException> {
                    webSocket(server.uri) { while (true) send(LARGE) }
                }.code shouldBe 1006
            }
        }

        onBothArms("other messages wait behind one that is sent in pieces") {
            served({
                incoming.toList().map { it.text() } shouldContainExactly listOf("1234", "5")
            }) { server ->
                webSocket(server.uri) {
                    val begun = CompletableDeferred<Unit>()
                    val gate = CompletableDeferred<Unit>()
                    val pieces =
                        launch {
                            sendInPieces(text = true) {
                                write("12")
                                begun.complete(Unit)
                                gate.await()
                                write("34")
                            }
                        }
                    begun.await()
                    send("5")
                    gate.complete(Unit)
                    pieces.join()
                }
                server.failures.shouldBeEmpty()
            }
        }

        onBothArms("what was begun in pieces cannot be taken back: the WebSocket is closed") {
            val seen = ArrayList<Int>()
            served({
                runCatching { incoming.receive() }
                seen += awaitClose().status().code()
            }) { server ->
                shouldThrow<IllegalStateException> {
                    webSocket(server.uri) {
                        sendInPieces(text = true) {
                            write("begun")
                            error("on purpose")
                        }
                    }
                }
                webSocket(server.uri) {
                    val sending = now {
                        sendInPieces(text = true) {
                            write("begun")
                            delay(1_000_000)
                        }
                    }
                    sending.cancelAndJoin()
                    awaitClose().status().code() shouldBe 1001
                }
            }
            seen shouldContainExactly listOf(1011, 1001)
        }

        onBothArms("a text in pieces is UTF-8") {
            served({ runCatching { incoming.receive() } }) { server ->
                shouldThrow<IllegalArgumentException> {
                    webSocket(server.uri) { sendInPieces(text = true) { write(Bytes.copyOf(byteArrayOf(-1))) } }
                }
            }
        }

        test("a ping answers how long its pong took, and several are told apart") {
            virtually { _ ->
                served({ for (message in incoming) send(message) }) { server ->
                    webSocket(server.uri) {
                        val pings = List(3) { now { ping() } }
                        pings.forEach { (it.await() < 1.seconds) shouldBe true }
                    }
                    val peer = rawPeer(server)
                    peer.abort()
                    peer.awaitClose()
                }
            }
        }

        test("a pong that does not come is a failure of the ping alone") {
            virtually { clock ->
                served({
                    val before = clock.elapsed()
                    shouldThrow<PongTimeoutException> { ping() }
                    (clock.elapsed() - before).toSeconds() shouldBe 3
                    send("still here")
                }, options = {
                    pongTimeout(java.time.Duration.ofSeconds(3)).pingInterval(java.time.Duration.ZERO)
                }) { server ->
                    val peer = rawPeer(server)
                    peer.receiveExactly(10)
                    peer.receiveExactly(12).decodeToString(2) shouldBe "still here"
                    peer.abort()
                    peer.awaitClose()
                    server.failures.shouldBeEmpty()
                }
            }
        }

        onBothArms("a ping is cancelled without a trace, and fails with the WebSocket") {
            served({
                webSocket.pauseReading()
                incoming.receiveCatching()
            }) { server ->
                val session = manager.awaitWebSocket(server.uri)
                now { session.ping() }.cancelAndJoin()
                val ping = now { runCatching { session.ping() }.exceptionOrNull() }
                session.webSocket.abort()
                (ping.await() as WebSocketClosedException).code shouldBe 1006
                runCatching { session.send("1") }.exceptionOrNull().let { it is CancellationException } shouldBe false
            }
        }
    })
