package dev.meerkat.examples.interop.coroutines

import dev.meerkat.ConnectionOptions
import dev.meerkat.ListenOptions
import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.coroutines.Server
import dev.meerkat.coroutines.http.serveHttp
import dev.meerkat.coroutines.runEventManager
import dev.meerkat.event.Bytes
import dev.meerkat.http.HttpLimits
import dev.meerkat.http.HttpServerOptions
import dev.meerkat.http.HttpTimeouts
import dev.meerkat.http.Response
import dev.meerkat.http.Router
import io.ktor.utils.io.discard
import java.nio.file.Path
import java.time.Duration
import kotlin.system.exitProcess

private val PORTS = 1..65_534

/** As the interop server in Java has it: a backlog for thousands that connect at once, and time to fetch an echo. */
private val LISTEN: ListenOptions =
    ListenOptions.builder()
        .backlog(4096)
        .connection(ConnectionOptions.builder().closeTimeout(Duration.ofMinutes(10)).build())
        .build()

/** Limits as by default, but connections that wait for hours and bodies without end, since benchmarks have them. */
private val HTTP: HttpServerOptions =
    HttpServerOptions.builder()
        .timeouts(HttpTimeouts.builder().keepAlive(Duration.ofHours(1)).build())
        .limits(HttpLimits.builder().bodyBytes(Long.MAX_VALUE).build())
        .build()

private val HELLO: Response = Response.bytes("text/plain", Bytes.utf8("Hello, World!"))

/**
 * The interop server once more, with suspend functions and on one loop. It serves on the loopback address until it is
 * told to end: HTTP and WebSocket at the port that `PORT` names, the echo of raw TCP at the one above, in one of several
 * ways ([Echo]). `GET /file` is the file that `FILE_PATH` names.
 */
fun main() {
    val port = System.getenv("PORT")?.toIntOrNull()?.takeIf { it in PORTS }
    if (port == null) {
        System.err.println("expected PORT=N, N from ${PORTS.first} to ${PORTS.last}, found ${System.getenv("PORT")}")
        exitProcess(2)
    }
    runEventManager {
        serveEcho("tcp://127.0.0.1:${port + 1}")
        serveWeb("http://127.0.0.1:$port", System.getenv("FILE_PATH")?.let { Path.of(it) })
        println("listening on 127.0.0.1:$port (http, ws) and ${port + 1} (tcp echo)")
    }
}

/**
 * `GET /` is `Hello, World!`, `POST /upload` the number of bytes of the body, which is streamed, `GET /file` a file; and
 * the WebSockets.
 */
internal fun EventManagerScope.serveWeb(address: String, file: Path?): Server = serveHttp(address, LISTEN, HTTP) {
    get("/") { call -> call.respond(HELLO) }
    post("/upload") { call -> call.respondText(call.body.discard().toString()) }
    if (file != null) {
        get("/file") { call -> call.respondFile(file) }
    }
    mount("/", addWebSockets(Router.create()))
}

/** Sends every byte back to where it came from. */
internal fun EventManagerScope.serveEcho(address: String, echo: Echo = Echo.CHOSEN): Server =
    serve(address, LISTEN) { connection -> echo.serve(connection) }
