package dev.meerkat.coroutines.http

import dev.meerkat.http.FileOptions
import dev.meerkat.http.HttpFilter
import dev.meerkat.http.HttpHandler
import dev.meerkat.http.HttpLimits
import dev.meerkat.http.Router
import dev.meerkat.multipart.MultipartLimits
import kotlinx.coroutines.CoroutineScope
import java.nio.file.Path
import kotlin.time.Duration

/** Keeps the words of an outer block out of an inner one. */
@DslMarker
@Target(AnnotationTarget.CLASS)
public annotation class HttpDsl

/**
 * The routes of a server, each a suspend function that answers a [call][HttpCall]. Made by `serveHttp` and
 * [suspendingRoutes]; a block inside another, [route], [filter] or [limits], adds to what stands around it.
 *
 * ```kotlin
 * serveHttp("http://127.0.0.1:8000") {
 *     get("/hello/{name}") { call -> call.respondText("Hello, ${call.path("name")}") }
 *     authenticate(BasicAuthentication.of("the office", accounts)) {
 *         limits(bodyBytes = 10_000, timeout = 5.seconds) {
 *             post("/notes") { call -> notes += call.text(); call.respondStatus(201) }
 *         }
 *     }
 *     onError<NoSuchRoom> { call, failure -> call.respondText(failure.message, status = 404) }
 *     mount("/static", FileHandler.of(Path.of("public")))
 * }
 * ```
 *
 * **Templates** and what follows from them, HEAD, OPTIONS, 404 and 405, are those of [Router], which all of this becomes.
 *
 * **A call** is a child coroutine of the scope that serves. It starts on the loop thread when the head of its request is
 * here, at once and without being dispatched, so that one which never suspends costs no more than a call. Its failure is
 * its own: it is given to [onError], or else answered with 500 and reported to the scope's
 * [CoroutineExceptionHandler][kotlinx.coroutines.CoroutineExceptionHandler] or, if there is none, to the manager's error
 * hook. Not reported are a [ResponseException][dev.meerkat.http.ResponseException], which is an answer, and what the peer
 * did to its body ([HttpException][dev.meerkat.http.HttpException] and
 * [MultipartException][dev.meerkat.multipart.MultipartException]), which is answered with its own status.
 *
 * **A call that ends without an answer** has a bug: it is answered with 500 and reported.
 *
 * **Cancellation**: a call is cancelled when its answer is not wanted any more: the connection has ended, or the server
 * has answered in its place because the call was late ([dev.meerkat.http.HttpServerOptions.answerTimeout]). That the
 * peer has gone is noticed while the connection is read, so not while it waits for somebody to read the body. When the
 * scope is cancelled, a call that has not answered is answered with 503, and one in the middle of an answer is cut off.
 */
