package dev.meerkat.coroutines

import dev.meerkat.event.Bytes
import dev.meerkat.event.ConnectionError
import dev.meerkat.event.UdpEvent
import java.io.IOException
import java.net.InetSocketAddress

/** One datagram that was received: a copy, which its receiver keeps. */
public class Datagram internal constructor(
    /** Who sent it, as far as UDP can tell: anybody may write any address there. */
    public val sender: InetSocketAddress,
    /** What it carries, possibly nothing. */
    public val payload: Bytes,
    /** Whether it was longer than the socket's datagram limit and its end is lost. */
    public val isTruncated: Boolean,
) {
    /** The payload, read as UTF-8 whenever it is asked for; malformed input becomes U+FFFD. */
    public val text: String
        get() = payload.utf8()

    /** Tells sender and length, for logs. */
    override fun toString(): String =
        "datagram of ${payload.length()} bytes from $sender" + if (isTruncated) ", truncated" else ""
}

/**
 * A datagram did not leave, or met nobody. The socket goes on: one may receive and send again. A program decides by the
 * kind of the error, or by the event.
 */
public class DatagramFailedException internal constructor(
    /** What happened: [UdpEvent.PortUnreachable], [UdpEvent.SendFailed] or [UdpEvent.ReceiveFailed]. */
    public val event: UdpEvent,
    /** What went wrong; of the kind `REFUSED` if nobody listens at the peer's port. */
    public val error: ConnectionError,
) : IOException(error.toString(), error.cause().orElse(null)) {
    internal constructor(event: UdpEvent) : this(event, errorOf(event))

    private companion object {
        private const val serialVersionUID = 1L

        private fun errorOf(event: UdpEvent): ConnectionError = when (event) {
            is UdpEvent.SendFailed -> event.error()

            is UdpEvent.ReceiveFailed -> event.error()

            is UdpEvent.PortUnreachable ->
                ConnectionError.of(ConnectionError.Kind.REFUSED, "nobody listens at ${event.peer()}")

            else -> throw IllegalArgumentException("no failure: $event")
        }
    }
}
