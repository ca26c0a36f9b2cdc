package dev.meerkat.coroutines.http

import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import dev.meerkat.coroutines.FedReadChannel
import dev.meerkat.event.Bytes
import dev.meerkat.event.ReceiveBuffer
import dev.meerkat.http.BodyInput
import dev.meerkat.http.Headers
import dev.meerkat.http.HttpError
import dev.meerkat.http.HttpException
import dev.meerkat.http.HttpRule
import dev.meerkat.http.Request
import dev.meerkat.http.Response
import dev.meerkat.http.ResponseBody
import io.ktor.utils.io.ByteReadChannel
import kotlinx.coroutines.CompletableDeferred
import java.util.concurrent.CompletionException
import java.util.concurrent.RejectedExecutionException

/** The body of a request, whole or as it comes. */
internal class IncomingBody(private val request: Request, private val limit: Long?) {
    private var gathered: CompletableDeferred<Bytes>? = null
    private var feed: BodyFeed? = null

    /** Loop thread. The whole body, which is collected from now on, or since this was called before. */
    fun gather(most: Int?): CompletableDeferred<Bytes> {
        gathered?.let { return it }
        val gathered = CompletableDeferred<Bytes>()
        this.gathered = gathered
        val bound = minOf(most?.toLong() ?: Long.MAX_VALUE, limit ?: Long.MAX_VALUE)
        try {
            val done = { whole: Request ->
                gathered.complete(whole.bytes())
                NOTHING
            }
            val result = if (bound == Long.MAX_VALUE) request.gather(done) else request.gather(bound.toInt(), done)
            val body = result.body()
            if (body is ResponseBody.Later) {
                body.response().whenComplete { _, failure -> failure?.let { gathered.fail(it) } }
            }
        } catch (e: Exception) {
            gathered.fail(e)
        }
        return gathered
    }

    private fun CompletableDeferred<Bytes>.fail(failure: Throwable) {
        val cause = failure.cause
        completeExceptionally(if (failure is CompletionException && cause != null) cause else failure)
    }

    /** Any thread. The body as it comes; the same each time. */
    fun open(): ByteReadChannel = synchronized(this) {
        feed ?: BodyFeed(request.connection().manager(), request.body(), limit ?: Long.MAX_VALUE) {
            request.body().giveUp()
        }.also {
            feed = it
            it.begin()
        }
    }.channel

    /** Any thread. Nobody reads any more. */
    fun release() {
        synchronized(this) { feed }?.release()
    }

    private companion object {
        private val NOTHING: Response = Response.status(200)
    }
}

/** Feeds a channel with a body as it comes, and lets the peer wait while nobody reads. */
internal open class BodyFeed(
    private val manager: EventManager,
    private val body: BodyInput,
    private val limit: Long,
    private val giveUp: () -> Unit,
) : BodyInput.Reader,
    FedReadChannel.Feeder {
    val channel = FedReadChannel(this)

    /** The fields behind the body, once it has ended. */
    @Volatile
    var trailers: Headers? = null
        private set

    private var taken = 0L

    @Volatile
    private var over = false

    fun begin() = inLoop {
        if (body.length().orElse(0) > limit) {
            tooLarge()
            return@inLoop
        }
        try {
            body.read(this)
        } catch (e: IllegalStateException) {
            over = true
            channel.fail(e)
        }
    }

    override fun onData(body: ReceiveBuffer) {
        if (over) {
            body.discard(body.size())
            return
        }
        val before = body.size()
        if (before > limit - taken) {
            body.discard(before)
            tooLarge()
            return
        }
        val more = channel.feed(body)
        taken += before - body.size()
        if (!more) {
            this.body.pause()
        }
    }

    private fun tooLarge() {
        channel.fail(HttpException(HttpError(HttpRule.BODY_TOO_LARGE, "the body is longer than $limit bytes")))
        stop()
    }

    override fun onEnd(trailers: Headers) {
        over = true
        this.trailers = trailers
        channel.end()
    }

    override fun onFailure(error: HttpError) = fail(HttpException(error))

    /** Loop thread. It will never be complete. */
    fun fail(cause: Throwable) {
        over = true
        channel.fail(cause)
    }

    override fun onRoom() = inLoop { if (!over) body.resume() }

    override fun onCancelled(cause: Throwable) = inLoop { stop() }

    /** Any thread. Whoever reads has no right to it any more. */
    fun release() = inLoop {
        if (!over) {
            channel.fail(IllegalStateException("the exchange that this body belongs to is over"))
            stop()
        }
    }

    private fun stop() {
        if (!over) {
            over = true
            giveUp()
        }
    }

    private fun inLoop(task: () -> Unit) {
        if (manager.inLoop()) {
            task()
            return
        }
        try {
            manager.post(task)
        } catch (e: ManagerClosedException) {
            channel.fail(e)
        } catch (e: RejectedExecutionException) {
            channel.fail(e)
        }
    }
}
