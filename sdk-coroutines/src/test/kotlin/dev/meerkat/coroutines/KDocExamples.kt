// What the examples in the KDoc and in the documents say, word for word, so that they compile; see KDocExamplesTest. The
// layout is theirs, and so are names that nobody uses here.
@file:Suppress("ktlint", "unused", "UNUSED_VARIABLE", "RedundantSuspendModifier", "UNREACHABLE_CODE")

package dev.meerkat.coroutines.examples

import dev.meerkat.EventManagerGroup
import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.coroutines.http.HttpRoutes
import dev.meerkat.coroutines.http.ReceivedPart
import dev.meerkat.coroutines.http.get
import dev.meerkat.coroutines.http.httpClient
import dev.meerkat.coroutines.http.receive
import dev.meerkat.coroutines.http.request
import dev.meerkat.coroutines.http.serveHttp
import dev.meerkat.coroutines.http.suspendingRoutes
import dev.meerkat.coroutines.members
import dev.meerkat.coroutines.runEventManager
import dev.meerkat.coroutines.websocket.WebSocketSession
import dev.meerkat.coroutines.websocket.reconnectingWebSocket
import dev.meerkat.coroutines.websocket.sendInPieces
import dev.meerkat.coroutines.websocket.subscribe
import dev.meerkat.coroutines.websocket.suspendingWebSocketHandler
import dev.meerkat.coroutines.websocket.webSocket
import dev.meerkat.coroutines.websocket.webSocketServer
import dev.meerkat.coroutines.websocket.webSockets
import dev.meerkat.http.FileHandler
import dev.meerkat.http.Request
import dev.meerkat.http.Router
import dev.meerkat.http.ServerSentEvent
import dev.meerkat.http.client.HttpClient
import dev.meerkat.http.filter.BasicAuthentication
import dev.meerkat.topic.SubscriptionOptions
import dev.meerkat.topic.Topic
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.copyTo
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.discard
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.stateIn
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import java.nio.file.Path
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

private class Row(val name: String, val size: Int)

private class NoSuchRoom(override val message: String) : Exception(message)

private class Users {
    fun know(request: Request): Boolean = request.head().headers().contains("Authorization")
}

private val accounts = mapOf("name" to "password")
private val notes = ArrayList<String>()
private val users = Users()

private fun note(text: String) = text

/** What the examples take for granted, and where each stands. */
private abstract class Given {
    abstract val rows: Flow<Row>
    abstract val ticks: Flow<String>
    abstract val room: Topic
    abstract val file: ByteWriteChannel
    abstract val group: EventManagerGroup
    abstract val client: HttpClient

    abstract fun file(part: ReceivedPart): ByteWriteChannel

    fun theReadme() {
        fun main() = runEventManager {
            val room = topic<String>("room")
            serve("tcp://127.0.0.1:7000") { connection ->
                launch { room.subscribe().collect { connection.send("$it\n") } }
                withTimeoutOrNull(30.minutes) { connection.lines().collect { room.publish(it) } }
            }
        }
    }

    fun thePageOnCoroutines() {
        runEventManager {
            serveHttp("http://127.0.0.1:8000") {
                get("/hello/{name}") { call -> call.respondText("Hello, ${call.path("name")}") }
                post("/upload") { call -> call.respondText(call.parts().map { it.body.discard() }.toList().toString()) }
                webSocket("/chat") { for (message in incoming) send(message) }
            }
        }
    }

    fun thePageOnHttp() {
        runEventManager {
            serveHttp("http://127.0.0.1:8000") {
                get("/hello/{name}") { call -> call.respondText("Hello, ${call.path("name")}") }
                post("/upload") { call -> call.parts().collect { part -> part.body.copyTo(file(part)) } }
                get("/ticks") { call -> call.respondEvents(ticks.map { ServerSentEvent.of(it) }) }
                authenticate(BasicAuthentication.of("the office", accounts)) {
                    limits(bodyBytes = 10_000, timeout = 5.seconds) { post("/notes") { call -> call.respondText(note(call.text())) } }
                }
                onError<NoSuchRoom> { call, failure -> call.respondText("no room ${failure.message}", status = 404) }
                mount("/static", FileHandler.of(Path.of("public")))
            }
            val client = httpClient()
            client.receive("http://127.0.0.1:8000/big") { response -> response.body.copyTo(file) }
        }
    }

