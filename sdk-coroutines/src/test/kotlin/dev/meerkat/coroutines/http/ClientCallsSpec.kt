package dev.meerkat.coroutines.http

import dev.meerkat.coroutines.now
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.coroutines.virtually
import dev.meerkat.event.Bytes
import dev.meerkat.http.Response
import dev.meerkat.http.client.ClientBody
import dev.meerkat.http.client.ClientException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.discard
import io.ktor.utils.io.readBuffer
import io.ktor.utils.io.readByteArray
import io.ktor.utils.io.writeByteArray
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.withContext
import kotlinx.io.readByteArray
import kotlin.time.Duration.Companion.seconds

private const val PIECE = 10_000
private const val PIECES = 100

class ClientCallsSpec :
    FunSpec({
        onBothArms("a request is described in a block, and its response is whole") {
            serving({
                any("/echo") { call ->
                    call.respondText("${call.method} ${call.header("X")} ${call.header("Content-Type")} ${call.text()}")
                }
            }) {
                client.get(uri("/echo")) { header("X", "y") }.text() shouldBe "GET y null "
                client.post(uri("/echo"), ClientBody.json("1")).text() shouldBe "POST null application/json 1"
                client.post(uri("/echo")) { text("t") }.text() shouldBe "POST null text/plain; charset=utf-8 t"
                client.request(uri("/echo")) {
                    method = "PUT"
                    bytes("b".encodeToByteArray(), "x/y")
                    expectContinue = true
                    timeout = 60.seconds
                }.text() shouldBe "PUT null x/y b"
                withContext(Dispatchers.Unconfined) { client.get(uri("/nowhere")).status() } shouldBe 404
            }
        }

        onBothArms("bodies are streamed up and down, whole and in order, from a block, a channel and a flow") {
            serving({
                post("/count") { call ->
                    var sum = 0L
                    while (call.body.awaitContent()) {
                        sum += call.body.readBuffer(1_000L).readByteArray().sumOf { it.toLong() }
                    }
                    call.respondText("$sum")
                }
                get("/many") { call ->
                    call.respondStream("x/y", length = (PIECE * PIECES).toLong()) {
                        repeat(PIECES) { n -> writeByteArray(ByteArray(PIECE) { n.toByte() }) }
                    }
                }
            }) {
                val expected = (0 until PIECES).sumOf { it.toLong() * PIECE }.toString()
                client.post(uri("/count")) {
                    stream { repeat(PIECES) { n -> writeByteArray(ByteArray(PIECE) { n.toByte() }) } }
                }.text() shouldBe expected
                client.post(uri("/count")) {
                    stream(ByteReadChannel(ByteArray(PIECE) { 1 }), length = PIECE.toLong())
                }.text() shouldBe "$PIECE"
                client.post(uri("/count")) {
                    stream(flow { repeat(PIECES) { n -> emit(Bytes.copyOf(ByteArray(PIECE) { n.toByte() })) } })
                }.text() shouldBe expected
                client.receive(uri("/many")) { response ->
                    response.status shouldBe 200
                    response.header("Content-Length") shouldBe "${PIECE * PIECES}"
                    repeat(PIECES) { n -> response.body.readByteArray(PIECE) shouldBe ByteArray(PIECE) { n.toByte() } }
                    response.body.awaitContent() shouldBe false
                }
            }
        }

        onBothArms("both bodies may be under way at a time") {
            serving({
                post("/echo") { call ->
                    call.respondStream("x/y") {
                        while (call.body.awaitContent()) {
                            writeByteArray(call.body.readBuffer(5L).readByteArray())
                            flush()
                        }
                    }
                }
            }) {
                val turn = CompletableDeferred<Unit>()
                client.receive(uri("/echo"), {
                    method = "POST"
                    stream {
                        writeStringUtf8("12345")
                        flush()
                        turn.await()
                        writeStringUtf8("67890")
                    }
                }) { response ->
                    response.body.readByteArray(5).decodeToString() shouldBe "12345"
                    turn.complete(Unit)
                    response.body.readByteArray(5).decodeToString() shouldBe "67890"
                    response.text() shouldBe ""
                    response.trailers shouldNotBe null
                }
            }
        }

        onBothArms("a call that is cancelled at any point ends its own exchange, and no other of the pool") {
            val gone = ArrayList<String>()
            serving({
                get("/wait") { call ->
                    try {
                        awaitCancellation()
                    } finally {
                        gone += call.path()
                    }
                }
                get("/half") { call ->
                    call.respondStream("x/y") {
                        try {
                            writeStringUtf8("half")
                            flush()
                            awaitCancellation()
                        } finally {
                            gone += call.path()
                        }
                    }
                }
                post("/up") { call ->
                    try {
                        call.body.discard()
                    } finally {
                        gone += call.path()
                    }
                }
                get("/slow") { call ->
                    delay(20)
                    call.respondText("slow")
                }
            }) {
                val other = now { client.get(uri("/slow")).text() }
                val half = CompletableDeferred<Unit>()
                val calls = listOf(
                    now { client.get(uri("/wait")) },
                    now {
                        client.receive(uri("/half")) {
                            it.body.readByteArray(4)
                            half.complete(Unit)
                            it.body.readByteArray(1)
                        }
                    },
                    now {
                        client.post(uri("/up")) {
                            stream {
                                writeStringUtf8("half")
                                flush()
                                awaitCancellation()
                            }
                        }
                    },
                )
                half.await()
                delay(5)
                calls.forEach { it.cancelAndJoin() }
                other.await() shouldBe "slow"
                while (gone.size < 3) delay(1)
                gone.sorted() shouldBe listOf("/half", "/up", "/wait")
                client.get(uri("/slow")).text() shouldBe "slow"
            }
        }

        onBothArms("a redirect is followed, and what may be collected again is sent again") {
            serving({
                any("/old") { call ->
                    call.body.discard()
                    val status = checkNotNull(call.query("status")).toInt()
                    call.respond(Response.status(status).withHeader("Location", "/new"))
                }
                any("/new") { call -> call.respondText("${call.method} ${call.text()}") }
            }) {
                client.get(uri("/old?status=302")).text() shouldBe "GET "
                client.post(uri("/old?status=303")) { text("t") }.text() shouldBe "GET "
                client.post(uri("/old?status=307")) { text("t") }.text() shouldBe "POST t"
                var collected = 0
                val source = flow {
                    collected++
                    emit(Bytes.utf8("one"))
                    emit(Bytes.utf8("two"))
                }
                client.post(uri("/old?status=308")) { stream(source, repeatable = true) }.text() shouldBe "POST onetwo"
                collected shouldBe 2
                shouldThrow<ClientException> { client.post(uri("/old?status=308")) { stream(source) } }
                collected shouldBe 3
                client.receive(uri("/old?status=302")) { "${it.uri.path} ${it.text()}" } shouldBe "/new GET "
            }
        }

        onBothArms("what a block has not read is over with it, and the connection serves the next") {
            serving({
                get("/little") { it.respondText("little") }
                get("/much") { call ->
                    call.respondStream("x/y") { while (true) writeByteArray(ByteArray(PIECE)) }
                }
            }) {
                client.receive(uri("/little")) { it.status } shouldBe 200
                client.receive(uri("/little")) { it.text() } shouldBe "little"
                val body = client.receive(uri("/much")) { it.body.also { body -> body.readByteArray(PIECE) } }
                shouldThrow<IllegalStateException> { body.discard() }
                shouldThrow<NumberFormatException> { client.receive(uri("/much")) { "x".toInt() } }
                client.get(uri("/little")).text() shouldBe "little"
            }
        }

        context("a failure") {
            test("has the kind of the client's, wherever the call is") {
                virtually {
                    serving({
                        get("/late") { delay(61_000) }
                        get("/cut") { call ->
                            call.respondStream("x/y", length = 10) {
                                writeStringUtf8("half")
                                flush()
                                delay(100) // a reset overtakes what was sent
                                call.request.connection().abort()
                            }
                        }
                    }) {
                        shouldThrow<ClientException> { client.get("http://127.0.0.1:1/") }.kind() shouldBe
                            ClientException.Kind.CONNECT_FAILED
                        shouldThrow<ClientException> {
                            client.get(uri("/late")) { timeout = 1.seconds }
                        }.kind() shouldBe
                            ClientException.Kind.CALL_TIMEOUT
                        client.receive(uri("/cut")) { response ->
                            shouldThrow<ClientException> { response.body.readByteArray(10) }.kind() shouldBe
                                ClientException.Kind.CONNECTION_LOST
                        }
                    }
                }
            }

            onBothArms("of who writes the body is the call's") {
                serving({ post("/") { it.body.discard() } }) {
                    val failure = shouldThrow<ClientException> { client.post(uri("/")) { stream { error("no more") } } }
                    failure.kind() shouldBe ClientException.Kind.PROGRAM_FAILED
                    failure.cause?.message shouldBe "no more"
                }
            }

            onBothArms("of the server in the middle of a body cancels who writes it, and the answer is heard") {
                val writer = CompletableDeferred<Throwable?>()
                serving({
                    limits(bodyBytes = 100_000) {
                        post("/") { call ->
                            call.body.discard()
                            call.respondText("never")
                        }
                    }
                }) {
                    val result = runCatching {
                        client.post(uri("/")) {
                            stream {
                                try {
                                    while (true) writeByteArray(ByteArray(PIECE))
                                } catch (e: Throwable) {
                                    writer.complete(e)
                                    throw e
                                }
                            }
                        }.status()
                    }
                    (result.getOrNull() == 413 || result.exceptionOrNull() is ClientException) shouldBe true
                    (writer.await() is CancellationException) shouldBe true
                }
            }
        }

        onBothArms("a client of the scope ends with it") {
            val clients = ArrayList<dev.meerkat.http.client.HttpClient>()
            serving({ get("/") { it.respondText("x") } }) {
                dev.meerkat.coroutines.withEventManager(scope.manager) {
                    val mine = httpClient().also { clients += it }
                    List(3) { async { mine.get(uri("/")).text() } }.awaitAll() shouldBe listOf("x", "x", "x")
                }
                shouldThrow<ClientException> { clients.single().get(uri("/")) }.kind() shouldBe
                    ClientException.Kind.CLIENT_CLOSED
            }
        }
    })
