package dev.meerkat.examples.interop.coroutines

import dev.meerkat.ConnectionOptions
import dev.meerkat.ListenOptions
import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.coroutines.Server
import dev.meerkat.coroutines.runEventManager
import dev.meerkat.http.Router
import java.time.Duration
import kotlin.system.exitProcess

private val PORTS = 1..65_534

/** As the interop server in Java has it: a backlog for thousands that connect at once, and time to fetch an echo. */
private val LISTEN: ListenOptions =
    ListenOptions.builder()
        .backlog(4096)
        .connection(ConnectionOptions.builder().closeTimeout(Duration.ofMinutes(10)).build())
        .build()

/**
 * The interop server once more, with suspend functions and on one loop. It serves on the loopback address until it is
 * told to end: WebSocket at the port that `PORT` names, the echo of raw TCP at the one above.
 */
fun main() {
    val port = System.getenv("PORT")?.toIntOrNull()?.takeIf { it in PORTS }
    if (port == null) {
        System.err.println("expected PORT=N, N from ${PORTS.first} to ${PORTS.last}, found ${System.getenv("PORT")}")
        exitProcess(2)
    }
    runEventManager {
        serveEcho("tcp://127.0.0.1:${port + 1}")
        manager.listen("http://127.0.0.1:$port", LISTEN, addWebSockets(Router.create()))
        println("listening on 127.0.0.1:$port (http, ws) and ${port + 1} (tcp echo)")
    }
}

/** Sends every byte back to where it came from. */
internal fun EventManagerScope.serveEcho(address: String): Server =
    serve(address, LISTEN) { connection -> connection.copyTo(connection) }
