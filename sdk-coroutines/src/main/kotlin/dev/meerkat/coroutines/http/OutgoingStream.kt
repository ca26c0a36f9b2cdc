package dev.meerkat.coroutines.http

import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import dev.meerkat.coroutines.DrainedWriteChannel
import dev.meerkat.event.Bytes
import dev.meerkat.http.BodyOutput
import dev.meerkat.http.BodyProducer
import dev.meerkat.http.Request
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.io.Buffer
import kotlinx.io.UnsafeIoApi
import kotlinx.io.unsafe.UnsafeBufferOperations
import java.nio.ByteBuffer
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.resume

/**
 * A body that a coroutine makes, between its channel and the connection. Loop thread, but for the channel.
 *
 * @param cut is told when the body is over before its end
 */
internal class OutgoingStream(private val manager: EventManager, private val cut: () -> Unit) :
    BodyProducer,
    DrainedWriteChannel.Drain {
    val channel = DrainedWriteChannel(manager, this)

    private var output: BodyOutput? = null
    private var over = false
    private var waiting: CancellableContinuation<Unit>? = null

    /** How many pieces were sent. */
    var pieces = 0L
        private set

    // ---------------------------------------------------------------- who asks

    override fun produce(output: BodyOutput) {
        this.output = output
        resume()
    }

    override fun onDone(sent: Boolean) {
        over = true
        if (!sent) {
            cut()
            channel.fail(CancellationException("the body was cut off"))
        }
        resume()
    }

    private fun resume() {
        val waiter = waiting
        waiting = null
        waiter?.resume(Unit)
    }

    // ---------------------------------------------------------------- who writes

    /** Waits until the head was sent; false if there will be no body, since somebody had another answer for the peer. */
    suspend fun awaitBegin(request: Request): Boolean = onLoop(manager) {
        if (output == null && !over) {
            manager.post {
                if (output == null && !over) {
                    request.whenSent().whenComplete { _, _ -> neverBegins() }
                }
            }
            await { output == null && !over }
        }
        output != null && !over
    }

    private fun neverBegins() {
        if (output == null) {
            over = true
            resume()
        }
    }

    /** Has a coroutine make the body; if it fails it is none. */
    suspend inline fun writing(block: OutgoingStream.() -> Unit) {
        try {
            block()
        } catch (e: Throwable) {
            channel.cancel(e)
            abort(e) // if the channel has ended, which the body has not
            throw e
        }
    }

    override suspend fun write(bytes: Buffer) {
        while (!bytes.exhausted()) {
            sendHead(writable(), bytes)
            pieces++
        }
    }

    @OptIn(UnsafeIoApi::class)
    private fun sendHead(target: BodyOutput, bytes: Buffer) {
        UnsafeBufferOperations.readFromHead(bytes) { array, from, to ->
            target.send(ByteBuffer.wrap(array, from, to - from))
            to - from
        }
    }

    /** Any thread. Sends bytes as one piece when the peer takes more. */
    suspend fun send(bytes: Bytes) = onLoop(manager) {
        writable().send(bytes)
        pieces++
    }

    /** Sends bytes if that needs no waiting. */
    fun trySend(bytes: Bytes) {
        val target = output
        if (!over && target != null && target.isWritable) {
            target.send(bytes)
            pieces++
        }
    }

    /** Any thread. The body is whole. */
    override suspend fun end() = onLoop(manager) {
        val target = writable()
        target.end() // which throws if it is not as long as was announced
    }

    private suspend fun writable(): BodyOutput {
        await { !over && output?.isWritable != true }
        val target = output
        if (over || target == null) {
            throw CancellationException("the body was cut off")
        }
        return target
    }

    private suspend inline fun await(crossinline waits: () -> Boolean) {
        while (waits()) {
            suspendCancellableCoroutine { writer ->
                // one that was cancelled elsewhere is still there
                check(waiting?.isActive != true) { "another coroutine is writing: a body has one writer at a time" }
                waiting = writer
                writer.invokeOnCancellation {
                    if (manager.inLoop() && waiting === writer) waiting = null
                }
            }
        }
    }

    override fun abort(cause: Throwable) {
        val task = {
            if (!over) {
                over = true
                output?.connection()?.abort()
            }
        }
        if (manager.inLoop()) {
            task()
            return
        }
        try {
            manager.post(task)
        } catch (_: ManagerClosedException) {
            // the connection is gone, too
        } catch (_: RejectedExecutionException) {
            // the producer's time-out ends it
        }
    }
}
