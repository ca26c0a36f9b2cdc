package dev.meerkat.examples.chat

import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.coroutines.ReceiveLimitException
import dev.meerkat.coroutines.Server
import dev.meerkat.coroutines.SuspendingConnection
import dev.meerkat.coroutines.Topic
import dev.meerkat.coroutines.runEventManager
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration.Companion.seconds

/** How long a guest may be silent. */
private val PATIENCE = 30.seconds

/** The longest line in bytes, without its end. */
private const val LINE_LIMIT = 1024

/** The chat room of [ChatHandler], served with coroutines. Talk to it with `nc 127.0.0.1 7000`. */
fun main(args: Array<String>) = runEventManager {
    val server = serveChat("tcp://127.0.0.1:${CommandLine.port(*args)}")
    println("chat on port ${server.port}; join it with: nc 127.0.0.1 ${server.port}")
}

internal fun EventManagerScope.serveChat(address: String): Server {
    val room = topic<String>("room")
    return serve(address, ChatHandler.LISTEN) { guest -> attend(guest, room) }
}

/** One guest, from welcome to goodbye; returning closes the connection. */
private suspend fun CoroutineScope.attend(guest: SuspendingConnection, room: Topic<String>) {
    guest.send("welcome\n")
    launch { room.subscribe().collect { guest.tryTell(it) } }
    try {
        while (true) {
            val line = withTimeout(PATIENCE) { guest.receiveLine(LINE_LIMIT) } ?: return
            room.publish("${guest.id}: $line\n")
        }
    } catch (_: TimeoutCancellationException) {
        guest.tell("bye\n")
    } catch (_: ReceiveLimitException) {
        guest.tell("line too long\n")
    }
}

/** A guest who does not read goes without what the others say. */
private fun SuspendingConnection.tryTell(text: String) {
    if (connection.isWritable) {
        tell(text)
    }
}

/** Without waiting: `send` of a suspending connection waits for whoever does not read, and here nobody should. */
private fun SuspendingConnection.tell(text: String) {
    connection.send(text)
}
