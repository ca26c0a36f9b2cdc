package dev.meerkat.coroutines.websocket

import dev.meerkat.EventManager
import dev.meerkat.coroutines.dispatcher
import dev.meerkat.websocket.Message
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.resume

/**
 * A channel in front of [IncomingMessages], for receivers of which there are several, or on other threads. A coroutine
 * of the loop moves messages there, as long as it has room; so it holds as many again as may wait behind it.
 */
internal class SharedReceiving(
    private val source: IncomingMessages,
    private val manager: EventManager,
    capacity: Int,
) {
    val channel: Channel<Message> = Channel(capacity)
    private var waiting: CancellableContinuation<Unit>? = null

    /** Any thread. */
    fun begin() {
        if (manager.inLoop()) {
            start()
            return
        }
        try {
            manager.post(::start)
        } catch (e: RejectedExecutionException) {
            channel.close(e)
        } catch (_: dev.meerkat.ManagerClosedException) {
            empty() // there is no loop any more that could interfere
        }
    }

    /** It belongs to nobody: nothing outlives it, since it ends with the WebSocket, or is forgotten with it. */
    private fun start() {
        val moving = CoroutineScope(manager.dispatcher).launch(start = CoroutineStart.UNDISPATCHED) { move() }
        moving.invokeOnCompletion { if (it != null) channel.close(it) }
    }

    private suspend fun move() {
        while (true) {
            val next = source.takeMessage()
            if (next != null) {
                channel.send(next)
            } else if (source.isOver) {
                channel.close(source.failure())
                return
            } else {
                suspendCancellableCoroutine { waiting = it }
            }
        }
    }

    private fun empty() {
        while (true) {
            val next = source.takeMessage() ?: break
            channel.trySend(next)
        }
        channel.close(source.failure())
    }

    /** Something has arrived, or it is over. Loop thread. */
    fun wake() {
        val present = waiting ?: return
        waiting = null
        present.resume(Unit)
    }
}
