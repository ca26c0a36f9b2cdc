package dev.meerkat.coroutines.http

import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import dev.meerkat.coroutines.FedReadChannel
import dev.meerkat.event.Bytes
import dev.meerkat.http.Headers
import dev.meerkat.http.Request
import dev.meerkat.multipart.Completion
import dev.meerkat.multipart.MultipartError
import dev.meerkat.multipart.MultipartException
import dev.meerkat.multipart.MultipartHandler
import dev.meerkat.multipart.MultipartLimits
import dev.meerkat.multipart.Part
import dev.meerkat.multipart.PartEvent
import dev.meerkat.multipart.PartHandler
import dev.meerkat.multipart.Upload
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.readBuffer
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlinx.io.readByteArray
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.resume

/**
 * A part of a multipart body that is being received; see [HttpCall.parts]. All that the peer says of it is a claim: a file
 * name may be a path.
 */
public class ReceivedPart internal constructor(
    /** What the head of the part says. */
    public val part: Part,
    /**
     * The data, as it comes: up to 64 KiB are read ahead, then TCP holds the peer back. Until the next part is asked for;
     * then what was not read is skipped, and reading throws. If the body breaks a rule or a limit, or breaks off, reading
     * throws a [MultipartException].
     *
     * **Thread** any; one reader at a time.
     */
    public val body: ByteReadChannel,
) {
    /** The name of the form's field; null if there is none. */
    public val name: String?
        get() = part.name().orElse(null)

    /** The name that the file has at the sender's, as it was sent; null if the part is no file. Never a path. */
    public val fileName: String?
        get() = part.fileName().orElse(null)

    /** The media type, `text/plain` if none was sent. */
    public val contentType: String
        get() = part.contentType()

    /** The header fields. */
    public val headers: Headers
        get() = part.headers()

    /**
     * The whole data.
     *
     * **Suspends** until it is here.
     *
     * **Cancellation** loses what was read.
     *
     * **Thread** any.
     *
     * @param limit the most bytes to keep in memory; 1 MiB by default
     * @return the data that was not read before
     * @throws MultipartException with the kind `FIELDS_TOO_LARGE` if it is longer; or as of [body]
     */
    public suspend fun bytes(limit: Int = DEFAULT_LIMIT): Bytes {
        val read = body.readBuffer(limit + 1L).readByteArray()
        if (read.size > limit) {
            val message = "the part is longer than $limit bytes"
            throw MultipartException(MultipartError.of(MultipartError.Kind.FIELDS_TOO_LARGE, message))
        }
        return Bytes.copyOf(read)
    }

    /**
     * The whole data as UTF-8; malformed input becomes U+FFFD. Otherwise as [bytes].
     *
     * **Suspends** until it is here.
     *
     * **Cancellation** and **Thread** as of [bytes].
     *
     * @param limit as of [bytes]
     * @return the text
     * @throws MultipartException as of [bytes]
     */
    public suspend fun text(limit: Int = DEFAULT_LIMIT): String = String(bytes(limit).toByteArray(), Charsets.UTF_8)

    /** Names the part, for logs. */
    override fun toString(): String = part.toString()

    /** Defaults. */
    public companion object {
        /** The most of a part that is kept in memory if nothing else is said: 1 MiB. */
        public const val DEFAULT_LIMIT: Int = 1 shl 20
    }
}

/** The parts of a request's body, for one collector. */
internal fun receivedParts(request: Request, limits: MultipartLimits): Flow<ReceivedPart> = flow {
    val manager = request.connection().manager()
    val parts = PartFeed(manager)
    try {
        onLoop(manager) { MultipartHandler.read(request, limits, parts) }
        while (true) {
            emit(onLoop(manager) { parts.next() } ?: break)
        }
    } finally {
        withContext(NonCancellable) { onLoop(manager) { parts.giveUp() } }
    }
}

/** From the events of a multipart body to its parts, one at a time. Loop thread, but for what a channel's reader calls. */
private class PartFeed(private val manager: EventManager) : PartHandler {
    /** The data of one part. */
    private inner class Data : FedReadChannel.Feeder {
        val channel = FedReadChannel(this)

        override fun onRoom() = inLoop(channel) { if (current === this) upload?.resume() }

        override fun onCancelled(cause: Throwable) = onRoom()
    }

    private var upload: Upload? = null

    /** Whose data arrives. */
    private var current: Data? = null

    /** The part that has begun, and nobody has asked for yet. */
    private var next: ReceivedPart? = null
    private var end: Completion? = null
    private var waiting: CancellableContinuation<Unit>? = null

    override fun onEvent(upload: Upload, event: PartEvent) {
        this.upload = upload
        when (event) {
            is PartEvent.MultipartStart -> upload.pause()

            // until somebody asks

            is PartEvent.PartBegin -> {
                val data = Data()
                current = data
                next = ReceivedPart(event.part(), data.channel)
                upload.pause()
                resume()
            }

            is PartEvent.PartData -> if (current?.channel?.feedAll(event.bytes()) == false) upload.pause()

            is PartEvent.PartEnd -> {
                end(event.completion())
                current = null
            }

            is PartEvent.MultipartEnd -> {
                end = event.completion()
                resume()
            }
        }
    }

    private fun end(completion: Completion) {
        val channel = current?.channel ?: return
        if (completion is Completion.Aborted) channel.fail(MultipartException(completion.error())) else channel.end()
    }

    private fun resume() {
        val waiter = waiting
        waiting = null
        waiter?.resume(Unit)
    }

    /** Skips what is left of the last part, and waits for the next; null if that was the last. */
    suspend fun next(): ReceivedPart? {
        skip()
        while (next == null && end == null) {
            upload?.resume()
            suspendCancellableCoroutine { collector ->
                waiting = collector
                collector.invokeOnCancellation { if (manager.inLoop()) waiting = null }
            }
        }
        val begun = next
        next = null
        if (begun != null) {
            upload?.resume() // its data may come
            return begun
        }
        (end as? Completion.Aborted)?.let { throw MultipartException(it.error()) }
        return null
    }

    private fun skip() {
        val data = current
        if (data != null && next == null) {
            current = null
            data.channel.fail(IllegalStateException("the part is over: the next one was asked for"))
        }
    }

    /** Nobody asks any more. */
    fun giveUp() {
        val begun = upload
        if (begun != null && end == null) {
            current?.channel?.fail(IllegalStateException("the part is over: nobody collects the parts any more"))
            current = null
            begun.request().body().giveUp()
        }
    }

    private fun inLoop(channel: FedReadChannel, task: () -> Unit) {
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
