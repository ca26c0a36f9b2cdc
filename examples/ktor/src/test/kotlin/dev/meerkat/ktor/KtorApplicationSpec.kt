package dev.meerkat.ktor

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import io.ktor.client.plugins.sse.SSE
import io.ktor.client.plugins.sse.sse
import io.ktor.client.plugins.websocket.WebSockets
import io.ktor.client.plugins.websocket.webSocket
import io.ktor.client.request.get
import io.ktor.client.request.head
import io.ktor.client.request.header
import io.ktor.client.request.post
import io.ktor.client.request.prepareGet
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.bodyAsText
import io.ktor.http.ContentType
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.application.install
import io.ktor.server.engine.embeddedServer
import io.ktor.server.plugins.origin
import io.ktor.server.request.contentLength
import io.ktor.server.request.receiveChannel
import io.ktor.server.request.receiveParameters
import io.ktor.server.response.header
import io.ktor.server.response.respond
import io.ktor.server.response.respondBytes
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondRedirect
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.head
import io.ktor.server.routing.post
import io.ktor.server.routing.route
import io.ktor.server.routing.routing
import io.ktor.server.websocket.webSocket
import io.ktor.sse.ServerSentEvent
import io.ktor.utils.io.copyTo
import io.ktor.utils.io.readByte
import io.ktor.utils.io.toByteArray
import io.ktor.utils.io.writeStringUtf8
import io.ktor.websocket.Frame
import io.ktor.websocket.readText
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.channels.consumeEach
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import io.ktor.server.sse.SSE as ServerEvents
import io.ktor.server.sse.sse as serveEvents
import io.ktor.server.websocket.WebSockets as ServerWebSockets

private const val MEGABYTE = 1_000_000

/** Runs a Ktor application on a port of its own, and a client that somebody else wrote. */
private suspend fun served(
    application: Application.() -> Unit,
    body: suspend (client: HttpClient, at: String) -> Unit,
) {
    val server = embeddedServer(Meerkat, port = 0, host = "127.0.0.1", module = application)
    server.startSuspend()
    try {
        val port = server.engine.resolvedConnectors().single().port
        HttpClient(CIO) {
            install(WebSockets)
            install(SSE)
        }.use { body(it, "127.0.0.1:$port") }
    } finally {
        server.stopSuspend(1_000, 1_000)
    }
}