@HttpDsl
public class HttpRoutes internal constructor(
    private val calls: Calls,
    private val prefix: String,
    private val around: HttpRoutes?,
    private val settings: CallSettings,
) {
    private class Entry(val add: (Router, HttpHandler) -> Unit, val handler: () -> HttpHandler)

    private val entries = ArrayList<Entry>()
    private val nested = ArrayList<HttpRoutes>()
    private val filters = ArrayList<HttpFilter>()
    private var nothing: (() -> HttpHandler)? = null

    /** The scope whose children the calls are. */
    internal val scope: CoroutineScope
        get() = calls.scope

    // ---------------------------------------------------------------- routes

    /**
     * Routes GET, and HEAD unless that has a route of its own: then the body of the answer is not sent, and a block that
     * would make it does not run.
     *
     * @param template which paths, behind the prefix of the blocks around; empty within one for the prefix itself
     * @param block answers
     * @throws IllegalArgumentException if the template is malformed; two of the same shape are refused when the block of
     *     all routes ends
     */
    public fun get(template: String, block: suspend CoroutineScope.(call: HttpCall) -> Unit): Unit =
        method("GET", template, block)

    /** Routes POST, as [get]. */
    public fun post(template: String, block: suspend CoroutineScope.(call: HttpCall) -> Unit): Unit =
        method("POST", template, block)

    /** Routes PUT, as [get]. */
    public fun put(template: String, block: suspend CoroutineScope.(call: HttpCall) -> Unit): Unit =
        method("PUT", template, block)

    /** Routes PATCH (RFC 5789), as [get]. */
    public fun patch(template: String, block: suspend CoroutineScope.(call: HttpCall) -> Unit): Unit =
        method("PATCH", template, block)

    /** Routes DELETE, as [get]. */
    public fun delete(template: String, block: suspend CoroutineScope.(call: HttpCall) -> Unit): Unit =
        method("DELETE", template, block)

    /** Routes HEAD in another way than GET, as [get]. */
    public fun head(template: String, block: suspend CoroutineScope.(call: HttpCall) -> Unit): Unit =
        method("HEAD", template, block)

    /** Routes OPTIONS, in place of the answer that is derived, as [get]. */
    public fun options(template: String, block: suspend CoroutineScope.(call: HttpCall) -> Unit): Unit =
        method("OPTIONS", template, block)

    /**
     * Routes a method.
     *
     * @param name a token; its case matters
     * @param template as of [get]
     * @param block answers
     */
    public fun method(name: String, template: String, block: suspend CoroutineScope.(call: HttpCall) -> Unit) {
        val path = prefix + template
        add({ router, handler -> router.route(name, path, handler) }) { endpoint(block) }
    }

    /**
     * Routes every method that has no route of its own.
     *
     * @param template as of [get]
     * @param block answers
     */
    public fun any(template: String, block: suspend CoroutineScope.(call: HttpCall) -> Unit) {
        val path = prefix + template
        add({ router, handler -> router.any(path, handler) }) { endpoint(block) }
    }

    /**
     * Has a handler of the core answer at a path: a WebSocket server, a reverse proxy, a file.
     *
     * @param method a token, for instance `GET`
     * @param template as of [get]
     * @param handler answers
     */
    public fun handle(method: String, template: String, handler: HttpHandler) {
        val path = prefix + template
        add({ router, outer -> router.route(method, path, outer) }) { handler }
    }

    /**
     * Has a handler of the core answer all that begins with a prefix, as [Router.mount]: another router, for instance.
     *
     * @param prefix a template, behind the prefixes of the blocks around; without a slash at its end
     * @param handler answers
     */
    public fun mount(prefix: String, handler: HttpHandler) {
        val path = if (prefix == "/") this.prefix.ifEmpty { "/" } else this.prefix + prefix
        add({ router, outer -> router.mount(path, outer) }) { handler }
    }

    /**
     * Serves the files of a directory below a prefix, as [Router.files].
     *
     * @param prefix as of [mount]; `/` for all that has no route of its own
     * @param root a directory of any file system
     * @param options how
     */
    public fun files(prefix: String, root: Path, options: FileOptions = FileOptions.DEFAULT): Unit =
        mount(prefix, dev.meerkat.http.FileHandler.of(root, options))

    /**
     * Answers when no route fits, in place of a plain 404. For the whole server, so not within another block.
     *
     * @param block answers, with whatever status
     * @throws IllegalStateException within another block
     */
    public fun notFound(block: suspend CoroutineScope.(call: HttpCall) -> Unit) {
        check(around == null) {
            "notFound is for all routes: it stands outside of ${prefix.ifEmpty { "other blocks" }}"
        }
        nothing = { endpoint(block) }
    }

    // ---------------------------------------------------------------- blocks

    /**
     * Adds routes behind a prefix.
     *
     * @param prefix a template, which may capture; without a slash at its end
     * @param block adds the routes
     */
    public fun route(prefix: String, block: HttpRoutes.() -> Unit) {
        require(prefix.startsWith("/") && !prefix.endsWith("/")) {
            "expected a prefix that begins with a slash and does not end with one, found \"$prefix\""
        }
        inner(this.prefix + prefix, CallSettings(settings), block)
    }

    /**
     * Puts filters of the core in front of the routes of a block: compression, CORS, and so on.
     *
     * @param added the outermost first
     * @param block adds the routes
     */
    public fun filter(vararg added: HttpFilter, block: HttpRoutes.() -> Unit) {
        inner(prefix, CallSettings(settings), block).filters += added
    }

    /**
     * Puts filters of the core in front of all routes of this block, wherever they are added in it. In the outermost
     * block also in front of what is derived: 404, 405, OPTIONS.
     *
     * @param added the outermost first
     */
    public fun filter(vararg added: HttpFilter) {
        filters += added
    }

    /**
     * Lets in only who a filter knows. Who it is tells the call's attribute
     * [AuthenticatedUser][dev.meerkat.http.filter.AuthenticatedUser].
     *
     * @param filter [BasicAuthentication][dev.meerkat.http.filter.BasicAuthentication],
     *     [DigestAuthentication][dev.meerkat.http.filter.DigestAuthentication] or one of the program's own
     * @param block adds the routes
     */
    public fun authenticate(filter: HttpFilter, block: HttpRoutes.() -> Unit): Unit = filter(filter, block = block)

    /**
     * Bounds the calls of a block. What is not named is as it is around.
     *
     * @param bodyBytes the longest body, however it is read; by default one that is held in memory is bounded by
     *     [HttpLimits.bufferedBodyBytes], others by [HttpLimits.bodyBytes], which hold in any case. Above it the answer
     *     is 413
     * @param parts of bodies that are read with [HttpCall.parts]
     * @param timeout how long a call may take, its whole answer included; then it is cancelled and answered with 503, or
     *     cut off if its answer has begun. By default only the server's
     *     [answerTimeout][dev.meerkat.http.HttpServerOptions.answerTimeout] holds
     * @param block adds the routes
     * @throws IllegalArgumentException if the body's limit is negative, or the time-out not positive
     */
    public fun limits(
        bodyBytes: Long? = null,
        parts: MultipartLimits? = null,
        timeout: Duration? = null,
        block: HttpRoutes.() -> Unit,
    ) {
        require(bodyBytes == null || bodyBytes >= 0) { "bodyBytes must not be negative: $bodyBytes" }
        require(timeout == null || timeout.isPositive()) { "timeout must be positive: $timeout" }
        val bounded = CallSettings(
            settings,
            bodyBytes ?: settings.bodyBytes,
            parts ?: settings.parts,
            timeout ?: settings.timeout,
        )
        inner(prefix, bounded, block)
    }

    /**
     * Runs in front of every call of this block, wherever that is added in it, and behind the filters. Once it has
     * answered, the call itself does not run: the place for an authentication that suspends. Not in front of handlers of
     * the core.
     *
     * @param block may answer
     */
    public fun before(block: suspend CoroutineScope.(call: HttpCall) -> Unit) {
        settings.before += block
    }

    /**
     * Answers a call of this block that has failed before it answered, wherever that is added in it. Of several types
     * the nearest to the failure's own counts; of several blocks the innermost that has one. A
     * [ResponseException][dev.meerkat.http.ResponseException] is an answer and no failure: it is given to an answer for
     * exactly that class only. What handlers of the core throw is not given to it.
     *
     * @param type of what failures
     * @param block answers; its own failure is 500, and reported
     * @throws IllegalArgumentException if the type has an answer in this block
     */
    public fun <E : Exception> onError(
        type: Class<E>,
        block: suspend CoroutineScope.(call: HttpCall, failure: E) -> Unit,
    ) {
        val before = settings.errors.putIfAbsent(type) { call, failure -> block(call, type.cast(failure)) }
        require(before == null) { "expected one answer for ${type.name}" }
    }

    /**
     * Answers a call that has failed, as the other `onError`.
     *
     * @param block answers
     */
    public inline fun <reified E : Exception> onError(
        noinline block: suspend CoroutineScope.(call: HttpCall, failure: E) -> Unit,
    ): Unit = onError(E::class.java, block)

    // ---------------------------------------------------------------- what becomes of it

    private fun inner(prefix: String, settings: CallSettings, block: HttpRoutes.() -> Unit): HttpRoutes {
        val routes = HttpRoutes(calls, prefix, this, settings)
        nested += routes
        routes.block()
        return routes
    }

    private fun endpoint(block: suspend CoroutineScope.(HttpCall) -> Unit): HttpHandler =
        CallHandler(calls, settings, block)

    private fun add(where: (Router, HttpHandler) -> Unit, handler: () -> HttpHandler) {
        entries += Entry(where, handler)
    }

    /** Adds all routes to a router, those of blocks in front of which filters stand with these. */
    internal fun build(): HttpHandler {
        val router = Router.create().filter(*filters.toTypedArray())
        nothing?.let { router.notFound(it()) }
        addTo(router, emptyList())
        return router
    }

    private fun addTo(router: Router, outer: List<HttpFilter>) {
        val chain = if (around == null) outer else outer + filters
        for (entry in entries) {
            entry.add(router, entry.handler().with(*chain.toTypedArray()))
        }
        nested.forEach { it.addTo(router, chain) }
    }
}

