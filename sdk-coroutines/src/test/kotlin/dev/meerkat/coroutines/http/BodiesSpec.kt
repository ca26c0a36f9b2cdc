package dev.meerkat.coroutines.http

import dev.meerkat.ConnectionOptions
import dev.meerkat.ListenOptions
import dev.meerkat.ManagerOptions
import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.coroutines.runEventManager
import dev.meerkat.coroutines.virtually
import dev.meerkat.event.Bytes
import dev.meerkat.http.EventStreamOptions
import dev.meerkat.http.HttpException
import dev.meerkat.http.HttpRule
import dev.meerkat.http.ServerSentEvent
import dev.meerkat.http.client.ClientBody
import dev.meerkat.http.client.ClientRequest
import dev.meerkat.multipart.MultipartBody
import dev.meerkat.multipart.MultipartError
import dev.meerkat.multipart.MultipartException
import dev.meerkat.multipart.MultipartLimits
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import io.ktor.utils.io.copyTo
import io.ktor.utils.io.discard
import io.ktor.utils.io.readBuffer
import io.ktor.utils.io.readByteArray
import io.ktor.utils.io.writeByteArray
import io.ktor.utils.io.writeFully
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.consumeAsFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.onCompletion
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.nio.file.Files
import java.time.Duration
import java.util.Random
import kotlin.time.Duration.Companion.milliseconds

private fun EventManagerScope.multipart(build: MultipartBody.Builder.() -> Unit): ClientBody {
    val body = MultipartBody.builder().apply(build).build(Random(1))
    return ClientBody.stream(body.contentType(), body.length(), body::producer)
}

