package dev.meerkat.coroutines

import dev.meerkat.Connection
import dev.meerkat.event.Bytes
import dev.meerkat.event.ReceiveBuffer
import kotlinx.io.Buffer
import kotlinx.io.transferFrom
import java.io.EOFException
import java.nio.ByteBuffer

/** What a receiver wants: asked on the loop thread, again whenever more has arrived. */
internal fun interface Demand {
    /**
     * Takes what is wanted out of the unread bytes, or answers [NOT_YET] and leaves them. There are unread bytes, unless
     * the input has [ended]; and then no more will arrive and [NOT_YET] is not an answer.
     */
    fun take(unread: ReceiveBuffer, ended: Boolean): Any?
}

/** The answer of a [Demand] that is not met yet. */
internal val NOT_YET: Any = Any()

/** What [SuspendingConnection.receive] wants. */
internal val something = Demand { unread, ended ->
    if (ended && unread.isEmpty) null else unread.takeArray(unread.size())
}

/** What [SuspendingConnection.receiveInto] wants. */
internal class IntoBuffer(private val target: ByteBuffer) : Demand {
    override fun take(unread: ReceiveBuffer, ended: Boolean): Any =
        if (ended && unread.isEmpty) -1 else unread.takeInto(target)
}

/** What [SuspendingConnection.receiveExactly] wants. */
internal class Exactly(private val count: Int) : Demand {
    override fun take(unread: ReceiveBuffer, ended: Boolean): Any = when {
        unread.size() >= count -> unread.takeArray(count)
        ended -> throw EOFException("the input ended after ${unread.size()} of $count bytes")
        else -> NOT_YET
    }
}

/** What [SuspendingConnection.receiveLine] wants. */
internal class Line(private val limit: Int) : Demand {
    override fun take(unread: ReceiveBuffer, ended: Boolean): Any? {
        val size = unread.size()
        val feed = unread.indexOf(LF)
        return when {
            feed >= 0 -> {
                val length = if (feed > 0 && unread[feed - 1] == CR) feed - 1 else feed
                text(unread, length).also { unread.discard(feed + 1 - length) }
            }

            ended -> if (size == 0) null else text(unread, size)

            size > limit + 1 || (size > limit && unread[limit] != CR) -> throw tooLong()

            else -> NOT_YET
        }
    }

    private fun text(unread: ReceiveBuffer, length: Int): String {
        if (length > limit) {
            throw tooLong()
        }
        return String(unread.takeArray(length), Charsets.UTF_8)
    }

    private fun tooLong() = ReceiveLimitException("a line is longer than the limit of $limit bytes", limit)

    private companion object {
        private const val LF = '\n'.code.toByte()
        private const val CR = '\r'.code.toByte()
    }
}

/** What [receiveUntil] wants. */
internal class Until(private val delimiter: Bytes, private val limit: Int) : Demand {
    override fun take(unread: ReceiveBuffer, ended: Boolean): Any? {
        val length = unread.indexOf(delimiter)
        return when {
            length > limit -> throw tooLong()
            length >= 0 -> unread.takeArray(length).also { unread.discard(delimiter.length()) }
            unread.size() >= limit + delimiter.length() -> throw tooLong()
            !ended -> NOT_YET
            unread.isEmpty -> null
            else -> throw EOFException("the input ended after ${unread.size()} bytes without $delimiter")
        }
    }

    private fun tooLong() = ReceiveLimitException("no $delimiter within the limit of $limit bytes", limit)
}

/** What [receiveInto] of a kotlinx-io buffer wants. */
internal class IntoSegments(private val target: Buffer) : Demand {
    override fun take(unread: ReceiveBuffer, ended: Boolean): Any {
        val count = unread.size()
        if (ended && count == 0) {
            return -1
        }
        target.transferFrom(unread.view())
        unread.discard(count)
        return count
    }
}

/** What [SuspendingConnection.receiveWith] wants. */
internal class Custom(private val connection: Connection, private val function: (ReceiveBuffer) -> Any?) : Demand {
    override fun take(unread: ReceiveBuffer, ended: Boolean): Any? {
        val taken = if (unread.isEmpty) null else function(unread)
        if (taken != null || ended) {
            return taken
        }
        val limit = connection.options().receiveLimit()
        if (unread.size() >= limit) {
            throw ReceiveLimitException(
                "what was waited for does not fit into the receive limit of $limit bytes",
                limit,
            )
        }
        return NOT_YET
    }
}
