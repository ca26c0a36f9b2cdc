package dev.meerkat.coroutines

import dev.meerkat.ConnectOptions
import dev.meerkat.ErrorHook
import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.withContext
import java.util.Optional
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.EmptyCoroutineContext

/**
 * Makes a scope that lives as long as the manager: what is launched in it runs on the manager's [dispatcher] and is
 * cancelled when the manager is closed. For programs that own a manager in a class of theirs and launch from outside
 * coroutines; within one, [withEventManager] is what waits for its children.
 *
 * The failure of one coroutine cancels no other. It goes to the [CoroutineExceptionHandler] of the context or, if there
 * is none, to the manager's error hook.
 *
 * **Cancellation** of the scope is the owner's affair, too: `cancel()` ends what it launched, not the manager.
 *
 * **Thread** any.
 *
 * @param context what else its coroutines have, a parent job for instance
 * @return a new scope
 * @throws ManagerClosedException if the manager is closed
 */
public fun EventManager.coroutineScope(context: CoroutineContext = EmptyCoroutineContext): CoroutineScope {
    val job = SupervisorJob(context[Job])
    val hook = onClose {
        job.cancel(CancellationException("$this was closed", ManagerClosedException("$this was closed")))
    }
    job.invokeOnCompletion { hook.cancel() }
    val handler = context[CoroutineExceptionHandler] ?: CoroutineExceptionHandler { _, failure ->
        options().errorHook().onError(ErrorHook.Source.TASK, Optional.empty(), failure)
    }
    return CoroutineScope(context + dispatcher + job + handler)
}

/**
 * Connects, runs a block with the connection, and closes it when the block is over: politely when it returns, by a reset
 * when it fails or is cancelled. Coroutines that the block launched in its scope are cancelled when it returns.
 *
 * **Suspends** until the connection is closed.
 *
 * **Cancellation** gives the attempt up, or aborts the connection.
 *
 * **Thread** any; the block runs on the loop.
 *
 * @param address as for [EventManager.connect]
 * @param options how to connect
 * @param block what to do with the connection. If the connection fails while the block waits for something else, the
 *     block is cancelled
 * @return what the block returns
 * @throws ConnectionFailedException if it could not be established, or failed
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ConnectionLimitException if the manager holds as many connections as it may
 */
public suspend fun <T> EventManager.useConnection(
    address: String,
    options: ConnectOptions = ConnectOptions.DEFAULT,
    block: suspend CoroutineScope.(connection: SuspendingConnection) -> T,
): T = withContext(dispatcher) { awaitConnect(address, options).livingFor(block) }
