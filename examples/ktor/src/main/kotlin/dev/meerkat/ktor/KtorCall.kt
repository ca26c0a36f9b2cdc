package dev.meerkat.ktor

import dev.meerkat.coroutines.http.HttpCall
import dev.meerkat.coroutines.http.suspendingRoutes
import dev.meerkat.http.HttpHandler
import io.ktor.server.application.Application
import io.ktor.server.engine.BaseApplicationCall
import io.ktor.server.engine.EnginePipeline
import kotlinx.coroutines.CoroutineScope
import kotlin.coroutines.CoroutineContext

/** A call as Ktor sees it. */
internal class KtorCall(application: Application, call: HttpCall, override val coroutineContext: CoroutineContext) :
    BaseApplicationCall(application) {
    override val request: KtorRequest = KtorRequest(this, call.request) { call.body }
    override val response: KtorResponse = KtorResponse(this, call)

    init {
        putResponseAttribute()
    }
}

/** Has an application answer all requests, each in a child coroutine of a scope. */
internal fun callsOf(scope: CoroutineScope, pipeline: EnginePipeline, application: () -> Application): HttpHandler =
    suspendingRoutes(scope) {
        notFound { call ->
            // there are no other routes: Ktor has them
            pipeline.execute(KtorCall(application(), call, coroutineContext), Unit)
        }
    }
