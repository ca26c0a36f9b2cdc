package dev.meerkat.coroutines.websocket

import dev.meerkat.ConnectionClosedException
import dev.meerkat.coroutines.ConnectionFailedException
import dev.meerkat.coroutines.now
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.coroutines.origin
import dev.meerkat.coroutines.virtually
import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.websocket.ClosedBy
import dev.meerkat.websocket.WebSocketRule
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

class SessionLifeSpec :
    FunSpec({
        onBothArms("a message comes back, and the end of the block is the end in order on both sides") {
            val seen = CompletableDeferred<Int>()
            served({
                for (message in incoming) send(message)
                seen.complete(awaitClose().status().code())
            }) { server ->
                webSocket(server.uri) {
                    send("hello")
                    incoming.receive().text() shouldBe "hello"
                    send(byteArrayOf(1, 2, 3))
                    incoming.receive().bytes().toByteArray() shouldBe byteArrayOf(1, 2, 3)
                }
                seen.await() shouldBe 1000
                server.failures.shouldBeEmpty()
            }
        }

        onBothArms("what a block has launched ends with it, and what it returns is returned") {
            served({ launch { awaitCancellation() } }) { server ->
                webSocket(server.uri) {
                    launch { awaitCancellation() }
                    incoming.receiveCatching().isClosed shouldBe true
                    "result"
                } shouldBe "result"
            }
        }

        onBothArms("a block that fails closes with 1011, and its failure goes to the handler") {
            served({ error("on purpose") }) { server ->
                val failure =
                    shouldThrow<WebSocketClosedException> { webSocket(server.uri) { incoming.receive() } }
                failure.code shouldBe 1011
                failure.closed.by() shouldBe ClosedBy.PEER
                failure.closed.clean() shouldBe true
                server.failures.single().message shouldBe "on purpose"
            }
        }

        onBothArms("a client's block that fails closes with 1011 and throws its failure") {
            val seen = CompletableDeferred<Throwable?>()
            served({ seen.complete(runCatching { incoming.receive() }.exceptionOrNull()) }) { server ->
                shouldThrow<IllegalStateException> { webSocket(server.uri) { error("on purpose") } }
                (seen.await() as WebSocketClosedException).code shouldBe 1011
                server.failures.shouldBeEmpty()
            }
        }

        onBothArms("a block that is cancelled closes with 1001, which ends what the other side receives in order") {
            val seen = CompletableDeferred<Int>()
            served({
                for (message in incoming) send(message)
                seen.complete(awaitClose().status().code())
            }) { server ->
                val opened = CompletableDeferred<Unit>()
                val client =
                    launch {
                        webSocket(server.uri) {
                            opened.complete(Unit)
                            awaitCancellation()
                        }
                    }
                opened.await()
                client.cancelAndJoin()
                seen.await() shouldBe 1001
            }
        }

        onBothArms("cancelling the scope of a server closes all of its WebSockets with 1001") {
            served({ awaitCancellation() }) { server ->
                val sessions = List(3) { manager.awaitWebSocket(server.uri) }
                server.scope.cancel()
                for (session in sessions) {
                    session.awaitClose().status().code() shouldBe 1001
                    session.incoming.receiveCatching().exceptionOrNull().shouldBeNull()
                }
                server.failures.shouldBeEmpty()
            }
        }

        test("a peer that does not answer the goodbye has a second when a block is cancelled") {
            virtually { clock ->
                served({ awaitCancellation() }) { server ->
                    val peer = rawPeer(server)
                    val before = clock.elapsed()
                    server.scope.cancel()
                    peer.receiveExactly(2)[0] shouldBe CLOSE.toByte()
                    peer.awaitClose()
                    (clock.elapsed() - before).toMillis() / 100 shouldBe 10
                }
            }
        }

        onBothArms("a block that only sends is cancelled when the peer has gone") {
            val cancelled = CompletableDeferred<Unit>()
            served({
                try {
                    send("first")
                    delay(1.hours)
                } catch (e: CancellationException) {
                    cancelled.complete(Unit)
                    throw e
                }
            }) { server ->
                webSocket(server.uri) { incoming.receive() }
                cancelled.await()
                server.failures.shouldBeEmpty()
            }
        }

        test("a block that has received goes on behind an end in order, for the close time-out") {
            virtually { clock ->
                val steps = ArrayList<String>()
                served({
                    try {
                        for (message in incoming) {
                            delay(2.seconds) // the peer closes meanwhile
                            steps += message.text()
                        }
                        steps += "end"
                        delay(1.hours)
                    } finally {
                        steps += "cancelled after ${clock.elapsed().toSeconds()} s"
                    }
                }) { server ->
                    webSocket(server.uri) {
                        send("1")
                        send("2")
                    }
                }
                steps shouldBe listOf("1", "2", "end", "cancelled after 10 s")
            }
        }

        onBothArms("a reset in the middle of a message fails who receives, and cancels who does not wait for it") {
            val seen = CompletableDeferred<Throwable?>()
            val lost = CompletableDeferred<Throwable>()
            var number = 0
            served({
                if (number++ == 0) {
                    seen.complete(runCatching { incoming.receive() }.exceptionOrNull())
                } else {
                    try {
                        awaitCancellation()
                    } catch (e: CancellationException) {
                        lost.complete(e)
                        throw e
                    }
                }
            }) { server ->
                repeat(2) {
                    val peer = rawPeer(server)
                    peer.send(frame(TEXT, "only a part".toByteArray(), length = 100))
                    peer.abort()
                    peer.awaitClose()
                    if (it == 0) {
                        val failure = seen.await() as WebSocketClosedException
                        failure.code shouldBe 1006
                        failure.closed.connectionError().get().kind() shouldBe Kind.RESET
                    }
                }
                lost.await().origin<WebSocketClosedException>().code shouldBe 1006
                server.failures.shouldBeEmpty()
            }
        }

        onBothArms("a peer that breaks a rule is told which, and who receives is, too") {
            val seen = ArrayList<WebSocketClosedException>()
            served(
                {
                    try {
                        for (message in incoming) send(message)
                    } catch (e: WebSocketClosedException) {
                        seen += e
                        throw e
                    }
                },
                options = { messageBytes(100) },
            ) { server ->
                for ((bytes, code) in listOf(
                    frame(TEXT, ByteArray(101)) to 1009,
                    frame(TEXT, byteArrayOf(-1)) to 1007,
                )) {
                    val peer = rawPeer(server)
                    peer.send(frame(TEXT, "fine".toByteArray()))
                    peer.receiveExactly(6).decodeToString(2) shouldBe "fine"
                    peer.send(bytes)
                    val answer = peer.receiveExactly(4)
                    answer[0] shouldBe CLOSE.toByte()
                    (answer[2] * 256 + (answer[3].toInt() and 0xff)) shouldBe code
                    peer.abort()
                    peer.awaitClose()
                }
                while (seen.size < 2) delay(1)
                seen.map { it.code } shouldBe listOf(1009, 1007)
                seen.map { it.error?.rule() } shouldBe
                    listOf(WebSocketRule.MESSAGE_TOO_LONG, WebSocketRule.INVALID_UTF8)
                server.failures.shouldBeEmpty()
            }
        }

        test("a reset is noticed by the next ping though the program does not receive and nothing is read") {
            virtually { _ ->
                var began = 0L
                val ended = CompletableDeferred<Long>()
                served({
                    began = manager.nanoTime()
                    try {
                        awaitCancellation()
                    } finally {
                        ended.complete(manager.nanoTime() - began)
                    }
                }, capacity = 4) { server ->
                    val peer = rawPeer(server)
                    repeat(64) { peer.send(frame(TEXT, ByteArray(0))) }
                    delay(1.seconds)
                    ended.isCompleted shouldBe false
                    peer.abort()
                    withTimeout(60.seconds) { ended.await() }.nanoseconds shouldBe 30.seconds
                    server.failures.shouldBeEmpty()
                }
            }
        }

        onBothArms("goodbyes that cross are one each, and in order") {
            val there = CompletableDeferred<WebSocketSession>()
            served({
                there.complete(this)
                incoming.receiveCatching().isClosed shouldBe true
            }) { server ->
                val near = manager.awaitWebSocket(server.uri)
                val far = there.await()
                near.close(3001, "near")
                far.close(3002, "far")
                near.awaitClose().status().code() shouldBe 3001
                far.awaitClose().status().code() shouldBe 3002
                near.incoming.receiveCatching().exceptionOrNull().shouldBeNull()
            }
        }

        onBothArms("who closes cannot send any more, and who was closed is told how") {
            served({
                incoming.receiveCatching()
                awaitClose()
                shouldThrow<WebSocketClosedException> { send("too late") }.code shouldBe 1008
                shouldThrow<WebSocketClosedException> { ping() }.code shouldBe 1008
            }) { server ->
                val near = manager.awaitWebSocket(server.uri)
                near.close(1008, "policy")
                shouldThrow<ConnectionClosedException> { near.send("too late") }
                near.awaitClose().clean() shouldBe true
                near.closeReason?.status()?.reason() shouldBe "policy"
                near.isOpen shouldBe false
                server.failures.shouldBeEmpty()
            }
        }

        onBothArms("coroutines that are launched in a session of one's own end when it has ended") {
            served({ incoming.receiveCatching() }) { server ->
                val near = manager.awaitWebSocket(server.uri)
                val job = near.launch { awaitCancellation() }
                near.webSocket.abort()
                near.awaitClose().status().code() shouldBe 1006
                job.join()
                job.isCancelled shouldBe true
            }
        }

        test("a session is for every thread") {
            dev.meerkat.coroutines.runEventManager {
                served({ withContext(Dispatchers.Default) { for (message in incoming) send(message) } }) { server ->
                    withContext(Dispatchers.Default) {
                        webSocket(server.uri) {
                            for (number in 1..1000) {
                                send("$number")
                                incoming.receive().text() shouldBe "$number"
                            }
                            (ping() >= 0.seconds) shouldBe true
                        }
                    }
                    server.failures.shouldBeEmpty()
                }
            }
        }

        onBothArms("nobody there, a refusal and a stranger's answer are three typed failures") {
            val server = serve("tcp://127.0.0.1:0") { connection ->
                connection.receiveLine()
                connection.send("HTTP/1.1 101 Fine\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
                connection.receive()
            }
            shouldThrow<WebSocketHandshakeException> { webSocket("ws://127.0.0.1:${server.port}") { } }
            server.close()
            server.job.join()
            shouldThrow<ConnectionFailedException> { webSocket("ws://127.0.0.1:${server.port}") { } }
                .error.kind() shouldBe Kind.REFUSED
            shouldThrow<IllegalArgumentException> { webSocket("http://127.0.0.1") { } }
        }

        onBothArms("who is cancelled while it connects leaves nothing behind") {
            served({ incoming.receiveCatching() }, onHandshake = { awaitCancellation() }) { server ->
                now { webSocket(server.uri) { } }.cancelAndJoin()
                manager.connections().filter { it.isOpen } shouldHaveSize 0
            }
        }
    })
