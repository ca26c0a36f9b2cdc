package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.UdpHandler
import dev.meerkat.UdpOptions
import dev.meerkat.UdpSocket
import dev.meerkat.event.UdpEvent
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.resumeWithException

/**
 * Binds a UDP socket, which hears everybody and sends to anybody; as [awaitListenUdp] on the manager of this scope.
 *
 * **Suspends** until it is bound, later in this turn of the loop.
 *
 * **Cancellation** leaves no socket behind.
 *
 * **Thread** any.
 *
 * @param address as for [EventManager.listenUdp]
 * @param options how it behaves
 * @param capacity how many datagrams wait for a receiver
 * @param onOverflow what happens when so many wait; see [SuspendingUdpSocket]
 * @return the socket, already bound, which is the caller's to close
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ListenException if the address is in use, not of this host or not permitted
 * @throws dev.meerkat.ConnectionLimitException if the manager holds as many connections and sockets as it may
 */
public suspend fun EventManagerScope.listenUdp(
    address: String,
    options: UdpOptions = UdpOptions.DEFAULT,
    capacity: Int = SuspendingUdpSocket.DEFAULT_CAPACITY,
    onOverflow: BufferOverflow = BufferOverflow.DROP_OLDEST,
): SuspendingUdpSocket = manager.awaitListenUdp(address, options, capacity, onOverflow)

/**
 * Makes a UDP socket with one peer; as [awaitConnectUdp] on the manager of this scope.
 *
 * **Suspends** while the name of the peer is being looked up.
 *
 * **Cancellation** gives the attempt up and leaves no socket behind.
 *
 * **Thread** any.
 *
 * @param address as for [EventManager.connectUdp]
 * @param options how it behaves
 * @param capacity how many datagrams wait for a receiver
 * @param onOverflow what happens when so many wait; see [SuspendingUdpSocket]
 * @return the socket, which is the caller's to close
 * @throws ConnectionFailedException if the name has no address, or the system refuses
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ConnectionLimitException if the manager holds as many connections and sockets as it may
 */
public suspend fun EventManagerScope.connectUdp(
    address: String,
    options: UdpOptions = UdpOptions.DEFAULT,
    capacity: Int = SuspendingUdpSocket.DEFAULT_CAPACITY,
    onOverflow: BufferOverflow = BufferOverflow.DROP_OLDEST,
): SuspendingUdpSocket = manager.awaitConnectUdp(address, options, capacity, onOverflow)

/**
 * Binds a UDP socket, which hears everybody and sends to anybody.
 *
 * **Suspends** until it is bound, later in this turn of the loop.
 *
 * **Cancellation** leaves no socket behind: one that was bound at that very moment is closed.
 *
 * **Thread** any.
 *
 * @param address as for [EventManager.listenUdp]
 * @param options how it behaves
 * @param capacity how many datagrams wait for a receiver
 * @param onOverflow what happens when so many wait; see [SuspendingUdpSocket]
 * @return the socket, already bound, which is the caller's to close: `use` does
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ListenException if the address is in use, not of this host or not permitted
 * @throws dev.meerkat.ConnectionLimitException if the manager holds as many connections and sockets as it may
 */
public suspend fun EventManager.awaitListenUdp(
    address: String,
    options: UdpOptions = UdpOptions.DEFAULT,
    capacity: Int = SuspendingUdpSocket.DEFAULT_CAPACITY,
    onOverflow: BufferOverflow = BufferOverflow.DROP_OLDEST,
): SuspendingUdpSocket = suspendCancellableCoroutine { caller ->
    val binding = UdpAttempt(this, caller, capacity, onOverflow) { handler -> listenUdp(address, options, handler) }
    binding.run()
}

/**
 * Makes a UDP socket with one peer: it hears nobody else, and is told when nobody listens there. Nothing is sent, so
 * that success only means that there is such an address.
 *
 * **Suspends** while the name of the peer is being looked up.
 *
 * **Cancellation** gives the attempt up and leaves no socket behind.
 *
 * **Thread** any.
 *
 * @param address as for [EventManager.connectUdp]
 * @param options how it behaves
 * @param capacity how many datagrams wait for a receiver
 * @param onOverflow what happens when so many wait; see [SuspendingUdpSocket]
 * @return the socket, which is the caller's to close: `use` does
 * @throws ConnectionFailedException if the name has no address, or the system refuses
 * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
 * @throws dev.meerkat.ConnectionLimitException if the manager holds as many connections and sockets as it may
 */
public suspend fun EventManager.awaitConnectUdp(
    address: String,
    options: UdpOptions = UdpOptions.DEFAULT,
    capacity: Int = SuspendingUdpSocket.DEFAULT_CAPACITY,
    onOverflow: BufferOverflow = BufferOverflow.DROP_OLDEST,
): SuspendingUdpSocket = suspendCancellableCoroutine { caller ->
    val attempt = UdpAttempt(this, caller, capacity, onOverflow) { handler -> connectUdp(address, options, handler) }
    attempt.run()
}

/**
 * Takes a socket over from its handler, in the midst of its datagrams: from the next one on they are received by
 * suspend functions.
 *
 * **Thread** the loop.
 *
 * @param capacity how many datagrams wait for a receiver
 * @param onOverflow what happens when so many wait; see [SuspendingUdpSocket]
 * @return the socket, which is the caller's to close
 * @throws IllegalStateException if the socket is not open
 */
public fun UdpSocket.asSuspending(
    capacity: Int = SuspendingUdpSocket.DEFAULT_CAPACITY,
    onOverflow: BufferOverflow = BufferOverflow.DROP_OLDEST,
): SuspendingUdpSocket {
    check(isOpen) { "$this is ${state()}, not OPEN" }
    return SuspendingUdpSocket(this, capacity, onOverflow)
}

/** The way from a suspended caller to its socket, and what a cancellation meets on it. */
private class UdpAttempt(
    private val manager: EventManager,
    private val caller: CancellableContinuation<SuspendingUdpSocket>,
    private val capacity: Int,
    private val onOverflow: BufferOverflow,
    private val make: (UdpHandler) -> UdpSocket,
) : UdpHandler {
    @Volatile
    private var socket: UdpSocket? = null

    fun run() {
        require(capacity >= 1) { "capacity must be at least 1: $capacity" }
        caller.invokeOnCancellation { socket?.abort() }
        if (manager.inLoop()) begin() else manager.post(::beginElsewhere)
    }

    private fun beginElsewhere() {
        try {
            begin()
        } catch (e: RuntimeException) {
            caller.resumeWithException(e)
        }
    }

    private fun begin() {
        if (caller.isActive) {
            val made = make(this)
            socket = made
            if (!caller.isActive) {
                made.abort() // it was cancelled before there was anything to abort
            }
        }
    }

    override fun onEvent(socket: UdpSocket, event: UdpEvent) {
        if (event is UdpEvent.Opened) {
            val suspending = SuspendingUdpSocket(socket, capacity, onOverflow)
            caller.resume(suspending) { _, late, _ -> late.abort() }
        } else if (event is UdpEvent.ConnectFailed) {
            caller.resumeWithException(ConnectionFailedException(event.error()))
        }
    }
}
