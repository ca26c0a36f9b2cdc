package dev.meerkat.ktor

import io.ktor.events.Events
import io.ktor.server.application.Application
import io.ktor.server.application.ApplicationEnvironment
import io.ktor.server.engine.ApplicationEngineFactory

/**
 * The event manager as an engine of Ktor: what is given to `embeddedServer`.
 *
 * ```
 * embeddedServer(Meerkat, port = 8080) {
 *     routing { get("/") { call.respondText("hello") } }
 * }.start(wait = true)
 * ```
 *
 * Written against Ktor 3.6, with nothing of it that is marked as internal.
 */
public object Meerkat : ApplicationEngineFactory<MeerkatApplicationEngine, MeerkatApplicationEngine.Configuration> {
    override fun configuration(
        configure: MeerkatApplicationEngine.Configuration.() -> Unit,
    ): MeerkatApplicationEngine.Configuration = MeerkatApplicationEngine.Configuration().apply(configure)

    override fun create(
        environment: ApplicationEnvironment,
        monitor: Events,
        developmentMode: Boolean,
        configuration: MeerkatApplicationEngine.Configuration,
        applicationProvider: () -> Application,
    ): MeerkatApplicationEngine =
        MeerkatApplicationEngine(environment, monitor, developmentMode, configuration, applicationProvider)
}
