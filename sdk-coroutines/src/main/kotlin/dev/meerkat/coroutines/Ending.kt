package dev.meerkat.coroutines

import dev.meerkat.Connection
import dev.meerkat.event.CloseReason
import dev.meerkat.event.ConnectionError
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Job
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** How a suspending connection ended, who waits for that, and whose coroutine ends with it. */
internal class Ending(private val connection: Connection) {
    /** Who waits for the end; made when somebody first does. */
    private var waiters: ArrayDeque<CancellableContinuation<CloseReason>>? = null

    /** Why the connection ended, or null while it lives; read from any thread. */
    @Volatile
    var reason: CloseReason? = null
        private set

    /** The coroutine that lives and dies with the connection. */
    var owner: Job? = null

    /** Why [owner] was cancelled, if it was the connection that did it. */
    var ownerLostTo: ConnectionFailedException? = null
        private set

    val isAwaited: Boolean
        get() = waiters?.any { it.isActive } == true // one that another thread has cancelled is still there

    /** What every call throws from now on; null while the connection lives, and if it ended in order. From any thread. */
    val failure: ConnectionFailedException?
        get() = reason?.let(::failureOf)

    private var isHandedOver = false

    /** A handler hears of the end. */
    fun handOver() {
        isHandedOver = true
        owner = null
        val all = waiters ?: return
        while (all.isNotEmpty()) {
            all.removeFirst().resumeWithException(handedOver(connection))
        }
    }

    suspend fun await(): CloseReason = suspendCancellableCoroutine { caller ->
        if (isHandedOver) throw handedOver(connection)
        val all = waiters ?: ArrayDeque<CancellableContinuation<CloseReason>>().also { waiters = it }
        all.addLast(caller)
        caller.invokeOnCancellation { if (connection.manager().inLoop()) all.remove(caller) }
    }

    /** Keeps the reason, and cancels the owner of a connection that has failed while no call of its waits to hear of it. */
    fun begin(why: CloseReason, someoneHears: Boolean) {
        reason = why
        val failure = failureOf(why) ?: return
        val coroutine = owner ?: return
        val byManager = why.initiator() == CloseReason.Initiator.MANAGER && connection.manager().isClosed
        if (byManager || !someoneHears) {
            ownerLostTo = failure.takeUnless { byManager }
            coroutine.cancel(CancellationException("$connection has failed: ${failure.error}", failure))
        }
    }

    /** Tells those who wait for the end, last. */
    fun tell(why: CloseReason) {
        val all = waiters ?: return
        while (all.isNotEmpty()) {
            all.removeFirst().resume(why)
        }
    }

    /** What a closed connection throws; null if it ended in order. That its manager was closed is no order of its own. */
    fun failureOf(reason: CloseReason): ConnectionFailedException? {
        val error = reason.error().orElse(null)
        return when {
            error != null -> ConnectionFailedException(error)

            reason.initiator() == CloseReason.Initiator.MANAGER ->
                ConnectionFailedException(
                    ConnectionError.of(ConnectionError.Kind.MANAGER_CLOSED, "the event manager was closed"),
                )

            else -> null
        }
    }
}

/** What is thrown where nothing is heard any more. */
internal fun handedOver(connection: Connection): IllegalStateException =
    IllegalStateException("$connection was handed over to a handler, who is told of all that happens")
