package dev.meerkat.coroutines

import dev.meerkat.ConnectionClosedException
import dev.meerkat.UdpHandler
import dev.meerkat.UdpSocket
import dev.meerkat.event.Bytes
import dev.meerkat.event.CloseReason
import dev.meerkat.event.ConnectionError
import dev.meerkat.event.UdpEvent
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.coroutines.flow.asSharedFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.coroutines.resume

/**
 * A UDP socket whose datagrams are received and sent by suspend functions. Made by [listenUdp] and [connectUdp], or of
 * a socket that a Java handler had by [asSuspending]. It is a resource of whoever made it, for `use` if nobody else
 * closes it.
 *
 * A datagram that arrives while nobody receives waits in a queue, in the order in which they came. When the queue is
 * full, its policy decides: the oldest or the newest datagram is lost and counted in [dropped], or the socket stops
 * reading, so that the system's own buffer fills up behind ours and what it loses then nobody counts. The default is to
 * lose the oldest: who was away wants to know how things stand, and who asks again waits for the newest answer.
 *
 * A failure of one datagram never ends the socket. [failures] tells of all of them. [receive] throws them on a socket
 * with a peer, whose receiver would otherwise wait for an answer that cannot come; on one without, one peer's trouble
 * is none of the others'.
 *
 * Everything may be called from any coroutine on any dispatcher. Both directions have any number of users.
 */
