package dev.meerkat.coroutines.http

import dev.meerkat.ErrorHook
import dev.meerkat.EventManager
import dev.meerkat.coroutines.dispatcher
import dev.meerkat.http.HttpHandler
import dev.meerkat.http.Request
import dev.meerkat.http.Response
import dev.meerkat.http.ResponseException
import dev.meerkat.multipart.MultipartLimits
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.isActive
import kotlinx.coroutines.plus
import java.util.Optional
import kotlin.time.Duration

/**
 * Where calls run: as children of a scope, on the loop of their connection.
 *
 * @param isSupervised whether the failure of a child leaves the scope as it is; if not, no call may fail
 */
internal class Calls(val scope: CoroutineScope, private val isSupervised: Boolean) {
    private class Place(val manager: EventManager, val scope: CoroutineScope)

    private val exceptionHandler = scope.coroutineContext[CoroutineExceptionHandler]

    /** The place that was asked for last: mostly there is one manager. */
    @Volatile
    private var latest: Place? = null

    fun on(manager: EventManager): CoroutineScope {
        val known = latest
        if (known != null && known.manager === manager) {
            return known.scope
        }
        return Place(manager, scope + manager.dispatcher).also { latest = it }.scope
    }

    /** Runs what answers a call; answers its failure, unless that may be the coroutine's own. */
    suspend fun run(scope: CoroutineScope, stage: CallBlock, call: HttpCall): Throwable? {
        if (isSupervised) {
            scope.stage(call)
            return null
        }
        return try {
            coroutineScope { stage(call) }
            null
        } catch (e: Throwable) {
            e
        }
    }

    /** Whether failures go to the scope's own handler, so that nobody else is to report them. */
    val hasHandler: Boolean
        get() = exceptionHandler != null

    /** Whether the scope is over, so that no call can do anything any more. */
    val isOver: Boolean
        get() = !scope.isActive

    fun report(request: Request, failure: Throwable) {
        if (exceptionHandler != null) {
            exceptionHandler.handleException(scope.coroutineContext, failure)
        } else {
            val connection = request.connection()
            val hook = connection.manager().options().errorHook()
            hook.onError(ErrorHook.Source.HANDLER, Optional.of(connection), failure)
        }
    }
}

internal typealias CallBlock = suspend CoroutineScope.(HttpCall) -> Unit

internal typealias FailureBlock = suspend CoroutineScope.(HttpCall, Exception) -> Unit

/** What holds for the calls of a block of routes, beside its filters. */
internal class CallSettings(
    private val around: CallSettings?,
    val bodyBytes: Long? = around?.bodyBytes,
    val parts: MultipartLimits = around?.parts ?: MultipartLimits.defaults(),
    val timeout: Duration? = around?.timeout,
) {
    val before = ArrayList<CallBlock>()
    val errors = LinkedHashMap<Class<*>, FailureBlock>()

    /** What runs in front of a call, the outermost first. */
    fun allBefore(): List<CallBlock> = around?.allBefore().orEmpty() + before

    /** Who answers a failure, if anybody does. */
    fun answerFor(failure: Exception): FailureBlock? = nearest(failure) ?: around?.answerFor(failure)

    private fun nearest(failure: Exception): FailureBlock? {
        if (errors.isEmpty()) {
            return null
        }
        var type: Class<*> = failure.javaClass
        var answer = errors[type]
        while (answer == null && type != Exception::class.java && failure !is ResponseException) {
            type = type.superclass
            answer = errors[type]
        }
        return answer
    }
}

/** A route's end: begins a call for each request. */
internal class CallHandler(
    private val calls: Calls,
    private val settings: CallSettings,
    private val block: CallBlock,
) : HttpHandler {
    private val stage: CallBlock by lazy(LazyThreadSafetyMode.PUBLICATION) { inTime(settings.timeout, behind(block)) }

    override fun handle(request: Request): Response = onHead(request)

    override fun onHead(request: Request): Response = HttpCall(request, calls, settings).begin(stage)

    /** Looked at when the first request comes, since a block may name what is in front of it behind it. */
    private fun behind(block: CallBlock): CallBlock {
        val first = settings.allBefore()
        return if (first.isEmpty()) {
            block
        } else {
            { call ->
                for (each in first) {
                    if (!call.isAnswered) each(call)
                }
                if (!call.isAnswered) block(call)
            }
        }
    }
}