    suspend fun EventManagerScope.thePageOnWebSocket() {
        serveHttp("http://127.0.0.1:8000") { webSocket("/chat") { for (message in incoming) send(message) } }     // suspends when the peer is slow
        webSocket("ws://127.0.0.1:8000/chat") { send("hello"); check(incoming.receive().text() == "hello") }
    }

    suspend fun EventManagerScope.topics() {
        val members = room.members(manager).stateIn(this)           // a StateFlow
    }

    fun firstRequest() {
        runEventManager {
            val client = httpClient()
            println(client.get("http://127.0.0.1:8000/").text())
        }
    }

    suspend fun requests() {
        val response = client.request("http://127.0.0.1:8000/notes") {
            method = "PUT"
            header("If-None-Match", "*")
            text("remember the milk")
            timeout = 5.seconds
        }
        client.receive("http://127.0.0.1:8000/big") { response ->
            check(response.status == 200)
            response.body.copyTo(file)
        }
    }

    fun HttpRoutes.calls() {
        post("/upload") { call ->
            val sizes = call.parts().map { part -> part.name to part.body.discard() }.toList()
            call.respondText(sizes.toString())
        }
        get("/rows") { call ->
            call.respondStream("text/csv") {
                rows.collect { writeStringUtf8("${it.name},${it.size}\r\n") }
            }
        }
        webSocket("/chat") {
            subscribe(room, SubscriptionOptions.builder().member(path("name")).build())
            for (message in incoming) room.publish(message)
        }
    }

    fun EventManagerScope.routes() {
        serveHttp("http://127.0.0.1:8000") {
            get("/hello/{name}") { call -> call.respondText("Hello, ${call.path("name")}") }
            authenticate(BasicAuthentication.of("the office", accounts)) {
                limits(bodyBytes = 10_000, timeout = 5.seconds) {
                    post("/notes") { call -> notes += call.text(); call.respondStatus(201) }
                }
            }
            onError<NoSuchRoom> { call, failure -> call.respondText(failure.message, status = 404) }
            mount("/static", FileHandler.of(Path.of("public")))
        }
    }

    fun groups(scope: CoroutineScope) {
        group.listen("http://127.0.0.1:8000", suspendingRoutes(scope) { get("/") { call -> call.respondText("hello") } })
    }

    fun firstServer() {
        runEventManager {
            serveHttp("http://127.0.0.1:8000") {
                get("/hello/{name}") { call -> call.respondText("Hello, ${call.path("name")}") }
            }
        }
    }

    suspend fun WebSocketSession.pieces() {
        sendInPieces(text = true) { rows.collect { write("$it\n") } }
    }

    suspend fun EventManagerScope.comingBack() {
        manager.webSockets("wss://example.com/feed").collect { session ->
            session.send("subscribe meerkats")
            for (message in session.incoming) println(message.text())
        }
        reconnectingWebSocket("wss://example.com/feed", onOpen = { send("subscribe meerkats") }) {
            launch { for (message in incoming) println(message.text()) }
            send("hello")                                          // now, or on the next connection
        }
    }

    fun EventManagerScope.webSocketServers() {
        manager.listen("http://127.0.0.1:8000", Router.create()
            .webSocket("/chat", suspendingWebSocketHandler(this) { for (message in incoming) send(message) }))
        val server = webSocketServer(this) {
            origins("https://example.com")
            onHandshake { if (users.know(it.request())) it.accept() else it.refuse(401, "who are you?") }
            protocol("chat.v2") { for (message in incoming) send(message) }
            session { send("chat.v1 is no more") }
        }
    }
}