class KtorApplicationSpec :
    FunSpec({
        test("routes, parameters, forms and fields are those of Ktor") {
            served({
                routing {
                    route("/users/{name}") {
                        get { call.respondText("${call.parameters["name"]} ${call.request.queryParameters["q"]}") }
                        post {
                            val form = call.receiveParameters()
                            call.response.header("X-Form", form["field"].orEmpty())
                            call.respondText("made", status = HttpStatusCode.Created)
                        }
                    }
                    get("/where") {
                        val origin = call.request.origin
                        call.respondText("${origin.scheme} ${origin.serverHost} ${origin.remoteAddress} ${origin.uri}")
                    }
                    get("/away") { call.respondRedirect("/where") }
                }
            }) { client, at ->
                client.get("http://$at/users/J%C3%BCrgen?q=a+b").bodyAsText() shouldBe "Jürgen a b"
                val made = client.post("http://$at/users/x") {
                    header(HttpHeaders.ContentType, ContentType.Application.FormUrlEncoded.toString())
                    setBody("field=one+two")
                }
                made.status shouldBe HttpStatusCode.Created
                made.headers["X-Form"] shouldBe "one two"
                client.get("http://$at/where?x=1").bodyAsText() shouldBe "http 127.0.0.1 127.0.0.1 /where?x=1"
                client.get("http://$at/away").bodyAsText() shouldBe "http 127.0.0.1 127.0.0.1 /where"
                client.get("http://$at/nowhere").status shouldBe HttpStatusCode.NotFound
            }
        }

        test("a HEAD is answered with the length and no body") {
            served({
                routing {
                    head("/page") {
                        call.response.header(HttpHeaders.ContentLength, "5")
                        call.respond(HttpStatusCode.OK)
                    }
                }
            }) { client, at ->
                val answer = client.head("http://$at/page")
                answer.status shouldBe HttpStatusCode.OK
                answer.headers[HttpHeaders.ContentLength] shouldBe "5"
                client.get("http://$at/page").status shouldBe HttpStatusCode.MethodNotAllowed
            }
        }

        test("bodies stream both ways, with a length and without") {
            served({
                routing {
                    post("/echo") {
                        val body = call.receiveChannel()
                        call.respondBytesWriter(contentLength = call.request.contentLength()) { body.copyTo(this) }
                    }
                    get("/pieces") {
                        call.respondBytesWriter {
                            repeat(3) {
                                writeStringUtf8("piece $it\n")
                                flush()
                            }
                        }
                    }
                    get("/bytes") { call.respondBytes(ByteArray(MEGABYTE) { it.toByte() }) }
                }
            }) { client, at ->
                val bytes = ByteArray(5 * MEGABYTE) { it.toByte() }
                val echo = client.post("http://$at/echo") { setBody(bytes) }
                echo.headers[HttpHeaders.ContentLength] shouldBe bytes.size.toString()
                echo.bodyAsChannel().toByteArray() shouldBe bytes
                val pieces = client.get("http://$at/pieces")
                pieces.headers[HttpHeaders.TransferEncoding] shouldBe "chunked"
                pieces.bodyAsText() shouldBe "piece 0\npiece 1\npiece 2\n"
                client.get("http://$at/bytes").bodyAsChannel().toByteArray() shouldBe
                    ByteArray(MEGABYTE) { it.toByte() }
            }
        }

        test("a failure is answered by Ktor's rules, and others are served on") {
            served({ routing { get("/fail") { error("on purpose") } } }) { client, at ->
                repeat(2) { client.get("http://$at/fail").status shouldBe HttpStatusCode.InternalServerError }
            }
        }

        test("a call is cancelled when its client goes away") {
            val begun = CompletableDeferred<Unit>()
            val cancelled = CompletableDeferred<Unit>()
            served({
                routing {
                    get("/endless") {
                        call.respondBytesWriter {
                            try {
                                writeStringUtf8("x")
                                flush()
                                begun.complete(Unit)
                                awaitCancellation()
                            } finally {
                                cancelled.complete(Unit)
                            }
                        }
                    }
                }
            }) { client, at ->
                client.prepareGet("http://$at/endless").execute { response ->
                    response.bodyAsChannel().readByte() shouldBe 'x'.code.toByte()
                    begun.await()
                }
                client.close()
                cancelled.await()
            }
        }

        test("WebSockets of Ktor work over an upgraded connection") {
            served({
                install(ServerWebSockets)
                routing {
                    webSocket("/echo") {
                        incoming.consumeEach { frame -> if (frame is Frame.Text) send(Frame.Text(frame.readText())) }
                    }
                }
            }) { client, at ->
                client.webSocket("ws://$at/echo") {
                    repeat(100) {
                        send(Frame.Text("message $it"))
                        (incoming.receive() as Frame.Text).readText() shouldBe "message $it"
                    }
                }
            }
        }

        test("server-sent events of Ktor arrive one by one") {
            served({
                install(ServerEvents)
                routing { serveEvents("/events") { repeat(3) { send(ServerSentEvent("event $it")) } } }
            }) { client, at ->
                client.sse("http://$at/events") {
                    incoming.map { it.data }.take(3).toList() shouldContainExactly
                        listOf("event 0", "event 1", "event 2")
                }
            }
        }

        test("a body that a call leaves unread does not stop the next call of its connection") {
            served({
                routing {
                    post("/ignore") { call.respondText("ignored") }
                    get("/next") { call.respondText("next") }
                }
            }) { client, at ->
                client.post("http://$at/ignore") { setBody(ByteArray(MEGABYTE)) }.bodyAsText() shouldBe "ignored"
                client.get("http://$at/next").bodyAsText() shouldBe "next"
            }
        }
    })
