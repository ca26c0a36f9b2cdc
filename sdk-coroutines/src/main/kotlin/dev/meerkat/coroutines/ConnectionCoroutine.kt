// A coroutine of our own, for which kotlinx.coroutines has no public way: see ConnectionCoroutine.
@file:OptIn(InternalCoroutinesApi::class, ExperimentalCoroutinesApi::class)

package dev.meerkat.coroutines

import dev.meerkat.Connection
import dev.meerkat.ErrorHook
import dev.meerkat.EventManager
import kotlinx.coroutines.AbstractCoroutine
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.job
import kotlinx.coroutines.newCoroutineContext
import java.util.Optional
import kotlin.coroutines.CoroutineContext

/** The contexts of a scope's coroutines on the loops of managers; made once, since every connection keeps one. */
internal class LoopContexts(private val scope: CoroutineScope) {
    private class Loop(val manager: EventManager, val context: CoroutineContext)

    /** That which was asked for last: mostly there is one manager. */
    @Volatile
    private var latest: Loop? = null

    fun of(connection: Connection): CoroutineContext {
        val manager = connection.manager()
        val known = latest
        val loop =
            if (known != null && known.manager === manager) {
                known
            } else {
                Loop(manager, scope.coroutineContext + manager.dispatcher).also { latest = it }
            }
        return loop.context
    }
}

/** Launches a block for a connection: whichever ends first ends the other. */
internal fun CoroutineContext.launchFor(
    connection: SuspendingConnection,
    block: suspend CoroutineScope.(SuspendingConnection) -> Unit,
) {
    val context = CoroutineScope(this).newCoroutineContext(nameOf(connection.connection))
    val coroutine = ConnectionCoroutine(context, connection)
    connection.ending.owner = coroutine
    // one suspend function, since an idle connection keeps the frame of each
    coroutine.start(CoroutineStart.DEFAULT, coroutine) {
        block(connection)
        coroutineContext.cancelChildren()
        for (child in coroutineContext.job.children) {
            child.join()
        }
        if (!connection.isHandedOver) {
            connection.close()
            connection.awaitClose()
        }
    }
}

/**
 * The coroutine of a connection that is served, and the scope of what its block launches, in one object. With `launch`
 * and a scope within it an idle connection would hold a quarter more.
 */
private class ConnectionCoroutine(context: CoroutineContext, private val connection: SuspendingConnection) :
    AbstractCoroutine<Unit>(context, initParentJob = true, active = true) {
    override fun onCompleted(value: Unit) {
        connection.ending.owner = null
    }

    /** The block, or what it has launched, has failed or was cancelled, perhaps before it began. */
    override fun onCancelled(cause: Throwable, handled: Boolean) {
        connection.ending.owner = null
        if (!connection.isHandedOver) connection.abort()
    }

    /** Not for the connection's own failure, which is the peer's doing. */
    override fun handleJobException(exception: Throwable): Boolean {
        val failure = exception.beneathChannels()
        if (failure !is ConnectionFailedException || failure.error != connection.ending.failure?.error) {
            report(exception)
        }
        return true
    }

    private fun report(failure: Throwable) {
        val handler = context[CoroutineExceptionHandler]
        if (handler != null) {
            handler.handleException(context, failure)
        } else {
            val beneath = connection.connection
            val hook = beneath.manager().options().errorHook()
            hook.onError(ErrorHook.Source.HANDLER, Optional.of(beneath), failure)
        }
    }
}