/**
 * Makes a handler of the core out of routes that are suspend functions: for virtual hosts, for a group of managers, for
 * a connection that a test has made, or for a router that is there.
 *
 * ```kotlin
 * group.listen("http://127.0.0.1:8000", suspendingRoutes(scope) { get("/") { call -> call.respondText("hello") } })
 * ```
 *
 * **Cancellation** of the scope cancels the calls; the connections live on.
 *
 * **Thread** the loop of each connection's manager. Calls run there, too, whatever dispatcher the scope has.
 *
 * @param scope whose children the calls are; the failure of one does not touch it
 * @param routes adds the routes
 * @return a handler that any number of connections and managers may share
 * @throws IllegalArgumentException if two routes have the same method and shape, or a template is malformed
 */
public fun suspendingRoutes(scope: CoroutineScope, routes: HttpRoutes.() -> Unit): HttpHandler =
    routesOf(Calls(scope, isSupervised = false), routes)

/** As [suspendingRoutes], in a scope that the failure of a child leaves as it is. */
internal fun supervisedRoutes(scope: CoroutineScope, routes: HttpRoutes.() -> Unit): HttpHandler =
    routesOf(Calls(scope, isSupervised = true), routes)

private fun routesOf(calls: Calls, routes: HttpRoutes.() -> Unit): HttpHandler =
    HttpRoutes(calls, "", null, CallSettings(null)).apply(routes).build()
