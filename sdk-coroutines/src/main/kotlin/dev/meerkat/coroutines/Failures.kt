package dev.meerkat.coroutines

import dev.meerkat.event.ConnectionError
import io.ktor.utils.io.ClosedByteChannelException
import java.io.IOException

/**
 * A connection could not be made, or failed: the exception that carries a [ConnectionError] to a coroutine. A program
 * decides by the error's kind; the message is for people.
 */
public class ConnectionFailedException(
    /** What went wrong, and whose fault it is. */
    public val error: ConnectionError,
) : IOException(error.toString(), error.cause().orElse(null)) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/**
 * The peer sent more than a limit allows without what was waited for: a line without its end, a message that does not
 * fit into the receive limit. What arrived is still unread.
 */
public class ReceiveLimitException internal constructor(
    message: String,
    /** How many bytes were allowed. */
    public val limit: Int,
) : IOException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** What a failure of a channel of Ktor's comes from: its functions wrap what the connection said, perhaps twice. */
internal fun Throwable.beneathChannels(): Throwable {
    var failure = this
    while (failure is ClosedByteChannelException) {
        failure = failure.cause ?: break
    }
    return failure
}
