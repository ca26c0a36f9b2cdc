package dev.meerkat.coroutines.http

import dev.meerkat.Connection
import dev.meerkat.EventManager
import dev.meerkat.Handler
import dev.meerkat.ListenOptions
import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.coroutines.ListeningLife
import dev.meerkat.coroutines.Server
import dev.meerkat.coroutines.dispatcher
import dev.meerkat.event.Event
import dev.meerkat.event.TcpEvent
import dev.meerkat.http.HttpEvent
import dev.meerkat.http.HttpHandler
import dev.meerkat.http.HttpServer
import dev.meerkat.http.HttpServerOptions
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.launch
import kotlinx.coroutines.plus
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import kotlin.coroutines.resume

/**
 * Serves HTTP, with routes that are suspend functions: [EventManager.serveHttpIn] this scope, which therefore ends when
 * the server has ended.
 *
 * ```kotlin
 * runEventManager {
 *     serveHttp("http://127.0.0.1:8000") {
 *         get("/hello/{name}") { call -> call.respondText("Hello, ${call.path("name")}") }
 *     }
 * }
 * ```
 *
 * **Thread** the loop.
 *
 * @param address `http://host:port`, or `https://host:port` with TLS among the options; port 0 takes a free one
 * @param listen how to listen
 * @param options limits, deadlines and habits
 * @param routes adds the routes
 * @return the server, already listening
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ListenException if the address is in use, not of this host or not permitted
 * @throws IllegalArgumentException if two routes have the same method and shape, or a template is malformed
 */
public fun EventManagerScope.serveHttp(
    address: String,
    listen: ListenOptions = ListenOptions.DEFAULT,
    options: HttpServerOptions = HttpServerOptions.DEFAULT,
    routes: HttpRoutes.() -> Unit,
): Server = manager.serveHttpIn(this, address, listen, options, routes)

/**
 * Serves HTTP, with routes that are suspend functions. Each call is a child coroutine; see [HttpRoutes] for what becomes
 * of it. Returns at once.
 *
 * Closing the server stops listening, closes connections that wait for a request, and lets the others answer the one
 * that they have; then it ends.
 *
 * **Cancellation** of the scope stops listening, cancels the calls and closes the connections.
 *
 * **Thread** the loop. The calls run there too, whatever dispatcher the scope has.
 *
 * @param scope whose children the calls are
 * @param address as of [serveHttp]
 * @param listen how to listen
 * @param options limits, deadlines and habits
 * @param routes adds the routes
 * @return the server, already listening
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ListenException if the address is in use, not of this host or not permitted
 * @throws IllegalArgumentException if two routes have the same method and shape, or a template is malformed
 */
public fun EventManager.serveHttpIn(
    scope: CoroutineScope,
    address: String,
    listen: ListenOptions = ListenOptions.DEFAULT,
    options: HttpServerOptions = HttpServerOptions.DEFAULT,
    routes: HttpRoutes.() -> Unit,
): Server {
    val job = SupervisorJob(scope.coroutineContext[Job])
    val site: HttpSite
    val acceptor =
        try {
            site = HttpSite(this, supervisedRoutes(scope + job, routes))
            listen(address, listen, HttpServer.handler(options, site))
        } catch (e: RuntimeException) {
            job.cancel()
            throw e
        }
    val here = scope + job + dispatcher
    val listening = here.launch { awaitCancellation() }
    listening.invokeOnCompletion { acceptor.close() }
    val serving = here.launch { site.serveUntil(listening) }
    serving.invokeOnCompletion { job.complete() }
    job.invokeOnCompletion { acceptor.close() } // at once if the scope is over already
    val hook = onClose { listening.cancel() }
    job.invokeOnCompletion { hook.cancel() }
    return Server(acceptor, job, ListeningLife(acceptor, listening) { site.size })
}

/** The connections of a server, and what answers their requests. Loop thread. */
private class HttpSite(private val manager: EventManager, private val routes: HttpHandler) : Handler {
    private val open = HashSet<Connection>()
    private var waiting: CancellableContinuation<Unit>? = null

    val size: Int
        get() = open.size

    override fun onEvent(connection: Connection, event: Event) {
        when (event) {
            is HttpEvent.RequestReceived -> event.request().answerWith(routes)
            is TcpEvent.Opened -> open.add(connection)
            is TcpEvent.Closed -> left(connection)
            else -> Unit
        }
    }

    /** It speaks another protocol now, and is somebody else's. */
    override fun onReplaced(connection: Connection) = left(connection)

    private fun left(connection: Connection) {
        open.remove(connection)
        if (open.isEmpty()) {
            waiting?.resume(Unit)
            waiting = null
        }
    }

    /**
     * Suspends until nobody listens and the last connection is closed. Those that wait for a request are told that there
     * is no other; when it is cancelled, all are closed.
     */
    suspend fun serveUntil(listening: Job) {
        try {
            listening.join()
            if (!manager.isClosed) {
                val soon = TcpEvent.ShuttingDown(manager.runtime().time().nanoTime())
                open.toList().forEach { it.handler().onEvent(it, soon) }
            }
            awaitAllClosed()
        } finally {
            withContext(NonCancellable) {
                if (open.isNotEmpty() && !manager.isClosed) {
                    yield() // calls that are cancelled with it may still answer
                    open.toList().forEach { it.close() }
                }
                awaitAllClosed()
            }
        }
    }

    private suspend fun awaitAllClosed() {
        while (open.isNotEmpty() && !manager.isClosed) {
            suspendCancellableCoroutine { waiting = it }
        }
    }
}
