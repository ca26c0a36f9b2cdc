package dev.meerkat.examples.benchmarks.versus

import dev.meerkat.EventManager
import dev.meerkat.ListenOptions
import dev.meerkat.coroutines.Server
import dev.meerkat.coroutines.SuspendingConnection
import dev.meerkat.coroutines.serveIn
import kotlinx.coroutines.CoroutineScope
import kotlin.coroutines.EmptyCoroutineContext

/** The echo that a user of the suspend functions would write. They bring the back-pressure. */
internal suspend fun echo(connection: SuspendingConnection) {
    while (true) {
        connection.send(connection.receive() ?: break)
    }
}

/** A manager on a thread of its own, with a coroutine for each connection. */
internal class SuspendEcho private constructor(private val manager: EventManager, private val server: Server) :
    EchoServer {
    override fun port(): Int = server.port

    override fun loop(): Thread = manager.submit { Thread.currentThread() }.join()

    companion object {
        @JvmStatic
        fun start(): EchoServer {
            val manager = EventManager.create()
            val scope = CoroutineScope(EmptyCoroutineContext)
            val listen = ListenOptions.builder().backlog(4096).build()
            val server = manager.serveIn(scope, "tcp://127.0.0.1:0", listen) { echo(it) }
            manager.start()
            return SuspendEcho(manager, server)
        }
    }
}
