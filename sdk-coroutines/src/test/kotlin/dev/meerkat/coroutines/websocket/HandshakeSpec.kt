package dev.meerkat.coroutines.websocket

import dev.meerkat.coroutines.now
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.http.ResponseException
import dev.meerkat.http.Router
import dev.meerkat.websocket.WebSocketClientOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.plus

class HandshakeSpec :
    FunSpec({
        onBothArms("who may come in is decided by a block that may suspend, and what it found out is there") {
            served(
                { send("hello ${found<String>()}") },
                onHandshake = {
                    delay(5)
                    val name = it.request().query("name").orElse(null)
                    if (name ==
                        null
                    ) {
                        it.refuse(401, "who are you?")
                    } else {
                        it.accept().withSession(name).withHeader("X-Name", name)
                    }
                },
            ) { server ->
                webSocket("${server.uri}/?name=anna") {
                    incoming.receive().text() shouldBe "hello anna"
                    request.shouldBeNull()
                }
                val refused = shouldThrow<WebSocketRefusedException> { webSocket(server.uri) { } }
                refused.status shouldBe 401
                refused.body.utf8() shouldContain "who are you?"
                server.failures.shouldBeEmpty()
            }
        }

        onBothArms("a decision that fails is an answer: 500, or what the exception says") {
            served({ }, onHandshake = {
                if (it.request().path() == "/mine") throw ResponseException(403, "not here")
                delay(1)
                error("on purpose")
            }) { server ->
                shouldThrow<WebSocketRefusedException> { webSocket("${server.uri}/mine") { } }.status shouldBe 403
            }
        }

        onBothArms("a decision is not waited for when the peer has gone") {
            val begun = CompletableDeferred<Unit>()
            val cancelled = CompletableDeferred<Unit>()
            served({ }, onHandshake = {
                begun.complete(Unit)
                try {
                    awaitCancellation()
                } catch (e: CancellationException) {
                    cancelled.complete(Unit)
                    throw e
                }
            }) { server ->
                val peer = connect(server.address)
                peer.send(
                    "GET / HTTP/1.1\r\nHost: there\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                )
                begun.await()
                peer.abort()
                cancelled.await()
            }
        }

        onBothArms("a decision that is cancelled with the server's scope is 503") {
            val begun = CompletableDeferred<Unit>()
            served({ }, onHandshake = {
                begun.complete(Unit)
                awaitCancellation()
            }) { server ->
                val asking = now { runCatching { webSocket(server.uri) { } }.exceptionOrNull() }
                begun.await()
                server.scope.cancel()
                (asking.await() as WebSocketRefusedException).status shouldBe 503
            }
        }

        onBothArms("sub-protocols have blocks of their own, and a route has what it captured") {
            val job = SupervisorJob(coroutineContext.job)
            val server =
                webSocketServer(this + job) {
                    onHandshake { if (it.origin().isPresent) it.refuse(403, "no browsers") else it.accept() }
                    protocol("chat.v2") { send("v2 in ${path("room")}, ${request?.method()}") }
                    protocol("chat.v1") { send("v1, $subprotocol of ${protocol?.size()}") }
                    session { send("none, $subprotocol") }
                }
            val acceptor = manager.listen("http://127.0.0.1:0", Router.create().webSocket("/chat/{room}", server))
            val uri = "ws://127.0.0.1:${acceptor.port()}/chat/den"
            val said = ArrayList<String>()
            for (wish in listOf(arrayOf("chat.v3", "chat.v2"), arrayOf("chat.v1"), arrayOf())) {
                val options = WebSocketClientOptions.builder().subprotocols(*wish).build()
                webSocket(uri, options) { said += incoming.receive().text() + " for $subprotocol" }
            }
            said shouldBe
                listOf("v2 in den, GET for chat.v2", "v1, chat.v1 of 1 for chat.v1", "none, null for null")
            val browser = WebSocketClientOptions.builder().origin("https://example.com").build()
            shouldThrow<WebSocketRefusedException> { webSocket(uri, browser) { } }.status shouldBe 403
            acceptor.close()
            job.cancel()
        }
    })