public class SuspendingUdpSocket internal constructor(
    /** The socket beneath, for all that has no suspend form. It belongs to its loop thread. */
    public val socket: UdpSocket,
    capacity: Int,
    onOverflow: BufferOverflow,
) : AutoCloseable {
    private val manager = socket.manager()
    private val arrivals = Arrivals<Any>(manager, capacity, onOverflow, ::holdBack)
    private val senders = ArrayDeque<CancellableContinuation<Unit>>(0)
    private val closeWaiters = ArrayDeque<CancellableContinuation<CloseReason>>(0)
    private val troubles = MutableSharedFlow<UdpEvent>(0, FAILURES_KEPT, BufferOverflow.DROP_OLDEST)

    /** The address that it is bound to. Kept after the end. */
    public val localAddress: InetSocketAddress = socket.localAddress()

    /** The port that it is bound to, 1 to 65535. */
    public val port: Int
        get() = localAddress.port

    /** The peer of a connected socket, or null if it hears everybody. Kept after the end. */
    public val remoteAddress: InetSocketAddress? = socket.remoteAddress().orElse(null)

    /** Why the socket ended, or null while it lives. */
    @Volatile
    public var closeReason: CloseReason? = null
        private set

    /** How many datagrams were lost because too many waited here for a receiver. Read from any thread. */
    public val dropped: Long
        get() = arrivals.dropped

    /**
     * What went wrong with single datagrams, as it happens: [UdpEvent.PortUnreachable], [UdpEvent.SendFailed] and
     * [UdpEvent.ReceiveFailed]. Each collector is told of what happens while it collects; one that is more than 64
     * behind loses the oldest. Never ends by itself.
     */
    public val failures: SharedFlow<UdpEvent> = troubles.asSharedFlow()

    init {
        socket.replaceHandler(UdpHandler { _, event -> onEvent(event) })
    }

    // ---------------------------------------------------------------- receiving

    /**
     * Receives a datagram, whole: two are never joined, and one is cut only at the socket's datagram limit.
     *
     * **Suspends** until one arrives; not at all if one waits. Receivers that wait are served in their order.
     *
     * **Cancellation** takes nothing: what arrives later is for the next call.
     *
     * **Thread** any; resumed in place if the coroutine runs on the loop.
     *
     * @return the datagram, the caller's own; null after this end closed the socket in order
     * @throws DatagramFailedException if the socket has a peer and a datagram has failed, nobody listening there for
     *     instance; the socket goes on
     * @throws ConnectionFailedException if the socket failed
     */
    public suspend fun receive(): Datagram? {
        val arrived = arrivals.receive()
        if (arrived is UdpEvent) {
            throw DatagramFailedException(arrived)
        }
        return arrived as Datagram?
    }

    /**
     * Takes a datagram if one waits.
     *
     * **Thread** the loop.
     *
     * @return the datagram, or null if none waits
     */
    public fun receiveOrNull(): Datagram? {
        while (true) {
            val arrived = arrivals.poll()
            if (arrived !is UdpEvent) {
                return arrived as Datagram?
            }
        }
    }

    /**
     * The datagrams that arrive, as [receive] tells them. Each goes to one collector only; a collector that stops early
     * has taken no more than what it got.
     *
     * **Suspends** the collector until the next datagram arrives.
     *
     * **Cancellation** as for [receive].
     *
     * **Thread** any.
     *
     * @return a cold flow, which ends when the socket is closed in order and fails as [receive] does
     */
    public val datagrams: Flow<Datagram> = flow {
        while (true) {
            emit(receive() ?: break)
        }
    }

    private fun holdBack(hold: Boolean) {
        if (socket.isOpen) {
            if (hold) socket.pauseReading() else socket.resumeReading()
        }
    }

    // ---------------------------------------------------------------- sending

    /**
     * Sends a datagram to the peer of a connected socket, by copying it if it has to wait. That it has left does not
     * mean that it arrives.
     *
     * **Suspends** before sending, while more than the high-water mark waits for the system. Senders that wait go on in
     * the order in which they came.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param payload what to send, possibly empty; not to be changed until the call returns
     * @throws dev.meerkat.DatagramTooLongException if no datagram can carry so much
     * @throws ConnectionFailedException if the socket failed
     * @throws ConnectionClosedException if this end closed the socket
     * @throws IllegalStateException if the socket has no peer
     */
    public suspend fun send(payload: ByteArray): Unit = transmit { socket.send(payload) }

    /**
     * Sends a datagram to the peer of a connected socket; otherwise as `send` of an array.
     *
     * **Suspends** before sending, while more than the high-water mark waits for the system.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param payload what to send, possibly empty
     */
    public suspend fun send(payload: Bytes): Unit = transmit { socket.send(payload) }

    /**
     * Sends what remains in a buffer, whose position moves to its limit, to the peer of a connected socket; otherwise as
     * `send` of an array.
     *
     * **Suspends** before sending, while more than the high-water mark waits for the system.
     *
     * **Cancellation** of a call that waits sends nothing and leaves the buffer as it was.
     *
     * **Thread** any.
     *
     * @param payload what to send, possibly empty; not to be changed until the call returns
     */
    public suspend fun send(payload: ByteBuffer): Unit = transmit { socket.send(payload) }

    /**
     * Sends a text in UTF-8 to the peer of a connected socket; otherwise as `send` of an array.
     *
     * **Suspends** before sending, while more than the high-water mark waits for the system.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param text what to send
     */
    public suspend fun send(text: CharSequence): Unit = send(Bytes.utf8(text))

    /**
     * Sends a datagram to an address; otherwise as [send].
     *
     * **Suspends** before sending, while more than the high-water mark waits for the system.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param target whom to send to
     * @param payload what to send, possibly empty; not to be changed until the call returns
     * @throws dev.meerkat.DatagramTooLongException if no datagram can carry so much
     * @throws ConnectionFailedException if the socket failed
     * @throws ConnectionClosedException if this end closed the socket
     * @throws IllegalStateException if the socket has a peer of its own, which alone it sends to
     * @throws IllegalArgumentException if the target is an unresolved name or has port 0
     */
    public suspend fun sendTo(target: InetSocketAddress, payload: ByteArray): Unit =
        transmit { socket.sendTo(target, payload) }

    /**
     * Sends a datagram to an address; otherwise as `sendTo` of an array.
     *
     * **Suspends** before sending, while more than the high-water mark waits for the system.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param target whom to send to
     * @param payload what to send, possibly empty
     */
    public suspend fun sendTo(target: InetSocketAddress, payload: Bytes): Unit =
        transmit { socket.sendTo(target, payload) }

    /**
     * Sends what remains in a buffer, whose position moves to its limit, to an address; otherwise as `sendTo` of an
     * array.
     *
     * **Suspends** before sending, while more than the high-water mark waits for the system.
     *
     * **Cancellation** of a call that waits sends nothing and leaves the buffer as it was.
     *
     * **Thread** any.
     *
     * @param target whom to send to
     * @param payload what to send, possibly empty; not to be changed until the call returns
     */
    public suspend fun sendTo(target: InetSocketAddress, payload: ByteBuffer): Unit =
        transmit { socket.sendTo(target, payload) }

    /**
     * Sends a text in UTF-8 to an address; otherwise as `sendTo` of an array.
     *
     * **Suspends** before sending, while more than the high-water mark waits for the system.
     *
     * **Cancellation** of a call that waits sends nothing.
     *
     * **Thread** any.
     *
     * @param target whom to send to
     * @param text what to send
     */
    public suspend fun sendTo(target: InetSocketAddress, text: CharSequence): Unit = sendTo(target, Bytes.utf8(text))

    private suspend fun transmit(send: () -> Unit) {
        closeReason?.let(::failureOf)?.let { throw it } // the loop may be gone
        if (manager.inLoop()) sendInTurn(send) else withContext(manager.dispatcher) { sendInTurn(send) }
    }

    private suspend fun sendInTurn(send: () -> Unit) {
        var first = false
        while (isCongested() || (!first && senders.isNotEmpty())) {
            awaitDrained(first)
            first = true // whose turn it was keeps its place
        }
        try {
            send()
        } catch (e: ConnectionClosedException) {
            throw socket.closeReason().orElse(null)?.let(::failureOf) ?: e
        }
    }

    /** Whether a `Drained` or `Closed` will come. */
    private fun isCongested() = socket.isOpen && !socket.isWritable

    private suspend fun awaitDrained(first: Boolean) = suspendCancellableCoroutine { sender ->
        if (first) senders.addFirst(sender) else senders.addLast(sender)
        sender.invokeOnCancellation { if (manager.inLoop()) senders.remove(sender) } // else passed over in its turn
    }

    // ---------------------------------------------------------------- groups

    /**
     * Joins a multicast group, so that what is sent to it is received here. Joining twice does nothing.
     *
     * **Suspends** only to reach the loop.
     *
     * **Cancellation** on the way there joins nothing.
     *
     * **Thread** any.
     *
     * @param group a multicast address
     * @param networkInterface the name of the interface; empty, the default, lets the system choose
     * @throws IllegalArgumentException if it is not a multicast address
     * @throws dev.meerkat.MulticastException if there is no such interface, or the system refuses
     * @throws ConnectionClosedException if the socket is not open
     */
    public suspend fun join(group: InetAddress, networkInterface: String = "") {
        if (manager.inLoop()) {
            socket.join(group, networkInterface)
        } else {
            withContext(manager.dispatcher) { socket.join(group, networkInterface) }
        }
    }

    /**
     * Leaves a multicast group. Does nothing if the socket is not a member.
     *
     * **Suspends** only to reach the loop.
     *
     * **Cancellation** on the way there leaves nothing.
     *
     * **Thread** any.
     *
     * @param group a multicast address
     * @param networkInterface as it was joined
     * @throws dev.meerkat.MulticastException if the system refuses
     */
    public suspend fun leave(group: InetAddress, networkInterface: String = "") {
        if (manager.inLoop()) {
            socket.leave(group, networkInterface)
        } else {
            withContext(manager.dispatcher) { socket.leave(group, networkInterface) }
        }
    }

    // ---------------------------------------------------------------- ending

    /**
     * Closes the socket: it receives no more, and what waits to be sent leaves within the close time-out. What was
     * received before can still be taken; then [receive] answers null. Returns at once; [awaitClose] waits.
     *
     * **Thread** any.
     */
    override fun close() {
        socket.close()
    }

    /**
     * Closes the socket at once; what waits to be sent is thrown away. Whoever waits fails with an error of the kind
     * `ABORTED`.
     *
     * **Thread** any.
     */
    public fun abort() {
        socket.abort()
    }

    /**
     * Waits until the socket is closed, by whomever.
     *
     * **Suspends** until then.
     *
     * **Cancellation** leaves the socket as it is.
     *
     * **Thread** any.
     *
     * @return who closed it and why
     */
    public suspend fun awaitClose(): CloseReason = closeReason ?: withContext(manager.dispatcher) {
        closeReason ?: suspendCancellableCoroutine { caller ->
            closeWaiters.addLast(caller)
            caller.invokeOnCancellation { if (manager.inLoop()) closeWaiters.remove(caller) }
        }
    }

    // ---------------------------------------------------------------- events

    private fun onEvent(event: UdpEvent) {
        when (event) {
            is UdpEvent.Received -> arrivals.offer(Datagram(event.sender(), event.take(), event.truncated()))

            is UdpEvent.Drained -> drained()

            is UdpEvent.PortUnreachable,
            is UdpEvent.SendFailed,
            is UdpEvent.ReceiveFailed,
            -> failed(event)

            is UdpEvent.Closed -> closed(event.reason())

            is UdpEvent.Opened,
            is UdpEvent.ConnectFailed,
            is UdpEvent.TimerFired,
            is UdpEvent.Tick,
            -> Unit
        }
    }

    private fun failed(event: UdpEvent) {
        troubles.tryEmit(event)
        if (remoteAddress != null) {
            arrivals.offer(event)
        }
    }

    private fun drained() {
        while (senders.isNotEmpty() && !isCongested()) {
            senders.removeFirst().resume(Unit)
        }
    }

    private fun closed(reason: CloseReason) {
        closeReason = reason
        arrivals.end(failureOf(reason))
        while (senders.isNotEmpty()) {
            senders.removeFirst().resume(Unit) // to find the socket closed
        }
        while (closeWaiters.isNotEmpty()) {
            closeWaiters.removeFirst().resume(reason)
        }
    }

    /** What a closed socket throws; null if it ended in order. That its manager was closed is no order of its own. */
    private fun failureOf(reason: CloseReason): ConnectionFailedException? {
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

    /** Names the socket, for logs. */
    override fun toString(): String = socket.toString()

    /** Defaults. */
    public companion object {
        /**
         * How many datagrams wait for a receiver if nothing else is said: 64, as many as a turn of the loop receives.
         * They take at most as many times the datagram limit.
         */
        public const val DEFAULT_CAPACITY: Int = 64

        /** How far a collector of failures may be behind. */
        private const val FAILURES_KEPT = 64
    }
}
