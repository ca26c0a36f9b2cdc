package dev.meerkat.coroutines.websocket

import dev.meerkat.event.Bytes
import dev.meerkat.http.ResponseHead
import dev.meerkat.websocket.ClosedBy
import dev.meerkat.websocket.HandshakeError
import dev.meerkat.websocket.WebSocketError
import dev.meerkat.websocket.WebSocketEvent
import java.io.IOException

/**
 * The WebSocket has ended otherwise than in order: the peer has broken a rule, said that something went wrong, or was not
 * heard of any more; or the program wants to send, and it is over. A program decides by [code] and [error]; the message
 * is for people.
 */
public class WebSocketClosedException(
    /** How it ended, whoever began. */
    public val closed: WebSocketEvent.Closed,
) : IOException(describe(closed), closed.connectionError().flatMap { it.cause() }.orElse(null)) {
    /** The code of the close frame; 1005 if it had none, 1006 if there was none, 1015 if TLS failed (RFC 6455 §7.4.1). */
    public val code: Int
        get() = closed.status().code()

    /** Which rule the peer has broken, if it was that: too long a message (1009), a text that is not UTF-8 (1007). */
    public val error: WebSocketError?
        get() = closed.error().orElse(null)

    private companion object {
        private const val serialVersionUID = 1L

        private fun describe(closed: WebSocketEvent.Closed): String {
            val status = closed.status()
            val why =
                closed.error().map { it.message() }
                    .or { closed.connectionError().map { it.toString() } }
                    .orElse(status.reason())
            val who =
                when (closed.by()) {
                    ClosedBy.LOCAL -> "this program"
                    ClosedBy.PEER -> "the peer"
                    ClosedBy.NETWORK -> "the network"
                    ClosedBy.MANAGER -> "the manager"
                }
            return "the WebSocket was closed by $who with ${status.code()}" + if (why.isEmpty()) "" else ": $why"
        }
    }
}

/** The server did not agree to become a WebSocket; a redirect is a refusal, too. */
public class WebSocketRefusedException(
    /** Its answer, of another status than 101. */
    public val head: ResponseHead,
    /** The beginning of the answer's body, up to the limit of the options. */
    public val body: Bytes,
) : IOException("the server has refused a WebSocket with ${head.status()}") {
    /** The status of its answer, for example 401. */
    public val status: Int
        get() = head.status()

    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** The server has agreed, but what it said is no WebSocket, or not one that was asked for. */
public class WebSocketHandshakeException(
    /** Which rule it has broken. */
    public val error: HandshakeError,
) : IOException(error.message()) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** A ping was not answered in time. The WebSocket is still there. */
public class PongTimeoutException internal constructor(message: String) : IOException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** Whether a WebSocket that has ended like this was at its end, so that who receives may take it for the end of all. */
internal val WebSocketEvent.Closed.isInOrder: Boolean
    get() = when (status().code()) {
        NORMAL, GOING_AWAY, NO_CODE -> error().isEmpty
        ABNORMAL, TLS_FAILED -> false
        else -> by() == ClosedBy.LOCAL
    }

internal const val NORMAL = 1000
internal const val GOING_AWAY = 1001
internal const val FAILED = 1011
private const val NO_CODE = 1005
private const val ABNORMAL = 1006
private const val TLS_FAILED = 1015
