package dev.meerkat.coroutines

import dev.meerkat.Acceptor
import dev.meerkat.GroupAcceptor
import dev.meerkat.ShutdownResult
import kotlinx.coroutines.Job
import java.net.SocketAddress
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * A listening socket whose connections are served by coroutines. Made by [serveIn]. There are four ways to end it:
 *
 * | call | listening | connections |
 * |---|---|---|
 * | [close] | stops | go on to their end, however long that takes |
 * | [shutdown] with a grace | stops | have that long to end, then are aborted |
 * | cancelling [job], or the scope | stops | have the server's drain to end, then are aborted |
 * | [abort] | stops | are aborted |
 *
 * Every manager has its own word, too: when it is closed, so are its connections. A server of HTTP has no drain: it
 * answers what it has begun to when it is closed, and what [shutdown] leaves it time for.
 */
public class Server internal constructor(
    /** The acceptor beneath. It belongs to its loop thread. */
    public val acceptor: Acceptor,
    /**
     * The job that stands for the server in the scope that serves, whose child it is. Cancelling it, or the scope, stops
     * listening, gives the connections the server's drain to end by themselves, and aborts those that are left; joining
     * it waits until listening has stopped and the last connection is closed. It ends with the manager, too.
     */
    public val job: Job,
    private val serving: ServerLife,
) : AutoCloseable {
    /** The port that it listens on, 1 to 65535; 0 for a Unix domain socket. */
    public val port: Int
        get() = acceptor.port()

    /** The address that it listens on, with the real port. */
    public val localAddress: SocketAddress
        get() = acceptor.localAddress()

    /**
     * Whether it listens: false from the first call on that ends it. A block that could begin something new may ask.
     *
     * **Thread** any.
     */
    public val isListening: Boolean
        get() = serving.isListening

    /**
     * Stops listening. The connections are served to their end. A second call does nothing.
     *
     * **Thread** any.
     */
    override fun close() {
        serving.stop()
    }

    /**
     * Stops listening, and waits until every connection has ended; those that have not within the grace are aborted.
     *
     * **Suspends** until the last connection is closed.
     *
     * **Cancellation** stops waiting: it has stopped listening, and nothing is aborted.
     *
     * **Thread** any; on the loop's dispatcher the grace is counted by the manager's own clock.
     *
     * @param grace how long connections may take; zero gives them none
     * @return how many ended by themselves and how many were aborted
     * @throws IllegalArgumentException if the grace is negative
     */
    public suspend fun shutdown(grace: Duration): ShutdownResult = serving.shutdown(job, grace)

    /**
     * Stops listening and aborts every connection at once.
     *
     * **Thread** any.
     */
    public fun abort() {
        serving.abort(job)
    }

    /** Names the address, for logs. */
    override fun toString(): String = "server on $localAddress"

    /** Defaults. */
    public companion object {
        /**
         * How long the connections of a cancelled server may take to end if nothing else is said: 1 second, enough for an
         * answer that is being made or is on its way out, and short enough for somebody who waits for the program to end.
         */
        public val DEFAULT_DRAIN: Duration = 1.seconds
    }
}

/**
 * An address that all managers of a group serve by coroutines, each connection on its manager's loop. Made by [serveIn].
 * It ends in the same ways as a [Server].
 */
public class GroupServer internal constructor(
    /** The acceptor beneath. */
    public val acceptor: GroupAcceptor,
    /** The job that stands for the server in the scope that serves, as [Server.job]. It ends with the last manager. */
    public val job: Job,
    private val serving: ServerLife,
) : AutoCloseable {
    /** The port that it listens on, the same for all managers; 0 for a Unix domain socket. */
    public val port: Int
        get() = acceptor.port()

    /** The address that it listens on, with the real port. */
    public val localAddress: SocketAddress
        get() = acceptor.localAddress()

    /**
     * Whether it listens, as [Server.isListening].
     *
     * **Thread** any.
     */
    public val isListening: Boolean
        get() = serving.isListening

    /**
     * Stops listening, as [Server.close].
     *
     * **Thread** any.
     */
    override fun close() {
        serving.stop()
    }

    /**
     * Stops listening, and waits until every connection has ended, as [Server.shutdown].
     *
     * **Suspends** until the last connection is closed.
     *
     * **Cancellation** stops waiting: it has stopped listening, and nothing is aborted.
     *
     * **Thread** any.
     *
     * @param grace how long connections may take; zero gives them none
     * @return how many ended by themselves and how many were aborted
     * @throws IllegalArgumentException if the grace is negative
     */
    public suspend fun shutdown(grace: Duration): ShutdownResult = serving.shutdown(job, grace)

    /**
     * Stops listening and aborts every connection at once.
     *
     * **Thread** any.
     */
    public fun abort() {
        serving.abort(job)
    }

    /** Names the address, for logs. */
    override fun toString(): String = "server on $localAddress"
}
