package dev.meerkat.coroutines.http

import dev.meerkat.EventManager
import dev.meerkat.EventManagerGroup
import dev.meerkat.Spread
import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.coroutines.SuspendingConnection
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.coroutines.runEventManager
import dev.meerkat.coroutines.virtualHost
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import io.ktor.utils.io.discard
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.plus
import kotlinx.coroutines.withContext
import java.util.Collections
import java.util.concurrent.ConcurrentHashMap

private suspend fun SuspendingConnection.ask(path: String) = send("GET $path HTTP/1.1\r\nHost: x\r\n\r\n")

/** All that comes, whichever way the connection ends. */
private suspend fun SuspendingConnection.readAllThatComes(): String {
    val all = StringBuilder()
    runCatching { while (true) all.append((receive() ?: break).decodeToString()) }
    abort()
    return all.toString()
}

class ServerLifeSpec :
    FunSpec({
        onBothArms("a body that is looked at behind the end of its connection is given up without a word") {
            val strangers = ArrayList<Throwable>()
            val scope = this + CoroutineExceptionHandler { _, failure -> strangers += failure }
            val ended = CompletableDeferred<Unit>()
            val server = manager.serveHttpIn(scope, ANY_HTTP) {
                get("/endless") { call ->
                    try {
                        call.respondStream("text/plain") { while (true) writeStringUtf8("more and more\n") }
                    } finally {
                        withContext(NonCancellable) { delay(1) } // until all have heard of the end
                        call.body
                        ended.complete(Unit)
                    }
                }
            }
            val peer = connect("127.0.0.1:${server.port}")
            peer.ask("/endless")
            peer.receive()
            peer.abort()
            ended.await()
            server.close()
            server.job.join()
            strangers shouldBe emptyList()
        }

        context("when the scope is cancelled that serves") {
            onBothArms("a call under way is answered with 503, and one in the middle of an answer is cut off") {
                val serving = this + Job(coroutineContext.job)
                val entered = CompletableDeferred<Unit>()
                val ended = ArrayList<String>()
                val server = manager.serveHttpIn(serving, ANY_HTTP) {
                    get("/waits") {
                        entered.complete(Unit)
                        try {
                            awaitCancellation()
                        } catch (e: CancellationException) {
                            ended += "waits"
                            throw e
                        }
                    }
                    get("/writes") { call ->
                        call.respondStream("text/plain") {
                            writeStringUtf8("half")
                            flush()
                            try {
                                awaitCancellation()
                            } catch (e: CancellationException) {
                                ended += "writes"
                                throw e
                            }
                        }
                    }
                    get("/") { it.respondText("idle") }
                }
                val address = "127.0.0.1:${server.port}"
                val waits = connect(address)
                waits.ask("/waits")
                val writes = connect(address)
                writes.ask("/writes")
                writes.readHead().first() shouldBe "HTTP/1.1 200 OK"
                writes.receiveLine() shouldBe "4"
                writes.receiveLine() shouldBe "half"
                val idle = connect(address)
                idle.ask("/")
                idle.readHead().first() shouldBe "HTTP/1.1 200 OK"
                entered.await()
                serving.cancel()
                val refused = waits.readAllThatComes()
                refused shouldStartWith "HTTP/1.1 503"
                refused shouldContain "Connection: close\r\n"
                writes.readAllThatComes() shouldBe ""
                idle.readAllThatComes() shouldBe "idle"
                server.job.join()
                ended.sorted() shouldBe listOf("waits", "writes")
                runCatching { connect(address) }.isFailure shouldBe true
            }
        }

        context("when the server is closed") {
            onBothArms("the request under way is answered, who waits for none is closed, and then it ends") {
                val entered = CompletableDeferred<Unit>()
                val go = CompletableDeferred<Unit>()
                val server = serveHttp(ANY_HTTP) {
                    get("/waits") {
                        entered.complete(Unit)
                        go.await()
                        it.respondText("waited")
                    }
                    post("/upload") { call -> call.respondText("${call.body.discard()} bytes") }
                    get("/") { it.respondText("idle") }
                }
                val address = "127.0.0.1:${server.port}"
                val waits = connect(address)
                waits.ask("/waits")
                val uploads = connect(address)
                uploads.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
                uploads.readHead().first() shouldStartWith "HTTP/1.1 100"
                uploads.send("ab")
                val idle = connect(address)
                idle.ask("/")
                idle.readHead().first() shouldBe "HTTP/1.1 200 OK"
                entered.await()
                server.close()
                idle.readAllThatComes() shouldBe "idle"
                server.job.isActive shouldBe true
                go.complete(Unit)
                val answer = waits.readAllThatComes()
                answer shouldStartWith "HTTP/1.1 200 OK"
                answer shouldContain "Connection: close\r\n"
                answer shouldEndWith "waited"
                server.job.isActive shouldBe true
                uploads.send("cd")
                uploads.readAllThatComes() shouldEndWith "4 bytes"
                server.job.join()
                server.job.isCancelled shouldBe false
                runCatching { connect(address) }.isFailure shouldBe true
            }
        }

        context("a group of managers") {
            onGroup("has each connection served on its own loop, before and after the call has suspended") { group ->
                val seen = Collections.newSetFromMap(ConcurrentHashMap<EventManager, Boolean>())
                val routes = suspendingRoutes(this) {
                    get("/") { call ->
                        val before = call.manager.inLoop()
                        delay(1)
                        seen += call.manager
                        call.respondText("$before ${call.manager.inLoop()} ${group.managers().indexOf(call.manager)}")
                    }
                }
                val address = "127.0.0.1:${group.listen(ANY_HTTP, routes).port()}"
                val first = connect(address)
                val second = connect(address)
                val loops = listOf(first, second).map { connection ->
                    val answers = List(2) {
                        connection.ask("/")
                        connection.readHead().first() shouldBe "HTTP/1.1 200 OK"
                        connection.receiveExactly("true true 0".length).decodeToString()
                    }
                    answers[0] shouldStartWith "true true "
                    answers[1] shouldBe answers[0]
                    answers[0]
                }
                loops[0] shouldNotBe loops[1]
                seen shouldBe group.managers().toSet()
                first.close()
                second.close()
            }
        }
    })

/** One body, two tests: with a group of two managers on threads of their own, and with one on a virtual host. */
private suspend fun FunSpecContainerScope.onGroup(
    name: String,
    body: suspend EventManagerScope.(group: EventManagerGroup) -> Unit,
) {
    test("$name, on real sockets") {
        EventManagerGroup.builder().managers(2).spread(Spread.HAND_OVER).build().start().use { group ->
            runEventManager { body(group) }
        }
    }
    test("$name, in a virtual world") {
        virtualHost { newManager ->
            val group = EventManagerGroup.of(List(2) { newManager() }, Spread.HAND_OVER)
            body(group)
            group.close()
        }
    }
}
