package dev.meerkat.coroutines.websocket

import dev.meerkat.EventManager
import dev.meerkat.event.Bytes
import dev.meerkat.websocket.WebSocket
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import java.nio.ByteBuffer
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds

/** The pings of a program that wait for their pongs. Loop thread. */
internal class Pings(private val webSocket: WebSocket, private val manager: EventManager) {
    private class Waiting(val payload: Bytes, val since: Long, val caller: CancellableContinuation<Duration>)

    private val waiting = ArrayDeque<Waiting>(1)
    private var number = 0L

    suspend fun ping(): Duration = suspendCancellableCoroutine { caller ->
        number++
        // the core's own have 4 bytes
        val payload = Bytes.copyOf(ByteBuffer.allocate(Long.SIZE_BYTES).putLong(0, number))
        webSocket.ping(payload)
        val ping = Waiting(payload, manager.nanoTime(), caller)
        waiting.addLast(ping)
        caller.invokeOnCancellation { if (manager.inLoop()) waiting.remove(ping) }
    }

    /** A pong answers the pings before it, too (RFC 6455 §5.5.3). */
    fun pong(payload: Bytes) {
        if (waiting.none { it.payload == payload }) {
            return
        }
        do {
            val answered = waiting.removeFirst()
            answered.caller.resume((manager.nanoTime() - answered.since).nanoseconds)
        } while (answered.payload != payload)
    }

    fun end(failure: () -> Throwable) {
        while (waiting.isNotEmpty()) {
            waiting.removeFirst().caller.resumeWithException(failure())
        }
    }
}
