package dev.meerkat.coroutines.http

import dev.meerkat.coroutines.beneathChannels
import dev.meerkat.http.HttpException
import dev.meerkat.http.Response
import dev.meerkat.http.ResponseException
import dev.meerkat.multipart.MultipartException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.withTimeoutOrNull
import java.util.concurrent.CompletableFuture
import kotlin.time.Duration

/** Has a call end in time, and says what happens if it does not. */
internal fun inTime(timeout: Duration?, stage: CallBlock): CallBlock = if (timeout == null) {
    stage
} else {
    { call ->
        // with its own scope: what the call launches is a part of it
        withTimeoutOrNull(timeout) { stage(call) }
            ?: throw ResponseException(TOO_LATE, "no answer within $timeout")
    }
}

private const val TOO_LATE = 503

/** Why a call is cancelled whose answer nobody wants: not a failure of anybody. */
private class UnwantedException : CancellationException("nobody wants the answer any more") {
    override fun fillInStackTrace(): Throwable = this

    private companion object {
        private const val serialVersionUID = 1L
    }
}

/**
 * From a call's coroutine to the answer of its request. A call that ends, or answers, before it suspends for the first
 * time has its answer returned to the server; all others complete a later one.
 */
internal class Answering(private val call: HttpCall, private val calls: Calls, private val settings: CallSettings) {
    // under the monitor of this
    private var answer: Response? = null
    private var failure: Throwable? = null
    private var later: CompletableFuture<Response>? = null

    /** The coroutine that runs at present. */
    @Volatile
    private var job: Job? = null

    /** The scope whose children the calls are. */
    val scope: CoroutineScope
        get() = calls.scope

    val isAnswered: Boolean
        get() = synchronized(this) { answer != null || failure != null }

    fun begin(stage: CallBlock): Response {
        run(stage, null)
        val waiting = synchronized(this) {
            answer?.let { return it }
            failure?.let { throw it }
            CompletableFuture<Response>().also { later = it }
        }
        return Response.later(waiting)
    }

    fun give(response: Response) {
        val waiting = synchronized(this) {
            check(answer == null && failure == null) { "$call has been answered already" }
            answer = response
            later
        }
        waiting?.complete(response)
    }

    /** Runs what answers a call, or a failure of it, in place as far as it goes. */
    private fun run(stage: CallBlock, previous: Throwable?) {
        val manager = call.manager
        val start = if (manager.inLoop()) CoroutineStart.UNDISPATCHED else CoroutineStart.DEFAULT
        val coroutine = calls.on(manager).async(start = start) { calls.run(this, stage, call) }
        if (coroutine.isCompleted) {
            ended(coroutine, previous)
            return
        }
        val first = job == null
        job = coroutine
        if (first) {
            call.request.onUnwanted { cancelUnwanted() }
        }
        coroutine.invokeOnCompletion { ended(coroutine, previous) }
    }

    /** Nobody wants the answer any more. */
    fun cancelUnwanted() {
        job?.cancel(UnwantedException())
    }

    /** A coroutine has ended, on whichever thread. */
    @OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
    private fun ended(coroutine: Deferred<Throwable?>, previous: Throwable?) {
        val cause = coroutine.getCompletionExceptionOrNull() ?: coroutine.getCompleted()
        call.release()
        if (isAnswered) {
            if (cause != null && !isNoFault(cause)) calls.report(call.request, cause)
            return
        }
        val mapping = if (previous == null && cause is Exception && cause !is CancellationException) {
            settings.answerFor(cause)
        } else {
            null
        }
        when {
            mapping != null -> run({ call -> mapping(call, cause as Exception) }, cause)
            cause == null -> fail(IllegalStateException("$call ended without an answer"))
            else -> fail(cause)
        }
    }

    /** What nobody need hear of after the answer: the peer's doing, and what was an answer itself. */
    private fun isNoFault(failure: Throwable): Boolean {
        val cause = failure.beneathChannels()
        return cause is CancellationException || cause is HttpException || cause is MultipartException ||
            cause is ResponseException
    }

    private fun fail(failure: Throwable) {
        val cause = failure.beneathChannels()
        val given = when {
            cause is HttpException -> ResponseException(cause.error().status(), cause.error().message())

            cause is MultipartException -> ResponseException(cause.error().status(), cause.error().message())

            cause is UnwantedException -> UNAVAILABLE

            // which nobody will see

            cause is CancellationException && calls.isOver -> UNAVAILABLE

            cause !is ResponseException && calls.hasHandler -> {
                calls.report(call.request, cause)
                ResponseException(FAILED, "Internal Server Error")
            }

            else -> cause
        }
        val waiting = synchronized(this) {
            this.failure = given
            later
        }
        waiting?.completeExceptionally(given)
    }

    private companion object {
        private const val FAILED = 500

        /** What the peers of a server are told that is being stopped. */
        private val UNAVAILABLE = ResponseException(
            Response.error(TOO_LATE, "The server is being stopped.").withHeader("Connection", "close"),
        )
    }
}
