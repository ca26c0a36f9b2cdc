package dev.meerkat.examples.interop.coroutines

import dev.meerkat.coroutines.SuspendingConnection
import dev.meerkat.coroutines.openReadChannel
import dev.meerkat.coroutines.openWriteChannel
import io.ktor.utils.io.copyTo

/** How the echo is written; `ECHO` names one in lower case, the first one if it is not set. */
internal enum class Echo(private val echo: suspend (SuspendingConnection) -> Unit) {
    /** What comes is sent on without being looked at. */
    COPY({ connection -> connection.copyTo(connection) }),

    /** What comes is received into an array, which is sent. */
    RECEIVE({ connection -> while (true) connection.send(connection.receive() ?: break) }),

    /** What comes passes through Ktor-io's channels. */
    CHANNELS({ connection -> connection.openReadChannel().copyTo(connection.openWriteChannel()) }),
    ;

    /** Sends every byte of a connection back to where it came from, until the end of input. */
    suspend fun serve(connection: SuspendingConnection) = echo(connection)

    companion object {
        /** The one that the environment asks for. */
        val CHOSEN: Echo = System.getenv("ECHO")?.let { valueOf(it.uppercase()) } ?: COPY
    }
}
