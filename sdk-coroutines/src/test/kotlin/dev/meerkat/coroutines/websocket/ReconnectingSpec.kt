package dev.meerkat.coroutines.websocket

import dev.meerkat.ConnectionClosedException
import dev.meerkat.SendLimitException
import dev.meerkat.coroutines.ConnectionFailedException
import dev.meerkat.coroutines.now
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.websocket.ReconnectPolicy
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.toList
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.launch
import java.time.Duration

private val QUICK: ReconnectPolicy.Builder
    get() = ReconnectPolicy.builder().firstDelay(Duration.ofMillis(1)).longestDelay(Duration.ofMillis(2))

class ReconnectingSpec :
    FunSpec({
        onBothArms("a flow of sessions goes on with the next one when one has ended, however it has") {
            var number = 0
            served({
                number++
                send("session $number")
                if (number % 2 == 0) webSocket.abort() else close(1012, "restart")
            }) { server ->
                val said = ArrayList<String>()
                manager.webSockets(server.uri, QUICK.build()).take(4).collect { session ->
                    for (message in session.incoming) said += message.text()
                }
                said.first() shouldBe "session 1"
                number shouldBe 4
            }
        }

        onBothArms("a flow of sessions fails with what the policy has given up for") {
            val states = ArrayList<String>()
            val server = serve("tcp://127.0.0.1:0") { }
            server.close()
            server.job.join()
            val failure =
                shouldThrow<ConnectionFailedException> {
                    manager.webSockets(
                        "ws://127.0.0.1:${server.port}",
                        QUICK.attempts(3).build(),
                        onState = { states += it.javaClass.simpleName },
                    ).collect { }
                }
            failure.error.kind() shouldBe Kind.REFUSED
            states shouldContainExactly listOf("Waiting", "Waiting", "Ended")
        }

        onBothArms("what the collector throws is thrown, and the WebSocket closed") {
            val seen = CompletableDeferred<Int>()
            served({
                incoming.receiveCatching()
                seen.complete(awaitClose().status().code())
            }) { server ->
                shouldThrow<IllegalStateException> {
                    manager.webSockets(server.uri, QUICK.build()).collect { error("on purpose") }
                }
                seen.await() shouldBe 1000
            }
        }

        onBothArms("messages go out and come in over one connection after the other") {
            val heard = ArrayList<String>()
            var number = 0
            served({
                val session = ++number
                for (message in incoming) {
                    heard += message.text()
                    send("$session heard ${message.text()}")
                    if (message.text() == "stop") break
                }
            }) { server ->
                reconnectingWebSocket(server.uri, QUICK.build(), onOpen = { send("subscribe") }) {
                    send("1")
                    val said = ArrayList<String>()
                    repeat(2) { said += incoming.receive().text() }
                    send("stop")
                    repeat(2) { said += incoming.receive().text() }
                    send("2")
                    said += incoming.receive().text()
                    said shouldContainExactly
                        listOf(
                            "1 heard subscribe",
                            "1 heard 1",
                            "1 heard stop",
                            "2 heard subscribe",
                            "2 heard 2",
                        )
                    state.value.shouldBeInstanceOf<ReconnectingState.Open>()
                }
            }
            heard shouldContainExactly listOf("subscribe", "1", "stop", "subscribe", "2")
        }

        onBothArms("senders suspend while as much waits as may, and go on when there is a connection") {
            val free = CompletableDeferred<Unit>()
            val heard = CompletableDeferred<List<String>>()
            served(
                { heard.complete(incoming.toList().map { it.text() }) },
                onHandshake = {
                    free.await()
                    it.accept()
                },
            ) { server ->
                reconnectingWebSocket(server.uri, QUICK.waitingMessages(2).waitingBytes(1_000).build()) {
                    state.value shouldBe ReconnectingState.Connecting
                    send("1")
                    send("2")
                    val third = now { send("3") }
                    val given = now { send("given up") }
                    val fourth = now { send("4") }
                    third.isCompleted shouldBe false
                    given.cancelAndJoin()
                    waiting shouldBe 2
                    shouldThrow<SendLimitException> { webSocket.send("5") }
                    free.complete(Unit)
                    third.await()
                    fourth.await()
                    awaitOpen().isOpen shouldBe true
                }
                heard.await() shouldContainExactly listOf("1", "2", "3", "4")
            }
        }

        onBothArms("who has closed it, or whose policy has given up, is told so") {
            served({ incoming.receiveCatching() }) { server ->
                reconnectingWebSocket(server.uri, QUICK.build()) {
                    awaitOpen()
                    val receiving = now { incoming.receiveCatching() }
                    close(1001)
                    awaitEnd().cause.closed().status().code() shouldBe 1001
                    receiving.await().isClosed shouldBe true
                    shouldThrow<ConnectionClosedException> { send("too late") }
                    shouldThrow<WebSocketClosedException> { awaitOpen() }.code shouldBe 1001
                }
            }
        }

        onBothArms("cancelling the block closes it") {
            val seen = CompletableDeferred<Int>()
            served({
                incoming.receiveCatching()
                seen.complete(awaitClose().status().code())
            }) { server ->
                val opened = CompletableDeferred<Unit>()
                val client =
                    launch {
                        reconnectingWebSocket(server.uri, QUICK.build()) {
                            awaitOpen()
                            opened.complete(Unit)
                            incoming.receive()
                        }
                    }
                opened.await()
                client.cancelAndJoin()
                seen.await() shouldBe 1000
            }
        }
    })
