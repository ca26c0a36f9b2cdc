package dev.meerkat.coroutines.http

import dev.meerkat.ListenOptions
import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.coroutines.Server
import dev.meerkat.coroutines.SuspendingConnection
import dev.meerkat.http.HttpServerOptions
import dev.meerkat.http.client.ClientRequest
import dev.meerkat.http.client.ClientResponse
import dev.meerkat.http.client.HttpClient
import kotlinx.coroutines.future.await

/** Anybody's port of the loopback address, with HTTP. */
internal const val ANY_HTTP = "http://127.0.0.1:0"

/** Serves routes while a body runs, with a client of the core's; nothing is left of either afterwards. */
internal suspend fun EventManagerScope.serving(
    routes: HttpRoutes.() -> Unit,
    options: HttpServerOptions = HttpServerOptions.DEFAULT,
    body: suspend Site.() -> Unit,
) {
    val server = serveHttp(ANY_HTTP, ListenOptions.DEFAULT, options, routes)
    HttpClient.create(manager).use { client ->
        kotlinx.coroutines.withTimeout(60_000) { Site(this@serving, server, client).body() }
    }
    server.close()
    kotlinx.coroutines.withTimeout(100_000) { server.job.join() }
}

/** A server under test. */
internal class Site(val scope: EventManagerScope, val server: Server, val client: HttpClient) {
    /** Where a path of the server is. */
    fun uri(path: String) = "http://127.0.0.1:${server.port}$path"

    suspend fun ask(path: String): ClientResponse = ask(ClientRequest.get(uri(path)))

    suspend fun ask(request: ClientRequest): ClientResponse = client.send(request).await()

    /** A connection on which the test speaks HTTP itself. */
    suspend fun raw(): SuspendingConnection = scope.connect("127.0.0.1:${server.port}")

    /** Sends bytes on a connection of their own and reads all that is answered. */
    suspend fun raw(request: String): String {
        val connection = raw()
        connection.send(request)
        return connection.readAll().also { connection.close() }
    }
}

/** Reads to the end of input. */
internal suspend fun SuspendingConnection.readAll(): String {
    val all = StringBuilder()
    while (true) {
        all.append((receive() ?: break).decodeToString())
    }
    return all.toString()
}

/** Reads the head of an answer, without its last empty line. */
internal suspend fun SuspendingConnection.readHead(): List<String> {
    val lines = ArrayList<String>()
    while (true) {
        val line = receiveLine() ?: return lines
        if (line.isEmpty()) {
            return lines
        }
        lines += line
    }
}
