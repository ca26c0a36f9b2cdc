package dev.meerkat.coroutines

import dev.meerkat.ConnectOptions
import dev.meerkat.Connection
import dev.meerkat.EventManager
import dev.meerkat.Handler
import dev.meerkat.ListenOptions
import dev.meerkat.event.Event
import dev.meerkat.event.TcpEvent
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.isActive
import kotlinx.coroutines.job
import kotlinx.coroutines.plus
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.coroutineContext
import kotlin.coroutines.resumeWithException
import kotlin.time.Duration

/**
 * Listens, and launches a coroutine in a scope for every connection that is accepted. Returns at once.
 *
 * When the block returns, the coroutines that it launched are cancelled and the connection is closed politely. When the
 * block fails or is cancelled, the connection is aborted; all others go on. A failure goes to the scope's
 * [CoroutineExceptionHandler] or, if there is none, to the manager's error hook, unless it is the connection's own, a
 * [ConnectionFailedException], which is the peer's doing and nobody's to mend.
 *
 * If the connection fails while the block does not wait for it, the block is cancelled.
 *
 * **Cancellation** of the scope, or of the server's job, stops listening, gives the connections the drain to end by
 * themselves, and aborts those that are left. [Server] tells of the other ways to end.
 *
 * **Thread** the loop. The block runs there too, whatever dispatcher the scope has.
 *
 * @param scope whose children the coroutines are
 * @param address as for [EventManager.listen]
 * @param options how to listen; the connections are always opened with half-close, since it is the block that ends them
 * @param drain how long the connections of a cancelled server may take to end by themselves; zero aborts them at once
 * @param block what to do with a connection
 * @return the server, already listening
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ListenException if the address is in use, not of this host or not permitted
 */
public fun EventManager.serveIn(
    scope: CoroutineScope,
    address: String,
    options: ListenOptions = ListenOptions.DEFAULT,
    drain: Duration = Server.DEFAULT_DRAIN,
    block: suspend CoroutineScope.(connection: SuspendingConnection) -> Unit,
): Server {
    var stop: () -> Unit = {}
    val serving = Serving(listOf(this), drain) { stop() }
    val acceptor = listen(address, options.halfClosing(), suspendingHandler(scope + serving.blocks, block))
    stop = acceptor::close
    return Server(acceptor, serving.begin(scope), serving)
}

/** The block ends its connection, not the peer's end of input; said here, it costs nothing per connection. */
internal fun ListenOptions.halfClosing(): ListenOptions =
    toBuilder().connection(connection().toBuilder().halfClose(true).build()).build()

/**
 * A handler that launches a coroutine for every connection whose events it receives, as [serveIn] does: for
 * `EventManager.listen`, or for a connection that a test has made.
 *
 * **Cancellation** of the scope aborts the connections.
 *
 * **Thread** the loop of each connection's manager. The block runs there too, whatever dispatcher the scope has.
 *
 * @param scope whose children the coroutines are
 * @param block what to do with a connection
 * @return a handler that may serve any number of connections
 */
public fun suspendingHandler(
    scope: CoroutineScope,
    block: suspend CoroutineScope.(connection: SuspendingConnection) -> Unit,
): Handler = suspendingHandler(LoopContexts(scope), block)

private fun suspendingHandler(
    contexts: LoopContexts,
    block: suspend CoroutineScope.(connection: SuspendingConnection) -> Unit,
): Handler = Handler { connection, event ->
    if (event is TcpEvent.Opened) {
        contexts.of(connection).launchFor(SuspendingConnection.adopt(connection), block)
    }
}

/**
 * Connects.
 *
 * **Suspends** until the connection is established or has failed.
 *
 * **Cancellation** gives the attempt up; a connection that was established at that very moment is aborted.
 *
 * **Thread** any.
 *
 * @param address as for [EventManager.connect]
 * @param options how to connect; the connection is always opened with half-close
 * @return the connection, which is the caller's to close: `use` does
 * @throws ConnectionFailedException if it could not be established
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ConnectionLimitException if the manager holds as many connections as it may
 */
public suspend fun EventManager.awaitConnect(
    address: String,
    options: ConnectOptions = ConnectOptions.DEFAULT,
): SuspendingConnection = suspendCancellableCoroutine { caller ->
    val attempt = Attempt(this, address, options, caller)
    caller.invokeOnCancellation { attempt.abort() }
    if (inLoop()) attempt.begin() else post(attempt::beginElsewhere)
}

/** The way from a suspended caller to its connection, and what a cancellation meets on it. */
private class Attempt(
    private val manager: EventManager,
    private val address: String,
    private val options: ConnectOptions,
    private val caller: CancellableContinuation<SuspendingConnection>,
) : Handler {
    @Volatile
    private var connection: Connection? = null

    fun beginElsewhere() {
        try {
            begin()
        } catch (e: RuntimeException) {
            caller.resumeWithException(e)
        }
    }

    fun begin() {
        connection = manager.connect(address, options, this)
        if (!caller.isActive) {
            abort() // it was cancelled before there was anything to abort
        }
    }

    fun abort() {
        connection?.abort()
    }

    override fun onEvent(connection: Connection, event: Event) {
        if (event is TcpEvent.Opened) {
            caller.resume(SuspendingConnection.adopt(connection)) { _, late, _ -> late.abort() }
        } else if (event is TcpEvent.ConnectFailed) {
            caller.resumeWithException(ConnectionFailedException(event.error()))
        }
    }
}

/** Ties a connection to a block: whichever ends first ends the other, and everything that the block launched. */
internal suspend fun <T> SuspendingConnection.livingFor(block: suspend CoroutineScope.(SuspendingConnection) -> T): T {
    try {
        val result = coroutineScope {
            ending.owner = coroutineContext.job
            block(this@livingFor).also { coroutineContext.cancelChildren() }
        }
        if (!isHandedOver) {
            close()
            awaitClose()
        }
        return result
    } catch (e: Throwable) {
        if (!isHandedOver) abort()
        throw if (e is CancellationException && coroutineContext.isActive) ending.ownerLostTo ?: e else e
    } finally {
        ending.owner = null
    }
}
