package dev.meerkat.coroutines

import dev.meerkat.Connection
import dev.meerkat.Handler
import dev.meerkat.event.ReceiveBuffer
import dev.meerkat.event.TcpEvent
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.withContext

/**
 * A suspend function as a [Handler], wherever the core wants one: it launches a coroutine in this scope for every
 * connection whose events it receives. The same as [suspendingHandler].
 *
 * **Cancellation** of the scope aborts the connections.
 *
 * **Thread** any; the block runs on the loop of each connection's manager, whatever dispatcher the scope has.
 *
 * @param block what to do with a connection
 * @return a handler that may serve any number of connections
 */
public fun CoroutineScope.asHandler(
    block: suspend CoroutineScope.(connection: SuspendingConnection) -> Unit,
): Handler = suspendingHandler(this, block)

/**
 * Takes a connection over from its Java handler, in the midst of its events. What has arrived and was not taken by that
 * handler, which may be the very event that it is being told of, is the first that is received here; the handler is told
 * by [Handler.onReplaced] and hears nothing more.
 *
 * The connection gets half-close, as all suspending ones have. It must not have been told of the end of input before,
 * which nobody could learn of any more.
 *
 * **Thread** the loop.
 *
 * @return the connection, which is the caller's to close
 * @throws IllegalStateException if the connection is not open
 */
public fun Connection.asSuspending(): SuspendingConnection {
    check(isOpen) { "$this is ${state()}, not OPEN" }
    return SuspendingConnection.adopt(this)
}

/**
 * Hands the connection over to a Java handler, in the midst of its bytes: what has arrived and was not received is told to
 * it as if it had just arrived, then everything that happens, up to `Closed`. Senders that wait are let go first. From
 * then on receiving here, and whatever else waits or would wait for an event, throws an [IllegalStateException]. The connection is
 * the handler's: the end of a block that was to close it does not.
 *
 * If the input has ended by then, the handler is told of the bytes in front of the end, which it must take at once, and
 * of the end.
 *
 * **Suspends** until what waits to be sent by suspended senders was handed over to the connection.
 *
 * **Cancellation** while it waits hands nothing over.
 *
 * **Thread** any.
 *
 * @param handler receives all further events
 * @return the connection beneath
 * @throws IllegalStateException if a coroutine is receiving, or the connection is not open
 */
public suspend fun SuspendingConnection.handOver(handler: Handler): Connection =
    if (connection.manager().inLoop()) hand(handler) else withContext(dispatcher) { hand(handler) }

private suspend fun SuspendingConnection.hand(handler: Handler): Connection {
    requireNoReceiver()
    val rest = giveAway()
    connection.replaceHandler(handler)
    if (rest != null) {
        tellRest(handler, rest)
    }
    return connection
}

/** The core tells a new handler what is unread, but not behind the end of input: those bytes were set aside here. */
private fun SuspendingConnection.tellRest(handler: Handler, rest: ReceiveBuffer) {
    try {
        if (!rest.isEmpty) {
            handler.onEvent(connection, TcpEvent.Received(rest, rest.size()))
        }
        if (connection.isOpen && connection.handler() === handler) {
            handler.onEvent(connection, TcpEvent.InputClosed.INSTANCE)
        }
    } catch (e: Throwable) {
        connection.manager().report(connection, e)
        connection.abort()
    }
}
