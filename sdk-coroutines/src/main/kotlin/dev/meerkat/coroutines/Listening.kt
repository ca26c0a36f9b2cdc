package dev.meerkat.coroutines

import dev.meerkat.Acceptor
import dev.meerkat.CloseHook
import dev.meerkat.EventManager
import dev.meerkat.Handler
import dev.meerkat.ListenOptions
import dev.meerkat.event.TcpEvent
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import java.net.SocketAddress
import java.util.concurrent.atomic.AtomicLong

/**
 * A listening socket whose connections are taken one by one, by [accept] or as a flow, in place of being served each by a
 * coroutine of its own as [serve][EventManagerScope.serve] does. Made by [EventManager.listen].
 *
 * A connection is open when it is taken, or has been. What its peer has sent by then waits in the receive buffer.
 * Connections that nobody has taken wait, up to a capacity; those above it are reset at once and counted as [refused].
 * When the listener is closed, those that nobody has taken are reset.
 */
public class Listener internal constructor(
    /** The acceptor beneath. It belongs to its loop thread. */
    public val acceptor: Acceptor,
    private val waiting: Channel<SuspendingConnection>,
    private val refusals: AtomicLong,
) : AutoCloseable {
    /** The port that it listens on, 1 to 65535. */
    public val port: Int
        get() = acceptor.port()

    /** The address that it listens on, with the real port. */
    public val localAddress: SocketAddress
        get() = acceptor.localAddress()

    /** How many connections were reset because as many waited as may. */
    public val refused: Long
        get() = refusals.get()

    /** Closes it with the manager. */
    private val hook: CloseHook = acceptor.manager().onClose { close() }

    /**
     * Takes the connection that has waited longest.
     *
     * **Suspends** until there is one.
     *
     * **Cancellation** takes nothing; a connection that came at that very moment is reset.
     *
     * **Thread** any; several callers get one each.
     *
     * @return the connection, which is the caller's to close: `use` does; null when the listener, or its manager, is closed
     */
    public suspend fun accept(): SuspendingConnection? = waiting.receiveCatching().getOrNull()

    /**
     * The connections, as [accept] takes them, until the listener is closed. Each goes to one collector only and is that
     * collector's to close.
     */
    public val connections: Flow<SuspendingConnection> = flow {
        while (true) {
            emit(accept() ?: break)
        }
    }

    /**
     * Stops listening, and resets the connections that nobody has taken. A second call does nothing.
     *
     * **Thread** any.
     */
    override fun close() {
        hook.cancel()
        acceptor.close()
        waiting.close()
        while (true) {
            waiting.tryReceive().getOrNull()?.abort() ?: break
        }
    }

    /** Names the address, for logs. */
    override fun toString(): String = "listener on $localAddress"

    /** Defaults. */
    public companion object {
        /** How many connections wait to be taken if nothing else is said. */
        public const val DEFAULT_CAPACITY: Int = 128
    }
}

/**
 * Listens for connections that are taken one by one.
 *
 * **Thread** the loop.
 *
 * @param address as for [EventManager.listen] with a handler
 * @param options how to listen; the connections are always opened with half-close
 * @param capacity how many connections may wait to be taken, at least 1; those above are reset
 * @return the listener, already listening; the caller's to close
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ListenException if the address is in use, not of this host or not permitted
 */
public fun EventManager.listen(
    address: String,
    options: ListenOptions = ListenOptions.DEFAULT,
    capacity: Int = Listener.DEFAULT_CAPACITY,
): Listener {
    require(capacity >= 1) { "capacity must be at least 1: $capacity" }
    val waiting = Channel<SuspendingConnection>(capacity, onUndeliveredElement = { it.abort() })
    val refusals = AtomicLong()
    val handler =
        Handler { connection, event ->
            if (event is TcpEvent.Opened && waiting.trySend(SuspendingConnection.adopt(connection)).isFailure) {
                refusals.incrementAndGet()
                connection.abort()
            }
        }
    val halfClosing = options.connection().toBuilder().halfClose(true).build()
    val acceptor = listen(address, options.toBuilder().connection(halfClosing).build(), handler)
    return Listener(acceptor, waiting, refusals)
}

/**
 * Listens for connections that are taken one by one, as [EventManager.listen].
 *
 * **Thread** the loop.
 *
 * @param address as for [EventManager.listen] with a handler
 * @param options how to listen
 * @param capacity how many connections may wait to be taken, at least 1; those above are reset
 * @return the listener, already listening; the caller's to close
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ListenException if the address is in use, not of this host or not permitted
 */
public fun EventManagerScope.listen(
    address: String,
    options: ListenOptions = ListenOptions.DEFAULT,
    capacity: Int = Listener.DEFAULT_CAPACITY,
): Listener = manager.listen(address, options, capacity)
