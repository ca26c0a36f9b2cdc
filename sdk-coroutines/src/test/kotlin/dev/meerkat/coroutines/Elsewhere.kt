package dev.meerkat.coroutines

import dev.meerkat.EventManager
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.Dispatchers
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.coroutines.CoroutineContext

/** Another thread than the loop's where there is one; in a virtual world there is none. */
internal fun elsewhere(manager: EventManager): CoroutineDispatcher =
    if (manager.isReal()) Dispatchers.Default else manager.dispatcher

private fun EventManager.isReal(): Boolean = !runtime().transport().javaClass.name.contains("testkit")

/** Runs what it is given, by any thread, when it is told to. */
internal class Held : CoroutineDispatcher() {
    private val held = ConcurrentLinkedQueue<Runnable>()

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        held.add(block)
    }

    fun release() {
        while (true) (held.poll() ?: return).run()
    }
}

/** For failures that are on purpose. */
internal val quiet = CoroutineExceptionHandler { _, _ -> }