class BodiesSpec :
    FunSpec({
        context("a body in memory") {
            onBothArms("is bytes, text and a form, within its limit and not above") {
                serving({
                    post("/bytes") { call -> call.respondBytes(call.bytes(10), "x/y") }
                    limits(bodyBytes = 10) { post("/text") { call -> call.respondText(call.text()) } }
                    post("/form") { call -> call.respondText(call.form().first("a").orElse("none")) }
                    post("/twice") { call -> call.respondText(call.text() + call.text()) }
                }) {
                    for (path in listOf("/bytes", "/text")) {
                        client.post(uri(path), ClientBody.text("0123456789")).text() shouldBe "0123456789"
                        client.post(uri(path), ClientBody.text("0123456789a")).status() shouldBe 413
                        client.post(uri(path)) { stream { writeStringUtf8("0123456789") } }.text() shouldBe "0123456789"
                        client.post(uri(path)) { stream { writeStringUtf8("0123456789a") } }.status() shouldBe 413
                    }
                    client.post(uri("/form")) { text("a=b%20c", "application/x-www-form-urlencoded") }.text() shouldBe
                        "b c"
                    client.post(uri("/form")) { text("a") }.status() shouldBe 415
                    client.post(uri("/twice")) { text("ab") }.text() shouldBe "abab"
                    client.post(uri("/twice")) { }.text() shouldBe ""
                }
            }

            onBothArms("goes on arriving though who waited for it was cancelled") {
                val given = CompletableDeferred<Unit>()
                serving({
                    post("/") { call ->
                        val early = withTimeoutOrNull(1.milliseconds) { call.text() }
                        given.complete(Unit)
                        call.respondText("$early ${call.text()}")
                    }
                }) {
                    val connection = raw()
                    connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nab")
                    given.await()
                    connection.send("cd")
                    connection.readAll() shouldEndWith "null abcd"
                    connection.close()
                }
            }
        }

        context("a body that is written") {
            test("goes on though one who wrote was cancelled from elsewhere") {
                runEventManager {
                    val cancelled = CompletableDeferred<Unit>()
                    serving({
                        get("/") { call ->
                            call.respondStream("text/plain") {
                                val first = launch(start = CoroutineStart.UNDISPATCHED) {
                                    writeFully(ByteArray(20_000_000))
                                }
                                withContext(Dispatchers.Default) { first.cancel() }
                                cancelled.complete(Unit)
                                writeStringUtf8("the end")
                            }
                        }
                    }) {
                        val connection = raw()
                        connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        cancelled.await()
                        connection.readAll() shouldContain "the end"
                        connection.close()
                    }
                }
            }

            test("from one that the peer breaks off is nobody's failure") {
                val reports = ArrayList<Throwable>()
                val options = ManagerOptions.builder().errorHook { _, _, failure -> reports += failure }.build()
                runEventManager(options) {
                    val ended = CompletableDeferred<Unit>()
                    serving({
                        post("/") { call ->
                            try {
                                call.respondStream("text/plain") { call.body.copyTo(this) }
                            } finally {
                                ended.complete(Unit)
                            }
                        }
                    }) {
                        val connection = raw()
                        connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
                        connection.receive()
                        connection.abort()
                        ended.await()
                    }
                }
                reports.shouldBeEmpty()
            }
        }

        context("a body as it comes") {
            onBothArms("may be as long as its limit, and not longer, whether that was announced or not") {
                val rules = ArrayList<HttpRule>()
                serving({
                    limits(bodyBytes = 100_000) {
                        post("/") { call ->
                            val count = try {
                                call.body.discard()
                            } catch (e: HttpException) {
                                rules += e.error().rule()
                                throw e
                            }
                            call.respondText("$count")
                        }
                    }
                }) {
                    val fits = Bytes.copyOf(ByteArray(100_000))
                    val longer = Bytes.copyOf(ByteArray(100_001))
                    client.post(uri("/"), ClientBody.bytes("x/y", fits)).text() shouldBe "100000"
                    client.post(uri("/"), ClientBody.bytes("x/y", longer)).status() shouldBe 413
                    client.post(uri("/")) { stream(flow { emit(fits) }) }.text() shouldBe "100000"
                    client.post(uri("/")) { stream(flow { emit(longer) }) }.status() shouldBe 413
                    rules shouldContainExactly listOf(HttpRule.BODY_TOO_LARGE, HttpRule.BODY_TOO_LARGE)
                }
            }

            onBothArms("is not read ahead of its reader by more than the mark and the connection's buffers") {
                val go = CompletableDeferred<Unit>()
                val options = ConnectionOptions.builder().receiveLimit(64_000).build()
                var sent = 0L
                val server = serveHttp(ANY_HTTP, ListenOptions.builder().connection(options).build()) {
                    post("/") { call ->
                        call.body.readByteArray(1)
                        go.await()
                        call.respondText("${call.body.discard() + 1}")
                    }
                }
                val near = connect("127.0.0.1:${server.port}")
                near.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\nConnection: close\r\n\r\n")
                while (sent < 50_000_000) {
                    withTimeoutOrNull(50.milliseconds) { near.send(ByteArray(100_000)) } ?: break
                    sent += 100_000
                }
                (sent < 50_000_000) shouldBe true
                go.complete(Unit)
                while (sent < 50_000_000) {
                    near.send(ByteArray(100_000))
                    sent += 100_000
                }
                near.readAll() shouldEndWith "50000000"
                near.close()
                server.close()
                server.job.join()
            }

            onBothArms("that nobody reads to its end is thrown away, and the connection goes on or closes") {
                serving({
                    post("/some") { call -> call.respondText(call.body.readByteArray(2).decodeToString()) }
                    post("/none") { call ->
                        call.body
                        call.respondText("none")
                    }
                    get("/") { it.respondText("next") }
                }) {
                    for (path in listOf("/some", "/none")) {
                        val connection = raw()
                        connection.send("POST $path HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab")
                        connection.readHead().first() shouldBe "HTTP/1.1 200 OK"
                        connection.send(ByteArray(998))
                        connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        connection.readAll() shouldEndWith "next"
                        connection.close()
                    }
                    val connection = raw()
                    connection.send("POST /some HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\nab")
                    val closing = connection.readHead()
                    closing.first() shouldBe "HTTP/1.1 200 OK"
                    val end = runCatching {
                        repeat(4) { connection.send(ByteArray(100_000)) } // more than is thrown away
                        connection.readAll()
                    }
                    (end.getOrNull() ?: "ab") shouldBe "ab"
                    connection.abort()
                }
            }

            onBothArms("that breaks off fails its reader, cancels the call, and is nobody's bug") {
                val failure = CompletableDeferred<Throwable>()
                val ended = CompletableDeferred<Unit>()
                serving({
                    post("/") { call ->
                        try {
                            call.body.discard()
                        } catch (e: Throwable) {
                            failure.complete(e)
                            throw e
                        }
                    }
                    get("/elsewhere") {
                        try {
                            awaitCancellation()
                        } finally {
                            ended.complete(Unit)
                        }
                    }
                }) {
                    val connection = raw()
                    connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab")
                    delay(5)
                    connection.abort()
                    (failure.await() as HttpException).error().rule() shouldBe HttpRule.INCOMPLETE_MESSAGE
                    val second = raw()
                    second.send("GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n")
                    delay(5)
                    second.abort()
                    ended.await()
                }
            }
        }

        context("parts") {
            onBothArms("come one after the other, each with its data; what is not read is skipped") {
                serving({
                    post("/") { call ->
                        val seen = call.parts().map { part ->
                            when (part.name) {
                                "skip" -> "skipped"
                                "big" -> "${part.fileName} ${part.contentType} ${part.body.discard()}"
                                else -> "${part.name}=${part.text()}"
                            }
                        }.toList()
                        call.respondText(seen.toString())
                    }
                }) {
                    val body = scope.multipart {
                        field("a", "1")
                        part("skip", "s", "x/y", Bytes.copyOf(ByteArray(300_000)))
                        part("big", "b", "x/z", Bytes.copyOf(ByteArray(300_001)))
                        field("z", "")
                    }
                    client.post(uri("/"), body).text() shouldBe "[a=1, skipped, b x/z 300001, z=]"
                    client.post(uri("/"), scope.multipart { }).text() shouldBe "[]"
                }
            }

            onBothArms("end early if the collector does, and their data is over with them") {
                serving({
                    post("/first") { call ->
                        val first = call.parts().first()
                        call.respondText("${first.name} ${runCatching { first.body.discard() }.isFailure}")
                    }
                    post("/late") { call ->
                        val kept = call.parts().toList()
                        call.respondText("${kept.size} ${runCatching { kept.first().text() }.isFailure}")
                    }
                }) {
                    val body = scope.multipart {
                        part("a", "f", "x/y", Bytes.copyOf(ByteArray(200_000)))
                        field("b", "2")
                    }
                    client.post(uri("/first"), body).text() shouldBe "a true"
                    client.post(uri("/late"), body).text() shouldBe "2 true"
                }
            }

            onBothArms("fail by their kind: what is no multipart, a limit, a body that breaks off") {
                val kinds = ArrayList<MultipartError.Kind>()
                serving({
                    limits(parts = MultipartLimits.builder().maxPartBytes(10).build()) {
                        post("/") { call ->
                            try {
                                call.parts().collect { it.body.discard() }
                                call.respondText("fine")
                            } catch (e: MultipartException) {
                                kinds += e.error().kind()
                                throw e
                            }
                        }
                    }
                    limits(bodyBytes = 500) { post("/small") { call -> call.parts().collect { } } }
                }) {
                    client.post(uri("/"), scope.multipart { field("a", "0123456789") }).text() shouldBe "fine"
                    client.post(uri("/"), scope.multipart { field("a", "0123456789a") }).status() shouldBe 413
                    client.post(uri("/"), ClientBody.text("x")).status() shouldBe 415
                    client.post(uri("/small"), scope.multipart { field("a", "b".repeat(500)) }).status() shouldBe 413
                    kinds shouldContainExactly
                        listOf(MultipartError.Kind.PART_TOO_LARGE, MultipartError.Kind.UNSUPPORTED)
                    val connection = raw()
                    connection.send(
                        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n" +
                            "Content-Length: 1000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n12",
                    )
                    delay(5)
                    connection.abort()
                    while (kinds.size < 3) delay(1)
                    kinds.last() shouldBe MultipartError.Kind.MESSAGE_FAILED
                }
            }
        }

        context("an answer that is written") {
            onBothArms("holds its writer back while the peer reads nothing, and goes when the peer goes") {
                var written = 0
                val ended = CompletableDeferred<Throwable>()
                serving({
                    get("/") { call ->
                        call.respondStream("x/y") {
                            try {
                                while (true) {
                                    writeByteArray(ByteArray(10_000))
                                    written++
                                }
                            } catch (e: Throwable) {
                                ended.complete(e)
                                throw e
                            }
                        }
                    }
                }) {
                    val connection = raw()
                    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    connection.readHead()
                    var before = -1
                    while (before != written) {
                        before = written
                        delay(50)
                    }
                    connection.abort()
                    (ended.await() is CancellationException) shouldBe true
                }
            }

            onBothArms("is chunked without a length, whole with one, and nothing for HEAD") {
                var runs = 0
                serving({
                    get("/") { call ->
                        call.respondStream("text/plain", status = 201) {
                            runs++
                            writeStringUtf8("one")
                            flush()
                            writeStringUtf8("two")
                        }
                    }
                    get("/empty") { call -> call.respondStream("text/plain") { } }
                }) {
                    raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") shouldEndWith
                        "\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
                    ask(ClientRequest.of("HEAD", uri("/"))).status() shouldBe 201
                    runs shouldBe 1
                    ask("/empty").text() shouldBe ""
                }
            }

            onBothArms("that fails in the middle is cut off, and so is one of another length") {
                for (length in listOf(-1L, 100L)) {
                    val ended = CompletableDeferred<Unit>()
                    serving({
                        get("/") { call ->
                            try {
                                call.respondStream("text/plain", length) {
                                    writeStringUtf8("half")
                                    flush()
                                    if (length < 0) throw CancellationException("no more")
                                }
                            } catch (_: IllegalStateException) {
                                ended.complete(Unit)
                            }
                        }
                    }) {
                        val connection = raw()
                        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                        runCatching { connection.readAll() }.isFailure shouldBe true
                        ended.await()
                        connection.close()
                    }
                }
            }

            onBothArms("may be a file") {
                val file = Files.createTempFile("meerkat", ".txt")
                Files.writeString(file, "0123456789")
                serving({ get("/") { it.respondFile(file) } }) {
                    ask("/").text() shouldBe "0123456789"
                    val part = ask(ClientRequest.get(uri("/")).withHeader("Range", "bytes=2-3"))
                    "${part.status()} ${part.text()}" shouldBe "206 23"
                }
                Files.delete(file)
            }
        }

        context("events") {
            onBothArms("are those of a flow, which is cancelled when the peer goes") {
                val ticks = Channel<String>()
                val ended = CompletableDeferred<Throwable?>()
                serving({
                    get("/") { call ->
                        val events = ticks.consumeAsFlow().map { ServerSentEvent.of(it) }
                        call.respondEvents(events.onCompletion { ended.complete(it) })
                    }
                    get("/three") { call ->
                        call.respondEvents(flow { repeat(3) { emit(ServerSentEvent.of("$it").withId("$it")) } })
                    }
                }) {
                    val all = ask("/three")
                    all.header("Content-Type").get() shouldBe "text/event-stream"
                    all.text() shouldBe "data: 0\nid: 0\n\ndata: 1\nid: 1\n\ndata: 2\nid: 2\n\n"
                    val connection = raw()
                    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    connection.readHead().first() shouldBe "HTTP/1.1 200 OK"
                    ticks.send("tick")
                    connection.receiveLine()
                    connection.receiveLine() shouldBe "data: tick"
                    connection.abort()
                    (ended.await() is CancellationException) shouldBe true
                }
            }

            test("have comments between them in a silence, and nowhere else") {
                virtually {
                    val options = EventStreamOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(10))
                    serving({
                        get("/") { call ->
                            val events = flow {
                                delay(25_000)
                                emit(ServerSentEvent.of("late"))
                            }
                            call.respondEvents(events, options)
                        }
                    }) {
                        val text = ask("/").text()
                        text.split("\n\n").map { it.trim() } shouldBe listOf(":", ":", "data: late", "")
                    }
                }
            }
        }

        onBothArms("a connection that is upgraded is a suspending one, with what came behind the request") {
            serving({
                get("/") { call ->
                    call.respondUpgrade("echo") { connection ->
                        connection.lines().collect { connection.send("$it!\n") }
                    }
                }
            }) {
                val connection = raw()
                connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfirst\n")
                connection.readHead().first() shouldStartWith "HTTP/1.1 101"
                connection.receiveLine() shouldBe "first!"
                connection.send("second\n")
                connection.receiveLine() shouldBe "second!"
                connection.close()
                ask("/").status() shouldBe 426
            }
        }
    })
