package dev.meerkat.coroutines.websocket

import dev.meerkat.ConnectionClosedException
import dev.meerkat.ErrorHook
import dev.meerkat.EventManager
import dev.meerkat.Timer
import dev.meerkat.coroutines.dispatcher
import dev.meerkat.websocket.CloseStatus
import dev.meerkat.websocket.ClosedBy
import dev.meerkat.websocket.WebSocketEvent
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.isActive
import kotlinx.coroutines.job
import kotlinx.coroutines.withContext
import java.time.Duration
import java.util.Optional
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.coroutineContext

/** Ties a session to a block, or to a job: whichever ends first ends the other, and everything that was launched. */
internal class Life(private val session: WebSocketSession, private val manager: EventManager) {
    /** That of the coroutines which belong to the session. */
    @Volatile
    var context: CoroutineContext = EmptyCoroutineContext
        private set

    /** What ends when the WebSocket has ended; null when it has, or there is nothing. */
    @Volatile
    private var owner: Job? = null

    /** Why [owner] was cancelled, if it was the WebSocket that did it. */
    @Volatile
    private var lostTo: WebSocketClosedException? = null

    @Volatile
    private var grace: Timer? = null

    /** Runs a block for which the session lives; who wants to know of a failure is told before the goodbye. */
    suspend fun <T> run(onFailure: suspend (Throwable) -> Unit = {}, block: suspend WebSocketSession.() -> T): T {
        try {
            val result = coroutineScope {
                belongTo(coroutineContext)
                session.block().also { coroutineContext.cancelChildren() }
            }
            owner = null // from here on the end is what is waited for
            session.close()
            session.awaitClose()
            return result
        } catch (e: Throwable) {
            onFailure(e)
            end(if (e is CancellationException) GOING_AWAY else FAILED)
            throw if (e is CancellationException && coroutineContext.isActive) lostTo ?: e else e
        } finally {
            release()
            session.incoming.cancel()
        }
    }

    /** Has the session's coroutines be those of a block; the WebSocket may have ended before. */
    private fun belongTo(scope: CoroutineContext) {
        context = scope
        owner = scope.job
        val how = session.closeReason
        if (how != null && !manager.isClosed) {
            if (manager.inLoop()) giveGrace(how) else manager.post { giveGrace(how) }
        }
    }

    /** Has the session's coroutines end with the WebSocket. Loop thread. */
    fun belongToItself() {
        val job = Job()
        context = manager.dispatcher + job
        owner = job
    }

    private suspend fun end(code: Int) {
        if (session.closeReason == null) {
            session.webSocket.close(CloseStatus.of(code), HURRIED)
            withContext(NonCancellable) { session.awaitClose() }
        }
    }

    private fun release() {
        owner = null
        val armed = grace ?: return
        if (manager.inLoop()) armed.cancel() // else it fires for nothing
    }

    /** The WebSocket has ended, and nobody knows it yet. Loop thread. */
    fun ended(how: WebSocketEvent.Closed) {
        if (owner == null) {
            return
        }
        val isLost = !session.isAwaited && !(how.isInOrder && session.hasReceived)
        when {
            manager.isClosed -> cancel(how)
            isLost && !session.isClosingHere -> cancel(how)
            else -> giveGrace(how)
        }
    }

    /** Who hears of it by what it waits for, or has something to do yet, has some time to come to its end. */
    private fun giveGrace(how: WebSocketEvent.Closed) {
        if (owner != null) {
            grace = manager.schedule(session.webSocket.options().closeTimeout()) { cancel(how) }
        }
    }

    private fun cancel(how: WebSocketEvent.Closed) {
        val coroutine = owner ?: return
        owner = null
        val cause = WebSocketClosedException(how)
        if (!(how.by() == ClosedBy.MANAGER && manager.isClosed)) {
            lostTo = cause
        }
        coroutine.cancel(CancellationException(cause.message, cause))
    }

    internal companion object {
        /** What a peer has for its goodbye when a program is cancelled or has failed. */
        val HURRIED: Duration = Duration.ofSeconds(1)
    }
}

/** Runs a server's block, whose failures are for a handler: of the scope, or else of the manager. */
internal suspend fun WebSocketSession.serve(block: suspend WebSocketSession.() -> Unit) {
    try {
        life.run(::reportUnlessPeers, block)
    } catch (_: Throwable) {
        // it has been told, or is nobody's to mend
    }
}

private suspend fun WebSocketSession.reportUnlessPeers(failure: Throwable) {
    val isPeers = failure is CancellationException || failure is WebSocketClosedException
    if (!isPeers && !(failure is ConnectionClosedException && !isOpen)) {
        report(failure)
    }
}

private suspend fun WebSocketSession.report(failure: Throwable) {
    val handler = currentCoroutineContext()[CoroutineExceptionHandler]
    if (handler != null) {
        handler.handleException(currentCoroutineContext(), failure)
    } else {
        val connection = webSocket.connection()
        val hook = connection.manager().options().errorHook()
        hook.onError(ErrorHook.Source.HANDLER, Optional.of(connection), failure)
    }
}
