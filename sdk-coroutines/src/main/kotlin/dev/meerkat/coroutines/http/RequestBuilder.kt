package dev.meerkat.coroutines.http

import dev.meerkat.EventManager
import dev.meerkat.coroutines.dispatcher
import dev.meerkat.event.Bytes
import dev.meerkat.http.BodyOutput
import dev.meerkat.http.BodyProducer
import dev.meerkat.http.client.ClientBody
import dev.meerkat.http.client.ClientRequest
import dev.meerkat.http.client.HttpClient
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.copyTo
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.launch
import java.net.URI
import kotlin.time.Duration
import kotlin.time.toJavaDuration

/** Describes a request; see `HttpClient.request`. For one request, on one thread. */
@HttpDsl
public class RequestBuilder internal constructor(private val uri: String) {
    private val fields = ArrayList<Pair<String, String>>()
    private var ready: ClientBody = ClientBody.Empty.INSTANCE
    private var written: Written? = null

    private class Written(val type: String, val length: Long, val repeatable: Boolean, val block: Writer)

    /** The method, `GET` unless it is said. */
    public var method: String = "GET"

    /** How long the whole call may take; null, the default, for the client's own time-out. */
    public var timeout: Duration? = null

    /** Whether to hold the body back until the server has agreed by 100 (RFC 9110 §10.1.1); off by default. */
    public var expectContinue: Boolean = false

    /**
     * Adds a field. `Host` follows from the URI unless it is set; what belongs to the connection cannot be set.
     *
     * @param name its name
     * @param value its value
     */
    public fun header(name: String, value: String) {
        fields += name to value
    }

    /**
     * Sends a body.
     *
     * @param value any of the core's
     */
    public fun body(value: ClientBody) {
        ready = value
        written = null
    }

    /**
     * Sends text in UTF-8.
     *
     * @param text the body
     * @param contentType the value of Content-Type
     */
    public fun text(text: CharSequence, contentType: String = "text/plain; charset=utf-8"): Unit =
        body(ClientBody.bytes(contentType, Bytes.utf8(text)))

    /**
     * Sends bytes.
     *
     * @param bytes the body; copied
     * @param contentType the value of Content-Type
     */
    public fun bytes(bytes: ByteArray, contentType: String = "application/octet-stream"): Unit =
        body(ClientBody.bytes(contentType, Bytes.copyOf(bytes)))

    /**
     * Sends a body that is written while the server takes it. A failure of the block fails the call; a server that
     * answers without reading all of it cancels the block.
     *
     * @param contentType the value of Content-Type
     * @param length how many bytes will be written; by default nobody knows, and they are sent chunked
     * @param repeatable whether the block may run again from the start, for a redirect that keeps the body, or to try
     *     again on another connection; off by default
     * @param block writes the body, on the loop
     */
    public fun stream(
        contentType: String = "application/octet-stream",
        length: Long = -1,
        repeatable: Boolean = false,
        block: suspend ByteWriteChannel.() -> Unit,
    ) {
        written = Written(contentType, length, repeatable, Writer.Block(block))
    }

    /**
     * Sends what a channel brings, once.
     *
     * @param source read to its end; a failure of it fails the call
     * @param contentType the value of Content-Type
     * @param length how many bytes it will bring; by default nobody knows
     */
    public fun stream(
        source: ByteReadChannel,
        contentType: String = "application/octet-stream",
        length: Long = -1,
    ): Unit = stream(contentType, length) { source.copyTo(this) }

    /**
     * Sends what a flow emits, a piece at a time. The flow is suspended while the server takes nothing more.
     *
     * @param source collected for each time the body is sent
     * @param contentType the value of Content-Type
     * @param length how many bytes it will emit; by default nobody knows
     * @param repeatable whether it may be collected again, as cold flows may; off by default
     */
    public fun stream(
        source: Flow<Bytes>,
        contentType: String = "application/octet-stream",
        length: Long = -1,
        repeatable: Boolean = false,
    ) {
        written = Written(contentType, length, repeatable, Writer.Pieces(source))
    }

    /** Sends the request, with whoever writes its body beside it. */
    internal suspend fun <T> sendBy(client: HttpClient, send: suspend (ClientRequest) -> T): T {
        val streamed = written ?: return send(request(ready))
        return coroutineScope {
            val writers = CoroutineScope(coroutineContext + SupervisorJob(coroutineContext[Job]))
            try {
                send(request(streamed.body(writers)))
            } finally {
                writers.cancel()
            }
        }
    }

    private fun Written.body(writers: CoroutineScope): ClientBody =
        ClientBody.Streamed(type, length, { WrittenBody(writers, block) }, repeatable)

    private fun request(body: ClientBody): ClientRequest {
        var request = ClientRequest.of(method, URI.create(uri), body)
        for ((name, value) in fields) {
            request = request.addHeader(name, value)
        }
        timeout?.let { request = request.withTimeout(it.toJavaDuration()) }
        return if (expectContinue) request.expectingContinue() else request
    }
}

/** What makes a body. */
internal sealed interface Writer {
    suspend fun writeTo(body: OutgoingStream)

    class Block(private val block: suspend ByteWriteChannel.() -> Unit) : Writer {
        override suspend fun writeTo(body: OutgoingStream) {
            body.channel.block()
            body.channel.flushAndClose()
        }
    }

    class Pieces(private val source: Flow<Bytes>) : Writer {
        override suspend fun writeTo(body: OutgoingStream) {
            source.collect { body.send(it) }
            body.end()
        }
    }
}

/** The body of one attempt: its coroutine begins when it is asked for the first time. Loop thread. */
private class WrittenBody(private val writers: CoroutineScope, private val writer: Writer) : BodyProducer {
    private var stream: OutgoingStream? = null
    private var failure: Throwable? = null
    private var job: Job? = null

    override fun produce(output: BodyOutput) {
        failure?.let { throw it }
        stream?.let {
            it.produce(output)
            failure?.let { e -> throw e }
            return
        }
        val manager: EventManager = output.connection().manager()
        val begun = OutgoingStream(manager) { job?.cancel() }
        stream = begun
        begun.produce(output)
        job = writers.launch(manager.dispatcher, CoroutineStart.UNDISPATCHED) {
            try {
                writer.writeTo(begun)
            } catch (e: Throwable) {
                failure = e
                output.resume() // asks again, and is told
            }
        }
        failure?.let { throw it }
    }

    override fun onDone(sent: Boolean) {
        stream?.onDone(sent)
    }
}
