package dev.meerkat.coroutines

import dev.meerkat.ConnectOptions
import dev.meerkat.EventManagerGroup
import dev.meerkat.ListenOptions
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.plus
import kotlin.time.Duration

/**
 * Listens on all managers of a group, and launches a coroutine in a scope for every connection that is accepted, on the
 * loop of the manager that accepted it, where it stays: `dev.meerkat.EventManager.serveIn` on several processors.
 * Blocks of different connections run at once, on several threads.
 *
 * **Cancellation** of the scope drains the server, then aborts what is left.
 *
 * **Thread** any that is not the loop of one of them: it waits for each manager's thread.
 *
 * @param scope in which the server lives
 * @param address as for [EventManagerGroup.listen]
 * @param options how to listen; the limit of connections holds for each manager
 * @param drain how long the connections of a cancelled server may take to end by themselves
 * @param block what to do with a connection
 * @return the server, already listening
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ListenException if the address is in use, not of this host or not permitted
 * @throws IllegalStateException on the loop of a started group's manager
 */
public fun EventManagerGroup.serveIn(
    scope: CoroutineScope,
    address: String,
    options: ListenOptions = ListenOptions.DEFAULT,
    drain: Duration = Server.DEFAULT_DRAIN,
    block: suspend CoroutineScope.(connection: SuspendingConnection) -> Unit,
): GroupServer {
    var stop: () -> Unit = {}
    val serving = Serving(managers(), drain) { stop() }
    val acceptor = listen(address, options.halfClosing(), suspendingHandler(scope + serving.blocks, block))
    stop = acceptor::close
    return GroupServer(acceptor, serving.begin(scope), serving)
}

/**
 * Connects on the manager whose turn it is, as `EventManager.awaitConnect` does. The connection stays on that manager's
 * loop, and its dispatcher is `connection.manager().dispatcher`.
 *
 * **Suspends** until the connection is established or has failed.
 *
 * **Cancellation** gives the attempt up; a connection that was established at that very moment is aborted.
 *
 * **Thread** any.
 *
 * @param address as for [dev.meerkat.EventManager.connect]
 * @param options how to connect
 * @return the connection, which is the caller's to close
 * @throws ConnectionFailedException if it could not be established
 * @throws dev.meerkat.ManagerClosedException if all managers are closed
 */
public suspend fun EventManagerGroup.awaitConnect(
    address: String,
    options: ConnectOptions = ConnectOptions.DEFAULT,
): SuspendingConnection = next().awaitConnect(address, options)
