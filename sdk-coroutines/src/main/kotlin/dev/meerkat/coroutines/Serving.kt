package dev.meerkat.coroutines

import dev.meerkat.Acceptor
import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import dev.meerkat.ShutdownResult
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import kotlinx.coroutines.plus
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration

/** How a server ends, from any thread. */
internal interface ServerLife {
    val isListening: Boolean

    fun stop()

    fun abort(job: Job)

    suspend fun shutdown(job: Job, grace: Duration): ShutdownResult
}

/** The life of a server that has its own way to end when its job [listening] does. */
internal class ListeningLife(
    private val acceptor: Acceptor,
    private val listening: Job,
    private val countOpen: () -> Int,
) : ServerLife {
    override val isListening: Boolean
        get() = listening.isActive

    override fun stop() {
        acceptor.close()
        listening.cancel()
    }

    override fun abort(job: Job) {
        stop()
        job.cancel()
    }

    override suspend fun shutdown(job: Job, grace: Duration): ShutdownResult {
        require(!grace.isNegative()) { "grace must not be negative: $grace" }
        return withContext(acceptor.manager().dispatcher) {
            val before = countOpen()
            stop()
            withTimeoutOrNull(grace) { job.join() }
            val cut = countOpen()
            job.cancel()
            job.join()
            ShutdownResult(maxOf(0, before - cut), cut)
        }
    }
}

/**
 * The life of a server of byte streams: it listens, until it is told to stop or the managers have gone, and ends with its last
 * connection; or it is cancelled, and then its connections have a while to end by themselves.
 *
 * The coroutines of the connections are not children of the scope that serves, since a cancelled parent would cancel
 * them at once. A child of that scope stands for them, and does not end before they have.
 */
internal class Serving(
    private val managers: List<EventManager>,
    private val drain: Duration,
    private val stopListening: () -> Unit,
) : ServerLife {
    /** The parent of the connections' coroutines. */
    val blocks: CompletableJob = SupervisorJob()

    private val stopped: CompletableJob = Job()

    @Volatile
    private var drainsNothing = drain <= Duration.ZERO

    override val isListening: Boolean
        get() = !stopped.isCompleted

    /**
     * Begins, in place: also in a scope that is cancelled already. It needs no dispatcher, for the loops may be the
     * first to go.
     */
    fun begin(scope: CoroutineScope): Job {
        val job = scope.launch(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) { live() }
        val hooks = managers.mapNotNull { manager ->
            try {
                manager.onClose { if (managers.all { it.isClosed }) stop() }
            } catch (_: ManagerClosedException) {
                null
            }
        }
        job.invokeOnCompletion { hooks.forEach { it.cancel() } }
        return job
    }

    override fun stop() {
        stopListening()
        stopped.complete()
    }

    /** Cuts what is left off when the job is cancelled next, or right now if it has been. */
    override fun abort(job: Job) {
        drainsNothing = true
        stop()
        job.cancel()
        blocks.cancel()
    }

    override suspend fun shutdown(job: Job, grace: Duration): ShutdownResult {
        require(!grace.isNegative()) { "grace must not be negative: $grace" }
        val before = blocks.children.count()
        stop()
        withTimeoutOrNull(grace) { job.join() }
        val cut = blocks.children.count()
        blocks.cancel()
        job.join()
        return ShutdownResult(maxOf(0, before - cut), cut)
    }

    private suspend fun live() {
        try {
            stopped.join()
            blocks.complete()
            blocks.join()
        } catch (e: CancellationException) {
            withContext(NonCancellable) { end() }
            throw e
        }
    }

    private suspend fun end() {
        stop()
        blocks.complete()
        val loop = managers.firstOrNull { !it.isClosed }
        if (!drainsNothing && loop != null && !blocks.isCompleted) {
            try {
                withContext(loop.dispatcher) { withTimeoutOrNull(drain) { blocks.join() } }
            } catch (_: CancellationException) {
                // the manager was closed meanwhile: there is no time left
            }
        }
        blocks.cancel(CancellationException("the server was cancelled"))
        blocks.join()
    }
}
