package dev.meerkat.coroutines

import dev.meerkat.ConnectOptions
import dev.meerkat.EventManager
import dev.meerkat.ListenOptions
import dev.meerkat.ManagerOptions
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.withContext
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration

/**
 * A coroutine scope on the loop thread of an event manager, with the words to serve, connect and publish. Made by
 * [runEventManager] and [withEventManager]. What is launched in it runs on the manager's [dispatcher].
 */
public class EventManagerScope internal constructor(
    /** The manager. */
    public val manager: EventManager,
    scope: CoroutineScope,
    private val topics: Topics,
) : CoroutineScope by scope {
    /**
     * Listens, and runs a coroutine for every connection that is accepted: [EventManager.serveIn] this scope, which
     * therefore ends when the server has ended.
     *
     * **Thread** the loop.
     *
     * @param address as for [EventManager.listen]
     * @param options how to listen
     * @param drain how long the connections of a cancelled server may take to end by themselves; zero aborts them at once
     * @param block what to do with a connection
     * @return the server, already listening
     * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
     * @throws dev.meerkat.ListenException if the address is in use, not of this host or not permitted
     */
    public fun serve(
        address: String,
        options: ListenOptions = ListenOptions.DEFAULT,
        drain: Duration = Server.DEFAULT_DRAIN,
        block: suspend CoroutineScope.(connection: SuspendingConnection) -> Unit,
    ): Server = manager.serveIn(this, address, options, drain, block)

    /**
     * Connects, as [EventManager.awaitConnect].
     *
     * **Suspends** until the connection is established or has failed.
     *
     * **Cancellation** gives the attempt up; a connection that was established at that very moment is aborted.
     *
     * @param address as for [EventManager.connect]
     * @param options how to connect
     * @return the connection, which is the caller's to close
     * @throws ConnectionFailedException if it could not be established
     * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
     * @throws dev.meerkat.ConnectionLimitException if the manager holds as many connections as it may
     */
    public suspend fun connect(
        address: String,
        options: ConnectOptions = ConnectOptions.DEFAULT,
    ): SuspendingConnection = manager.awaitConnect(address, options)

    /**
     * Connects, and closes the connection when the block is over: politely when it returns, by a reset when it fails or
     * is cancelled. Coroutines that the block launched in its scope are cancelled when it returns.
     *
     * **Suspends** until the connection is closed.
     *
     * **Cancellation** aborts the connection.
     *
     * @param address as for [EventManager.connect]
     * @param options how to connect
     * @param block what to do with the connection. If the connection fails while the block waits for something else, the
     *     block is cancelled
     * @return what the block returns
     * @throws ConnectionFailedException if it could not be established, or failed
     * @throws dev.meerkat.MalformedAddressException if the address does not follow the grammar
     * @throws dev.meerkat.ConnectionLimitException if the manager holds as many connections as it may
     */
    public suspend fun <T> connect(
        address: String,
        options: ConnectOptions = ConnectOptions.DEFAULT,
        block: suspend CoroutineScope.(connection: SuspendingConnection) -> T,
    ): T = connect(address, options).livingFor(block)

    /**
     * A topic of this manager: what is published to it reaches everybody who subscribes to the same name. It exists as
     * long as somebody subscribes, and costs nothing otherwise.
     *
     * **Thread** the loop.
     *
     * @param name the name; one name carries one type
     * @param capacity how many values wait for each subscriber that subscribes through this object; 64 by default
     * @param onOverflow what happens when so many wait: by default [Topic.publish] suspends, so that nothing is lost and
     *     the slowest subscriber sets the pace; or else that subscriber loses its oldest or the newest value
     * @return the topic
     */
    public inline fun <reified T : Any> topic(
        name: String,
        capacity: Int = Topic.DEFAULT_CAPACITY,
        onOverflow: BufferOverflow = BufferOverflow.SUSPEND,
    ): Topic<T> = topic(T::class.javaObjectType, name, capacity, onOverflow)

    /**
     * A topic of this manager, for a type that is known at run time.
     *
     * **Thread** the loop.
     *
     * @param type the class of its values
     * @param name the name; one name carries one type
     * @param capacity how many values wait for each subscriber that subscribes through this object
     * @param onOverflow what happens when so many wait
     * @return the topic
     */
    public fun <T : Any> topic(type: Class<T>, name: String, capacity: Int, onOverflow: BufferOverflow): Topic<T> =
        Topic(topics, type, name, capacity, onOverflow)
}

