package dev.meerkat.coroutines.http

import dev.meerkat.EventManager
import dev.meerkat.coroutines.SuspendingConnection
import dev.meerkat.coroutines.dispatcher
import dev.meerkat.coroutines.suspendingHandler
import dev.meerkat.event.Bytes
import dev.meerkat.http.EventStreamOptions
import dev.meerkat.http.FileHandler
import dev.meerkat.http.Headers
import dev.meerkat.http.HttpHandler
import dev.meerkat.http.Parameters
import dev.meerkat.http.Request
import dev.meerkat.http.RequestHead
import dev.meerkat.http.Response
import dev.meerkat.http.ServerSentEvent
import dev.meerkat.multipart.MultipartLimits
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.future.await
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.nio.file.Path

/**
 * A request and the way to answer it, once. What is read of the head costs nothing until it is asked for; the body stays
 * with the peer until somebody reads it.
 *
 * Everything may be called from any coroutine of the call, on any dispatcher. What nobody has read of the body when the
 * call ends is thrown away within bounds; beyond them the connection closes.
 */
@HttpDsl
public class HttpCall internal constructor(
    /** The request beneath, for all that has no suspend form. It belongs to the loop thread. */
    public val request: Request,
    calls: Calls,
    private val settings: CallSettings,
) {
    private val answering = Answering(this, calls, settings)
    private val lazyIncoming = lazy { IncomingBody(request, settings.bodyBytes) }
    private val incoming by lazyIncoming

    internal val manager: EventManager
        get() = request.connection().manager()

    // ---------------------------------------------------------------- the head

    /** The head as it was received. */
    public val head: RequestHead
        get() = request.head()

    /** The method, for example `GET`. */
    public val method: String
        get() = request.method()

    /** The header fields. */
    public val headers: Headers
        get() = head.headers()

    /** The cookies that the peer sent, the first of each name; malformed ones are left out. */
    public val cookies: Map<String, String>
        get() = request.cookies()

    /**
     * The parameters of the query, decoded.
     *
     * @throws dev.meerkat.http.ResponseException with 400 if the query is malformed
     */
    public val query: Parameters
        get() = request.query()

    /**
     * The path of the target, decoded.
     *
     * @return the path, beginning with a slash
     * @throws dev.meerkat.http.ResponseException with 400 if an escape is malformed
     */
    public fun path(): String = request.path()

    /**
     * What the route's template captured.
     *
     * @param name the name in braces
     * @return the captured text, decoded
     * @throws IllegalArgumentException if the template captures no such name
     */
    public fun path(name: String): String = request.path(name)

    /**
     * The first parameter of the query with a name.
     *
     * @param name the decoded name
     * @return its decoded value, or null
     * @throws dev.meerkat.http.ResponseException with 400 if the query is malformed
     */
    public fun query(name: String): String? = request.query(name).orElse(null)

    /**
     * The first value of a field.
     *
     * @param name the name of the field, in any case
     * @return its value, or null
     */
    public fun header(name: String): String? = request.header(name).orElse(null)

    /**
     * What a filter has remembered, for instance an [AuthenticatedUser][dev.meerkat.http.filter.AuthenticatedUser].
     *
     * **Thread** the loop.
     *
     * @return the value, or null
     */
    public inline fun <reified T : Any> attribute(): T? = request.attribute(T::class.java).orElse(null)

    // ---------------------------------------------------------------- the body

    /**
     * The whole body.
     *
     * **Suspends** until it is here.
     *
     * **Cancellation** of one who waits lets the body arrive: the next call of this finds it.
     *
     * **Thread** any.
     *
     * @param limit the most bytes to keep in memory; by default the route's limit, or else the server's
     *     [bufferedBodyBytes][dev.meerkat.http.HttpLimits.bufferedBodyBytes]. The first call says
     * @return its bytes, none if there is no body
     * @throws dev.meerkat.http.ResponseException with 413 if it is longer, or with the status of what the peer did wrong
     * @throws IllegalStateException if it is read in another way already
     */
    public suspend fun bytes(limit: Int? = null): Bytes {
        val whole = onLoop(manager) { incoming.gather(limit) }
        return whole.await()
    }

    /**
     * The whole body as text, in the charset of its content type, or else in UTF-8. Otherwise as [bytes].
     *
     * **Suspends** until it is here.
     *
     * **Cancellation** and **Thread** as of [bytes].
     *
     * @param limit as of [bytes]
     * @return the text
     * @throws dev.meerkat.http.ResponseException with 415 if the charset is not known here, with 400 if the bytes are not
     *     of it; otherwise as of [bytes]
     */
    public suspend fun text(limit: Int? = null): String {
        bytes(limit)
        return onLoop(manager) { request.text() }
    }

    /**
     * The whole body as a form (application/x-www-form-urlencoded). Forms with files are [parts].
     *
     * **Suspends** until it is here.
     *
     * **Cancellation** and **Thread** as of [bytes].
     *
     * @param limit as of [bytes]
     * @return the decoded parameters in their order
     * @throws dev.meerkat.http.ResponseException with 415 if it is of another type, with 400 if it is malformed;
     *     otherwise as of [bytes]
     */
    public suspend fun form(limit: Int? = null): Parameters {
        bytes(limit)
        return onLoop(manager) { request.form() }
    }

    /**
     * The body as it comes. Asking for it is what has it sent: a peer that expects `100-continue` is told to go on. Up
     * to 64 KiB are read ahead, then TCP holds the peer back. If the body breaks off, is malformed or longer than the
     * route's limit, reading throws an [HttpException][dev.meerkat.http.HttpException].
     *
     * **Thread** any; one reader at a time.
     *
     * @throws IllegalStateException when it is read, if it is read in another way already
     */
    public val body: ByteReadChannel
        get() = incoming.open()

    /**
     * The parts of a multipart body (RFC 7578), each as it comes. A part's [body][ReceivedPart.body] can be read until
     * the collector is asked for the next; what it has not read is skipped. If the collector stops early the rest is
     * thrown away.
     *
     * ```kotlin
     * post("/upload") { call ->
     *     val sizes = call.parts().map { part -> part.name to part.body.discard() }.toList()
     *     call.respondText(sizes.toString())
     * }
     * ```
     *
     * **Suspends** the collector until the head of the next part is here.
     *
     * **Cancellation** gives the rest of the body up.
     *
     * **Thread** any.
     *
     * @param limits of the body; by default the route's. The route's limit of bodies holds besides
     * @return a flow for one collector, which fails with a
     *     [MultipartException][dev.meerkat.multipart.MultipartException] if the body is not multipart, breaks a rule or a
     *     limit, or breaks off
     */
    public fun parts(limits: MultipartLimits? = null): Flow<ReceivedPart> =
        receivedParts(request, (limits ?: settings.parts).within(settings.bodyBytes))

    // ---------------------------------------------------------------- answers

    /** Whether an answer was given. */
    public val isAnswered: Boolean
        get() = answering.isAnswered

    /**
     * Answers.
     *
     * **Thread** any. Returns at once.
     *
     * @param response any answer of the core's, also one that [comes later][Response.later]
     * @throws IllegalStateException if the call has been answered
     */
    public fun respond(response: Response): Unit = answering.give(response)

    /**
     * Answers with text in UTF-8.
     *
     * **Thread** any. Returns at once.
     *
     * @param text the body
     * @param status 200 by default
     * @param contentType the value of Content-Type
     * @throws IllegalStateException if the call has been answered
     */
    public fun respondText(
        text: CharSequence,
        status: Int = OK,
        contentType: String = "text/plain; charset=utf-8",
    ): Unit = respondBytes(Bytes.utf8(text), contentType, status)

    /**
     * Answers with bytes.
     *
     * **Thread** any. Returns at once.
     *
     * @param bytes the body, not copied
     * @param contentType the value of Content-Type
     * @param status 200 by default
     * @throws IllegalStateException if the call has been answered
     */
    public fun respondBytes(bytes: Bytes, contentType: String = "application/octet-stream", status: Int = OK): Unit =
        respond(Response.bytes(contentType, bytes).ofStatus(status))

    /** Answers with bytes, which are copied; otherwise as the other. */
    public fun respondBytes(
        bytes: ByteArray,
        contentType: String = "application/octet-stream",
        status: Int = OK,
    ): Unit = respondBytes(Bytes.copyOf(bytes), contentType, status)

    /**
     * Answers without a body.
     *
     * **Thread** any. Returns at once.
     *
     * @param status 200 to 599
     * @param headers the fields
     * @throws IllegalStateException if the call has been answered
     */
    public fun respondStatus(status: Int, headers: Headers = Headers.EMPTY): Unit =
        respond(Response.of(status, headers, dev.meerkat.http.ResponseBody.Empty.INSTANCE))

    /**
     * Sends the peer elsewhere (RFC 9110 §15.4).
     *
     * **Thread** any. Returns at once.
     *
     * @param location a URI or a reference relative to the request's
     * @param status 303 by default: look there with GET
     * @throws IllegalStateException if the call has been answered
     */
    public fun respondRedirect(location: String, status: Int = SEE_OTHER): Unit =
        respond(Response.redirect(status, location))

    /**
     * Answers with a file, as [FileHandler.ofFile] does: with conditions and ranges, opened on a worker, sent by the
     * system if it can. 404 if there is none.
     *
     * **Suspends** only to come to the loop.
     *
     * **Cancellation** before has the call unanswered.
     *
     * **Thread** any.
     *
     * @param path the file
     * @throws IllegalStateException if the call has been answered
     */
    public suspend fun respondFile(path: Path): Unit = respond(FileHandler.ofFile(path))

    /**
     * Has a handler of the core answer this request.
     *
     * **Suspends** only to come to the loop.
     *
     * **Cancellation** before has the call unanswered.
     *
     * **Thread** any.
     *
     * @param handler answers
     * @throws IllegalStateException if the call has been answered
     */
    public suspend fun respond(handler: HttpHandler): Unit = onLoop(manager) { respond(handler.onHead(request)) }

    /**
     * Answers with a body that is written while the peer takes it.
     *
     * ```kotlin
     * get("/rows") { call ->
     *     call.respondStream("text/csv") {
     *         rows.collect { writeStringUtf8("${it.name},${it.size}\r\n") }
     *     }
     * }
     * ```
     *
     * What is written waits in the channel until 64 KiB are there or it is flushed, and suspends the writer while the
     * connection holds more than its high-water mark. If the block fails or is cancelled the connection is aborted: a
     * peer must not take a part for the whole. A peer that goes cancels the call.
     *
     * **Suspends** until the whole body was handed to the connection.
     *
     * **Cancellation** aborts the connection.
     *
     * **Thread** any.
     *
     * @param contentType the value of Content-Type
     * @param length how many bytes will be written; by default nobody knows, and they are sent chunked
     * @param status 200 by default
     * @param headers more fields
     * @param block writes the body. It does not run if none is sent, as with HEAD
     * @throws IllegalStateException if the call has been answered, or the length was another
     */
    public suspend fun respondStream(
        contentType: String,
        length: Long = -1,
        status: Int = OK,
        headers: Headers = Headers.EMPTY,
        block: suspend ByteWriteChannel.() -> Unit,
    ) {
        val body = stream(contentType, length, status, headers) ?: return
        body.writing {
            channel.block()
            channel.flushAndClose()
        }
    }

    private suspend fun stream(contentType: String, length: Long, status: Int, headers: Headers): OutgoingStream? {
        val body = OutgoingStream(manager) { answering.cancelUnwanted() }
        val response = Response.stream(contentType, length) { body }.ofStatus(status)
        respond(if (headers.isEmpty) response else response.withHeaders { it.toBuilder().addAll(headers).build() })
        return if (method != "HEAD" && body.awaitBegin(request)) body else null
    }

    /**
     * Answers with events that are sent as they come (text/event-stream, HTML standard §9.2). A slow peer suspends the
     * flow: nothing waits but what the connection holds. In a silence a comment is sent from time to time, which is how
     * a peer that has gone without a word is noticed.
     *
     * **Suspends** until the flow ends, and with it the answer.
     *
     * **Cancellation** aborts the connection; a peer that goes cancels the call, and so the flow.
     *
     * **Thread** any; the flow is collected in the context of the caller.
     *
     * @param events the events
     * @param options of these only the [heartbeat][EventStreamOptions.heartbeat]
     * @throws IllegalStateException if the call has been answered
     */
    public suspend fun respondEvents(
        events: Flow<ServerSentEvent>,
        options: EventStreamOptions = EventStreamOptions.DEFAULT,
    ) {
        val body = stream("text/event-stream", -1, OK, EVENT_FIELDS) ?: return
        body.writing {
            coroutineScope {
                val beating = launch(manager.dispatcher) { beat(options.heartbeat().toMillis()) }
                events.collect { send(it.encode()) }
                beating.cancel()
            }
            end()
        }
    }

    private suspend fun OutgoingStream.beat(everyMillis: Long) {
        var seen = pieces
        while (everyMillis > 0) {
            delay(everyMillis)
            if (seen == pieces) {
                trySend(HEARTBEAT)
            }
            seen = pieces
        }
    }

    /**
     * Gives the connection to another protocol (RFC 9110 §7.8): 101 is sent, and when its last byte has left the block
     * runs, as one of [serve][dev.meerkat.coroutines.EventManagerScope.serve] does. What had been received behind the
     * request it receives first. If the peer has not asked for the protocol it is answered with 426, and the block does
     * not run.
     *
     * **Thread** any. Returns at once; the block is a child of the scope that serves, and not of this call.
     *
     * @param protocol the value of `Upgrade`
     * @param headers more fields of the answer
     * @param block what to do with the connection
     * @throws IllegalStateException if the call has been answered
     */
    public fun respondUpgrade(
        protocol: String,
        headers: Headers = Headers.EMPTY,
        block: suspend CoroutineScope.(connection: SuspendingConnection) -> Unit,
    ) {
        val response = Response.upgrade(protocol, suspendingHandler(answering.scope, block))
        respond(if (headers.isEmpty) response else response.withHeaders { it.toBuilder().addAll(headers).build() })
    }

    /**
     * Sends an interim response (RFC 9110 §15.2), for example 103 with links.
     *
     * **Suspends** only to come to the loop.
     *
     * **Cancellation** before sends nothing.
     *
     * **Thread** any.
     *
     * @param status 100 to 199 but 101
     * @param headers its fields
     * @throws IllegalStateException if the call has been answered
     */
    public suspend fun inform(status: Int, headers: Headers): Unit = onLoop(manager) { request.inform(status, headers) }

    /**
     * Waits until the exchange is over.
     *
     * **Suspends** until the operating system has taken the last byte of the answer, or the connection has ended.
     *
     * **Cancellation** changes nothing.
     *
     * **Thread** any.
     *
     * @return whether the whole answer was sent
     */
    public suspend fun awaitSent(): Boolean = onLoop(manager) { request.whenSent() }.await()

    // ---------------------------------------------------------------- the course of it

    /** Runs a call to its first suspension, on the loop; answers what it has answered by then. */
    internal fun begin(stage: CallBlock): Response = answering.begin(stage)

    /** The call has ended: the rest of the body is for nobody. */
    internal fun release() {
        if (lazyIncoming.isInitialized()) incoming.release()
    }

    /** Names the request, for logs. */
    override fun toString(): String = request.toString()

    private companion object {
        private const val OK = 200
        private const val SEE_OTHER = 303
        private val HEARTBEAT = ServerSentEvent.comment("").encode()
        private val EVENT_FIELDS =
            Headers.builder().add("Cache-Control", "no-cache").add("X-Accel-Buffering", "no").build()

        private fun Response.ofStatus(status: Int) = if (status == OK) this else withStatus(status)

        private fun MultipartLimits.within(bytes: Long?) =
            if (bytes == null || bytes >= maxBytes()) this else toBuilder().maxBytes(bytes).build()
    }
}

/** Runs something on the loop and comes back. */
internal suspend inline fun <T> onLoop(manager: EventManager, crossinline task: suspend () -> T): T =
    if (manager.inLoop()) task() else withContext(manager.dispatcher) { task() }
