package dev.meerkat.ktor

import dev.meerkat.EventManagerGroup
import dev.meerkat.GroupAcceptor
import dev.meerkat.Handler
import dev.meerkat.ListenOptions
import dev.meerkat.http.HttpServer
import dev.meerkat.http.HttpServerOptions
import io.ktor.events.Events
import io.ktor.events.raiseCatching
import io.ktor.server.application.Application
import io.ktor.server.application.ApplicationEnvironment
import io.ktor.server.application.ApplicationStopPreparing
import io.ktor.server.application.ServerReady
import io.ktor.server.engine.ApplicationEngine
import io.ktor.server.engine.BaseApplicationEngine
import io.ktor.server.engine.EngineConnectorConfig
import io.ktor.server.engine.withPort
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.future.await
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import java.time.Duration
import java.util.concurrent.CompletableFuture

/**
 * Runs a Ktor application on event managers. Made by [Meerkat].
 *
 * Every call is a coroutine on the loop of its connection: what blocks belongs into `withContext(Dispatchers.IO)`, as
 * with every event-driven engine. A call is cancelled when its client goes away. The server below is Meerkat's, with its
 * limits and deadlines: see [Configuration.http].
 */
public class MeerkatApplicationEngine internal constructor(
    environment: ApplicationEnvironment,
    monitor: Events,
    developmentMode: Boolean,
    /** What it was made with. */
    public val configuration: Configuration,
    private val applicationProvider: () -> Application,
) : BaseApplicationEngine(environment, monitor, developmentMode) {
    /** How the engine serves. The connectors come from Ktor; of the sizes of thread groups only one is heeded. */
    public class Configuration : BaseApplicationEngine.Configuration() {
        /**
         * The event managers to run on, which stay the caller's to start and to close: for an application beside other
         * protocols, and for one in a virtual network. By default the engine has a group of its own, of
         * `workerGroupSize` managers.
         */
        public var group: EventManagerGroup? = null

        /** Limits, deadlines and log of the HTTP server. */
        public var http: HttpServerOptions = HttpServerOptions.DEFAULT

        /** How to listen; for an HTTPS connector with the key store that it names instead of the TLS options here. */
        public var listen: ListenOptions = ListenOptions.DEFAULT
    }

    /** The managers of its own, made when it starts: who makes a manager starts it. */
    @Volatile
    private var own: EventManagerGroup? = null
    private val stopped = CompletableFuture<Unit>()
    private val acceptors = ArrayList<GroupAcceptor>()

    /** The parent of all calls. A failed one takes no other with it. */
    private val calls: Job by lazy { SupervisorJob(applicationProvider().parentCoroutineContext[Job]) }

    /**
     * Listens on all connectors, or on none if one of them is refused.
     *
     * **Thread** any but that of a started manager of the group.
     *
     * @param wait whether to return only when the engine was stopped
     * @return this
     * @throws dev.meerkat.ListenException if an address is in use, not of this host or not permitted
     * @throws IllegalArgumentException if the key store of a connector does not hold what it says
     */
    override fun start(wait: Boolean): ApplicationEngine {
        listen()
        if (wait) {
            stopped.join()
        }
        return this
    }

    /**
     * As [start], without blocking while it waits.
     *
     * **Suspends** until the engine was stopped, if it is to wait.
     *
     * @param wait whether to return only when the engine was stopped
     * @return this
     */
    override suspend fun startSuspend(wait: Boolean): ApplicationEngine {
        listen()
        if (wait) {
            stopped.await()
        }
        return this
    }

    private fun listen() {
        val handler = HttpServer.handler(
            configuration.http,
            callsOf(CoroutineScope(calls), pipeline, applicationProvider),
        )
        val group = configuration.group ?: ownGroup()
        try {
            for (connector in configuration.connectors) {
                acceptors += group.listen(connector.url, connector.options(configuration.listen), handler)
            }
        } catch (e: RuntimeException) {
            acceptors.forEach(GroupAcceptor::close)
            own?.close()
            stopped.completeExceptionally(e)
            throw e
        }
        resolvedConnectorsDeferred.complete(
            configuration.connectors.zip(acceptors) { connector: EngineConnectorConfig, acceptor ->
                connector.withPort(acceptor.port())
            },
        )
        monitor.raiseCatching(ServerReady, environment, environment.log)
    }

    private fun ownGroup(): EventManagerGroup =
        EventManagerGroup.builder().managers(configuration.workerGroupSize).build().start().also { own = it }

    /**
     * Stops listening, lets the calls that are under way end, and cuts those that have not ended after the grace period.
     *
     * **Thread** blocks the calling one; not that of a manager.
     *
     * @param gracePeriodMillis how long calls may take
     * @param timeoutMillis not needed: what is cut ends at once
     */
    override fun stop(gracePeriodMillis: Long, timeoutMillis: Long): Unit =
        runBlocking { stopSuspend(gracePeriodMillis, timeoutMillis) }

    /**
     * As [stop], without blocking.
     *
     * **Suspends** until the last call has ended.
     *
     * @param gracePeriodMillis how long calls may take
     * @param timeoutMillis not needed: what is cut ends at once
     */
    override suspend fun stopSuspend(gracePeriodMillis: Long, timeoutMillis: Long) {
        monitor.raiseCatching(ApplicationStopPreparing, environment, environment.log)
        acceptors.forEach(GroupAcceptor::close)
        val ending = own?.shutdown(Duration.ofMillis(gracePeriodMillis))
        if (ending == null) {
            withTimeoutOrNull(gracePeriodMillis) { calls.children.forEach { it.join() } }
        } else {
            ending.await()
        }
        calls.cancelAndJoin()
        stopped.complete(Unit)
    }
}