/**
 * Makes an event manager and runs a coroutine on it, with the calling thread as its loop: the `main` of a network
 * program. Returns when the block and every coroutine that it launched have ended, and closes the manager.
 *
 * If the block or one of its coroutines fails, the others are cancelled and the failure is thrown. If the manager is
 * closed meanwhile, they are cancelled and a [CancellationException] is thrown; so too if the thread is interrupted,
 * then with an [InterruptedException].
 *
 * **Thread** blocks the calling one. Not for calling from a coroutine.
 *
 * @param options of the manager
 * @param block the program
 * @return what the block returns
 */
public fun <T> runEventManager(
    options: ManagerOptions = ManagerOptions.DEFAULT,
    block: suspend EventManagerScope.() -> T,
): T = EventManager.create(options).use { manager -> Drive(manager, block).run() }

/**
 * Runs a coroutine on an event manager that somebody else drives, for instance one that was started on a thread of its
 * own.
 *
 * **Suspends** until the block and every coroutine that it launched have ended.
 *
 * **Cancellation** cancels them.
 *
 * **Thread** any; the block runs on the loop.
 *
 * @param manager the manager
 * @param block what to run
 * @return what the block returns
 */
public suspend fun <T> withEventManager(manager: EventManager, block: suspend EventManagerScope.() -> T): T =
    withContext(manager.dispatcher) {
        val topics = coroutineContext[Topics]?.takeIf { it.manager === manager } ?: Topics(manager)
        withContext(topics) { EventManagerScope(manager, this, topics).block() }
    }

/** Drives a manager until a coroutine has ended. */
private class Drive<T>(private val manager: EventManager, block: suspend EventManagerScope.() -> T) {
    private val ended = CountDownLatch(1)
    private val job: Job
    private var interrupted = false

    @Volatile
    private var outcome: Result<T>? = null

    @Volatile
    private var failure: Throwable? = null

    init {
        val topics = Topics(manager)
        val coroutine = CoroutineScope(manager.dispatcher + topics).async {
            EventManagerScope(manager, this, topics).block()
        }
        coroutine.invokeOnCompletion { cause ->
            failure = cause
            if (cause == null) {
                @OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
                outcome = Result.success(coroutine.getCompleted())
            }
            ended.countDown()
            manager.wake()
        }
        job = coroutine
    }

    fun run(): T {
        while (ended.count > 0 && !manager.isClosed) {
            manager.runOnce(FOREVER)
            cancelIfInterrupted()
        }
        if (ended.count > 0) {
            job.cancel(CancellationException("$manager was closed"))
            awaitOutside()
        }
        if (interrupted) {
            throw InterruptedException("interrupted while running $manager").apply { initCause(failure) }
        }
        failure?.let { throw it }
        return checkNotNull(outcome).getOrThrow()
    }

    /** What is left of the coroutines runs elsewhere, now that there is no loop. */
    private fun awaitOutside() {
        while (true) {
            try {
                ended.await()
                return
            } catch (_: InterruptedException) {
                interrupted = true
            }
        }
    }

    private fun cancelIfInterrupted() {
        if (Thread.interrupted()) {
            interrupted = true
            job.cancel(CancellationException("the thread that runs $manager was interrupted"))
        }
    }

    private companion object {
        private val FOREVER = java.time.Duration.ofDays(1)
    }
}
