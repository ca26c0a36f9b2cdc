package dev.meerkat.coroutines.http

import dev.meerkat.EventManager
import dev.meerkat.event.Bytes
import dev.meerkat.http.BodyInput
import dev.meerkat.http.Headers
import dev.meerkat.http.HttpError
import dev.meerkat.http.ResponseHead
import dev.meerkat.http.client.ClientException
import dev.meerkat.http.client.ClientRequest
import dev.meerkat.http.client.HttpClient
import dev.meerkat.http.client.ResponseReader
import dev.meerkat.http.client.StreamedResponse
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.readBuffer
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.coroutineScope
import kotlinx.io.readByteArray
import java.net.URI
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.CompletionStage

/** A response whose head is here and whose body is read as it comes; see `HttpClient.receive`. */
public class StreamingResponse internal constructor(response: StreamedResponse, private val feed: BodyFeed) {
    /** Where it came from: the URI of the last request, if there were redirects. */
    public val uri: URI = response.uri()

    /** Status and fields; if the body is decompressed, without those that are no longer true. */
    public val head: ResponseHead = response.head()

    /** The status, 200 to 599. */
    public val status: Int
        get() = head.status()

    /** The header fields. */
    public val headers: Headers
        get() = head.headers()

    /** The fields behind a chunked body; null until it has ended. */
    public val trailers: Headers?
        get() = feed.trailers

    /**
     * The body as it comes, decompressed if that is asked for. Up to 64 KiB are read ahead, then TCP holds the server
     * back. If it does not come whole reading throws a [ClientException]; after the block of `receive` an
     * [IllegalStateException].
     *
     * **Thread** any; one reader at a time.
     */
    public val body: ByteReadChannel
        get() = feed.channel

    /**
     * The first value of a field.
     *
     * @param name the name of the field, in any case
     * @return its value, or null
     */
    public fun header(name: String): String? = headers.first(name).orElse(null)

    /**
     * What is left of the body.
     *
     * **Suspends** until it is here.
     *
     * **Cancellation** loses what was read.
     *
     * **Thread** any.
     *
     * @param limit the most bytes to keep in memory; 16 MiB by default
     * @return the bytes
     * @throws ClientException with the kind `BODY_TOO_LARGE` if it is longer; or if it does not come whole
     */
    public suspend fun bytes(limit: Int = DEFAULT_LIMIT): Bytes {
        val read = body.readBuffer(limit + 1L).readByteArray()
        if (read.size > limit) {
            val message = "the body is longer than $limit bytes"
            throw ClientException(ClientException.Kind.BODY_TOO_LARGE, message, null, null, null)
        }
        return Bytes.copyOf(read)
    }

    /**
     * What is left of the body as UTF-8; malformed input becomes U+FFFD. Otherwise as [bytes].
     *
     * **Suspends** until it is here.
     *
     * **Cancellation** and **Thread** as of [bytes].
     *
     * @param limit as of [bytes]
     * @return the text
     * @throws ClientException as of [bytes]
     */
    public suspend fun text(limit: Int = DEFAULT_LIMIT): String = String(bytes(limit).toByteArray(), Charsets.UTF_8)

    /** Names status and origin, for logs. */
    override fun toString(): String = "StreamingResponse[$status, $uri]"

    /** Defaults. */
    public companion object {
        /** The most of a body that is kept in memory if nothing else is said: 16 MiB. */
        public const val DEFAULT_LIMIT: Int = 16 shl 20
    }
}

internal suspend fun <T> HttpClient.receiveStreaming(
    request: ClientRequest,
    block: suspend CoroutineScope.(StreamingResponse) -> T,
): T {
    val reading = StreamReader()
    val exchange = send(request, reading)
    exchange.whenComplete { _, failure -> if (failure != null) reading.fail(failure) }
    val result = try {
        val response = reading.response.await()
        coroutineScope { block(response) }
    } catch (e: Throwable) {
        exchange.cancel(true)
        throw e
    }
    reading.done()
    return result
}

/** Reads a response for a coroutine. */
private class StreamReader : ResponseReader<Unit> {
    val response = CompletableDeferred<StreamingResponse>()
    private val over = CompletableFuture<Unit>()

    @Volatile
    private var feed: BodyFeed? = null

    override fun onHead(response: StreamedResponse): CompletionStage<Unit> {
        val begun = ClientFeed(response.connection().manager(), response.body()).also { feed = it }
        begun.begin()
        this.response.complete(StreamingResponse(response, begun))
        return over
    }

    /** The call has failed: whoever reads is told with its exception. */
    fun fail(failure: Throwable) {
        val cause = failure.cause.takeIf { failure is CompletionException } ?: failure
        response.completeExceptionally(cause)
        feed?.fail(cause)
    }

    /** The block is over. */
    fun done() {
        feed?.release()
        over.complete(Unit)
    }
}

/** The body of a response: that it fails is told by the call. */
private class ClientFeed(manager: EventManager, body: BodyInput) : BodyFeed(manager, body, Long.MAX_VALUE, {}) {
    override fun onFailure(error: HttpError) = Unit
}
