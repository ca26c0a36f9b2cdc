package dev.meerkat.examples.benchmarks.jmh

import dev.meerkat.EventManager
import dev.meerkat.coroutines.serveIn
import kotlinx.coroutines.CoroutineScope
import kotlin.coroutines.EmptyCoroutineContext

/** The Kotlin half of [SuspensionBenchmark]. */
internal object SuspendingEcho {
    @JvmStatic
    fun listen(manager: EventManager) {
        manager.serveIn(CoroutineScope(EmptyCoroutineContext), "tcp://127.0.0.1:0") { connection ->
            while (true) {
                connection.send(connection.receive() ?: break)
            }
        }
    }
}
