package dev.meerkat.coroutines.http

import dev.meerkat.ErrorHook
import dev.meerkat.ManagerOptions
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.coroutines.runEventManager
import dev.meerkat.coroutines.virtually
import dev.meerkat.event.Bytes
import dev.meerkat.http.Headers
import dev.meerkat.http.HttpFilter
import dev.meerkat.http.Response
import dev.meerkat.http.ResponseException
import dev.meerkat.http.Router
import dev.meerkat.http.client.ClientBody
import dev.meerkat.http.client.ClientRequest
import dev.meerkat.http.filter.AuthenticatedUser
import dev.meerkat.http.filter.BasicAuthentication
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.plus
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.net.URI
import java.util.Base64
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private class NoSuchRoom(name: String) : Exception(name)

class RoutesSpec :
    FunSpec({
        context("a route") {
            onBothArms("knows its captures, its query, its fields and cookies") {
                serving({
                    get("/hello/{name}") { call ->
                        call.respondText(
                            "Hello, ${call.path("name")} ${call.query("n")} ${call.query("m")} ${call.header("X-Y")} " +
                                "${call.cookies} ${call.method} ${call.path()}",
                        )
                    }
                }) {
                    val request = ClientRequest.get(uri("/hello/J%C3%BCrg?n=1%202")).withHeader("x-y", "z")
                    ask(request.withHeader("Cookie", "a=b")).text() shouldBe
                        "Hello, Jürg 1 2 null z {a=b} GET /hello/Jürg"
                }
            }

            onBothArms("is chosen by its method, and what has none is derived") {
                serving({
                    get("/x") { it.respondText("get") }
                    post("/x") { it.respondText("post") }
                    put("/x") { it.respondText("put") }
                    patch("/x") { it.respondText("patch") }
                    delete("/x") { it.respondStatus(204) }
                    method("REPORT", "/x") { it.respondText("report") }
                    any("/any") { it.respondText(it.method) }
                    notFound { it.respondText("nothing", status = 404) }
                }) {
                    for (method in listOf("get", "post", "put", "patch", "report")) {
                        ask(ClientRequest.of(method.uppercase(), uri("/x"))).text() shouldBe method
                    }
                    ask(ClientRequest.of("DELETE", uri("/x"))).status() shouldBe 204
                    ask(ClientRequest.of("HEAD", uri("/x"))).header("Content-Length").get() shouldBe "3"
                    ask(ClientRequest.of("OPTIONS", uri("/x"))).header("Allow").get() shouldContain "REPORT"
                    ask(ClientRequest.of("LOCK", uri("/x"))).status() shouldBe 405
                    ask(ClientRequest.of("LOCK", uri("/any"))).text() shouldBe "LOCK"
                    ask("/y").status() shouldBe 404
                    ask("/y").text() shouldBe "nothing"
                }
            }

            onBothArms("may stand within blocks, behind their prefixes, filters and what runs before") {
                val order = ArrayList<String>()
                fun stamp(name: String) = HttpFilter { request, next ->
                    order += name
                    next.onHead(request)
                }
                serving({
                    filter(stamp("all"))
                    before { order += "before" }
                    route("/a/{b}") {
                        get("") { it.respondText("itself ${it.path("b")}") }
                        filter(stamp("outer"), stamp("inner")) {
                            get("/c") {
                                order += "call"
                                it.respondText(it.path("b"))
                            }
                        }
                        before { order += "nearer" }
                    }
                    route("/a/{b}") {
                        post("") { it.respondText("posted") }
                    }
                }) {
                    ask("/a/1").text() shouldBe "itself 1"
                    order.clear()
                    ask("/a/2/c").text() shouldBe "2"
                    order shouldContainExactly listOf("all", "outer", "inner", "before", "nearer", "call")
                    ask(ClientRequest.of("POST", uri("/a/3"))).text() shouldBe "posted"
                    order.clear()
                    ask("/nowhere").status() shouldBe 404
                    order shouldContainExactly listOf("all")
                }
            }

            onBothArms("lets in who is known, and who the program finds out about while it suspends") {
                serving({
                    authenticate(BasicAuthentication.of("office", mapOf("anna" to "secret"))) {
                        get("/in") { it.respondText(checkNotNull(it.attribute<AuthenticatedUser>()).name()) }
                    }
                    route("/token") {
                        before { call ->
                            delay(1)
                            if (call.header("Token") != "t") call.respondStatus(403)
                        }
                        get("") { it.respondText("in") }
                    }
                }) {
                    ask("/in").status() shouldBe 401
                    val basic = "Basic " + Base64.getEncoder().encodeToString("anna:secret".toByteArray())
                    ask(ClientRequest.get(uri("/in")).withHeader("Authorization", basic)).text() shouldBe "anna"
                    ask("/token").status() shouldBe 403
                    ask(ClientRequest.get(uri("/token")).withHeader("Token", "t")).text() shouldBe "in"
                }
            }

            onBothArms("may be a handler of the core's, and the core may have routes that suspend") {
                val mine = suspendingRoutes(this) { get("/x") { it.respondText("suspending") } }
                val theirs = Router.create().get("/y", { Response.text("core") }).mount("/deep", mine)
                serving({
                    mount("/m", theirs)
                    handle("GET", "/h", { Response.text("handled") })
                }) {
                    ask("/m/y").text() shouldBe "core"
                    ask("/m/deep/x").text() shouldBe "suspending"
                    ask("/h").text() shouldBe "handled"
                }
            }

            test("twice is refused, and so is what no template is") {
                runEventManager {
                    shouldThrow<IllegalArgumentException> {
                        serveHttp(ANY_HTTP) {
                            get("/{a}") { }
                            route("/{b}") { get("") { } }
                        }
                    }
                    shouldThrow<IllegalArgumentException> { serveHttp(ANY_HTTP) { route("x") { } } }
                    shouldThrow<IllegalArgumentException> { serveHttp(ANY_HTTP) { limits(bodyBytes = -1) { } } }
                    shouldThrow<IllegalArgumentException> { serveHttp(ANY_HTTP) { limits(timeout = 0.seconds) { } } }
                    shouldThrow<IllegalStateException> { serveHttp(ANY_HTTP) { route("/x") { notFound { } } } }
                    coroutineContext.job.children.toList().shouldBeEmpty()
                }
            }
        }

        context("a call") {
            onBothArms("may suspend, move elsewhere and launch; it ends when all of it has ended") {
                serving({
                    get("/suspend") {
                        delay(1)
                        it.respondText("later")
                    }
                    get("/elsewhere") { call -> withContext(Dispatchers.Unconfined) { call.respondText("there") } }
                    get("/launched") { call ->
                        launch {
                            yield()
                            call.respondText("by another")
                        }
                    }
                    get("/after") { call ->
                        call.respondText("before the end")
                        delay(1)
                    }
                }) {
                    ask("/suspend").text() shouldBe "later"
                    ask("/elsewhere").text() shouldBe "there"
                    ask("/launched").text() shouldBe "by another"
                    ask("/after").text() shouldBe "before the end"
                }
            }

            onBothArms("answers in the order of the requests, though the second is ready first") {
                serving({
                    get("/slow") {
                        delay(5)
                        it.respondText("slow")
                    }
                    get("/fast") { it.respondText("fast") }
                }) {
                    val answers = raw(
                        "GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /fast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                    )
                    answers.indexOf("slow") shouldBe answers.lastIndexOf("slow")
                    (answers.indexOf("slow") < answers.indexOf("fast")) shouldBe true
                }
            }

            onBothArms("can be answered once") {
                val failures = ArrayList<Throwable>()
                serving({
                    get("/") { call ->
                        call.isAnswered shouldBe false
                        call.respondText("first")
                        call.isAnswered shouldBe true
                        failures += shouldThrow<IllegalStateException> { call.respondText("second") }
                    }
                }) {
                    ask("/").text() shouldBe "first"
                    failures.size shouldBe 1
                }
            }
        }

        context("a failure") {
            test("in place, later, of a child, or no answer at all, is 500, reported, and nobody else's") {
                val reported = ArrayList<Throwable>()
                val hook = ErrorHook { _, _, failure -> reported += failure }
                runEventManager(ManagerOptions.builder().errorHook(hook).build()) {
                    serving({
                        get("/now") { error("now") }
                        get("/later") {
                            delay(1)
                            error("later")
                        }
                        get("/child") {
                            launch {
                                delay(1)
                                error("child")
                            }
                        }
                        get("/none") { }
                        get("/good") { it.respondText("good") }
                    }) {
                        for (path in listOf("now", "later", "child", "none")) {
                            ask("/$path").status() shouldBe 500
                        }
                        ask("/good").text() shouldBe "good"
                        reported.map { it.message }.take(3) shouldBe listOf("now", "later", "child")
                        reported.last().message!! shouldEndWith "ended without an answer"
                        reported.size shouldBe 4
                    }
                }
            }

            test("leaves the scope of routes as it is, a supervisor's or not") {
                runEventManager(ManagerOptions.builder().errorHook { _, _, _ -> }.build()) {
                    val job = Job()
                    val routes =
                        suspendingRoutes(CoroutineScope(coroutineContext + job)) {
                            get("/now") { error("now") }
                            get("/child") {
                                launch {
                                    delay(1)
                                    error("child")
                                }
                            }
                            get("/answer") { throw ResponseException(404, "not here") }
                            get("/good") { it.respondText("good") }
                        }
                    serving({ mount("/", routes) }) {
                        listOf("now", "child", "answer").map { ask("/$it").status() } shouldBe listOf(500, 500, 404)
                        job.isActive shouldBe true
                        ask("/good").text() shouldBe "good"
                    }
                    job.cancel()
                }
            }

            test("goes to the scope's own handler, if it has one") {
                val reported = ArrayList<Throwable>()
                val handled = ArrayList<Throwable>()
                val hook = ErrorHook { _, _, failure -> reported += failure }
                runEventManager(ManagerOptions.builder().errorHook(hook).build()) {
                    val catching = this + SupervisorJob() + CoroutineExceptionHandler { _, e -> handled += e }
                    val routes = suspendingRoutes(catching) { get("/") { error("bug") } }
                    serving({ mount("/", routes) }) {
                        ask("/").status() shouldBe 500
                        handled.map { it.message } shouldBe listOf("bug")
                        reported.shouldBeEmpty()
                    }
                    catching.cancel()
                }
            }

            onBothArms("is answered by the nearest type of the innermost block that has one, suspending perhaps") {
                serving({
                    onError<Exception> { call, failure -> call.respondText("outer ${failure.message}", status = 520) }
                    route("/rooms") {
                        onError<NoSuchRoom> { call, failure ->
                            delay(1)
                            call.respondText("no room ${failure.message}", status = 404)
                        }
                        get("/{room}") { call ->
                            if (call.path("room") == "odd") error("odd")
                            if (call.path("room") == "late") delay(1)
                            throw NoSuchRoom(call.path("room"))
                        }
                        get("") { throw ResponseException(418, "an answer") }
                    }
                }) {
                    ask("/rooms/x").run { "${status()} ${text()}" } shouldBe "404 no room x"
                    ask("/rooms/late").run { "${status()} ${text()}" } shouldBe "404 no room late"
                    ask("/rooms/odd").run { "${status()} ${text()}" } shouldBe "520 outer odd"
                    ask("/rooms").run { "${status()} ${text()}" } shouldBe "418 an answer"
                }
            }

            onBothArms("is no ResponseException, which is an answer, but for who asks for just that") {
                val seen = ArrayList<Exception>()
                serving({
                    onError<Exception> { call, failure ->
                        seen += failure
                        call.respondStatus(520)
                    }
                    onError<RuntimeException> { call, failure ->
                        seen += failure
                        call.respondStatus(521)
                    }
                    get("/now") { throw ResponseException(418, "an answer") }
                    get("/later") {
                        delay(1)
                        throw ResponseException(418, "an answer")
                    }
                    route("/asks") {
                        onError<ResponseException> { call, failure -> call.respondText("asked ${failure.message}") }
                        get("") { throw ResponseException(418, "an answer") }
                    }
                }) {
                    ask("/now").run { "${status()} ${text()}" } shouldBe "418 an answer"
                    ask("/later").run { "${status()} ${text()}" } shouldBe "418 an answer"
                    ask("/asks").text() shouldStartWith "asked"
                    seen.shouldBeEmpty()
                }
            }
        }

        context("a time-out") {
            test("of a route cancels the call and is 503, at the very instant, whoever of the call waits") {
                virtually { clock ->
                    val took = ArrayList<Long>()
                    suspend fun timed(wait: suspend () -> Unit) {
                        val before = clock.nanoTime()
                        try {
                            wait()
                        } finally {
                            took += clock.nanoTime() - before
                        }
                    }
                    serving({
                        limits(timeout = 2.seconds) {
                            get("/slow") { timed { delay(2_001.milliseconds) } }
                            get("/equal") { call ->
                                timed { delay(2.seconds) }
                                call.respondText("equal")
                            }
                            get("/child") { call ->
                                launch {
                                    timed { delay(10.seconds) }
                                    call.respondText("child")
                                }
                            }
                            get("/fast") {
                                timed { delay(1_999.milliseconds) }
                                it.respondText("fast")
                            }
                        }
                    }) {
                        for (path in listOf("/slow", "/equal", "/child")) {
                            ask(path).status() shouldBe 503
                            took.last() shouldBe 2_000_000_000
                        }
                        ask("/fast").text() shouldBe "fast"
                    }
                }
            }

            test("of a route cuts off an answer that has begun, and is not reported") {
                val reported = ArrayList<Throwable>()
                val hook = ErrorHook { _, _, failure -> reported += failure }
                virtually(ManagerOptions.builder().errorHook(hook).build()) {
                    serving({
                        limits(timeout = 2.seconds) {
                            get("/") { call ->
                                call.respondStream("text/plain") {
                                    writeStringUtf8("half")
                                    flush()
                                    delay(3.seconds)
                                }
                            }
                        }
                    }) {
                        val connection = raw()
                        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                        connection.readHead().first() shouldBe "HTTP/1.1 200 OK"
                        connection.receiveLine() shouldBe "4"
                        connection.receiveLine() shouldBe "half"
                        runCatching { connection.receiveLine() }.getOrNull() shouldBe null
                        connection.abort()
                    }
                }
                reported.shouldBeEmpty()
            }
        }
    })
