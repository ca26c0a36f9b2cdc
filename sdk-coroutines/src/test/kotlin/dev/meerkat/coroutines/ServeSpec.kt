package dev.meerkat.coroutines

import dev.meerkat.ErrorHook
import dev.meerkat.EventManager
import dev.meerkat.ListenException
import dev.meerkat.ManagerOptions
import dev.meerkat.event.CloseReason
import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.testkit.FakeClock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.ktor.utils.io.copyTo
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

class ServeSpec :
    FunSpec({
        context("the end of a block") {
            onBothArms("returning closes politely, after what was sent, and ends what the block launched") {
                val launched = CompletableDeferred<Job>()
                val server =
                    serve(ANY_PORT) { connection ->
                        launched.complete(launch { awaitCancellation() })
                        connection.send("welcome")
                    }
                connect(server) { near ->
                    near.receiveExactly(7).decodeToString() shouldBe "welcome"
                    near.receive().shouldBeNull()
                }
                launched.await().join()
                launched.await().isCancelled shouldBe true
                server.close()
                server.job.join()
                manager.connections().shouldBeEmpty()
            }

            test("failing aborts that connection alone and is reported once") {
                val reports = ArrayList<Triple<ErrorHook.Source, Long?, Throwable>>()
                val options =
                    ManagerOptions.builder()
                        .errorHook { source, connection, failure ->
                            reports += Triple(source, connection.map { it.id() }.orElse(null), failure)
                        }.build()
                runEventManager(options) {
                    var failed = 0L
                    val server =
                        serve(ANY_PORT) { connection ->
                            if (connection.receiveLine() == "fail") {
                                failed = connection.id
                                error("on request")
                            }
                            connection.send("fine\n")
                        }
                    val good = connect(server)
                    val bad = connect(server)
                    bad.send("fail\n")
                    shouldThrow<ConnectionFailedException> { bad.receive() }.error.kind() shouldBe Kind.RESET
                    good.send("go on\n")
                    good.receiveLine() shouldBe "fine"
                    good.close()
                    server.close()
                    server.job.join()
                    reports.map { it.first to it.second } shouldContainExactly
                        listOf(ErrorHook.Source.HANDLER to failed)
                    reports.single().third.message shouldBe "on request"
                }
            }

            onBothArms("by the failure of another connection is a failure like others") {
                val failures = ArrayList<Throwable>()
                val scope = CoroutineScope(coroutineContext + CoroutineExceptionHandler { _, e -> failures += e })
                val gone = serve(ANY_PORT) { }
                val port = gone.port
                gone.close()
                gone.job.join()
                val server = manager.serveIn(scope, ANY_PORT) { manager.awaitConnect("127.0.0.1:$port").close() }
                shouldThrow<ConnectionFailedException> { connect(server).receive() }
                server.close()
                server.job.join()
                (failures.single() as ConnectionFailedException).error.kind() shouldBe Kind.REFUSED
            }

            onBothArms("a failure of what the block launched is the block's failure") {
                val failures = ArrayList<Throwable>()
                val handler = CoroutineExceptionHandler { _, failure -> failures += failure }
                val scope = CoroutineScope(coroutineContext + handler)
                val server =
                    manager.serveIn(scope, ANY_PORT) { connection ->
                        connection.receive()
                        launch { error("launched") }
                        awaitCancellation()
                    }
                val near = connect(server)
                near.send("1")
                shouldThrow<ConnectionFailedException> { near.receive() }
                server.close()
                server.job.join()
                failures.map { it.message } shouldContainExactly listOf("launched")
            }

            onBothArms("cancelling one connection's coroutine aborts exactly that one") {
                val coroutines = ArrayList<Job>()
                val server =
                    serve(ANY_PORT) { connection ->
                        coroutines += coroutineContext.job
                        connection.receive()
                        connection.send("fine")
                    }
                val peers = List(3) { connect(server) }
                while (coroutines.size < 3) delay(1)
                coroutines[1].cancelAndJoin()
                shouldThrow<ConnectionFailedException> { peers[1].receive() }.error.kind() shouldBe Kind.RESET
                for (peer in listOf(peers[0], peers[2])) {
                    peer.send("1")
                    peer.receiveExactly(4).decodeToString() shouldBe "fine"
                    peer.close()
                }
                server.close()
                server.job.join()
            }
        }

        test("closing only the manager ends the server's job, and what its blocks wait for") {
            val manager = virtualManager(FakeClock())
            val scope = CoroutineScope(Job())
            val server = manager.serveIn(scope, ":0") { delay(1.hours) }
            manager.close()
            server.job.isCompleted shouldBe true
            server.job.isCancelled shouldBe false
        }

        context("the end of a connection") {
            onBothArms("a block that waits for something else is cancelled when its connection fails") {
                val cause = CompletableDeferred<Throwable>()
                val server =
                    serve(ANY_PORT) {
                        try {
                            delay(1.hours)
                        } catch (e: CancellationException) {
                            cause.complete(e)
                            throw e
                        }
                    }
                connect(server).abort()
                cause.await().origin<ConnectionFailedException>().error.kind() shouldBe Kind.RESET
                server.close()
                server.job.join()
            }

            test("a block that has waited for its connection, on another thread, and does not any more is cancelled") {
                runEventManager {
                    val waited = CompletableDeferred<Unit>()
                    val server =
                        serve(ANY_PORT) { connection ->
                            withContext(Dispatchers.Default) {
                                withTimeoutOrNull(1.milliseconds) { connection.awaitClose() }
                            }
                            waited.complete(Unit)
                            awaitCancellation()
                        }
                    val near = connect(server)
                    waited.await()
                    near.abort()
                    server.close()
                    server.job.join()
                }
            }

            onBothArms("a block that waits for its connection is told, and may go on") {
                val told = CompletableDeferred<String>()
                val server =
                    serve(ANY_PORT) { connection ->
                        try {
                            connection.receive()
                        } catch (e: ConnectionFailedException) {
                            delay(1)
                            told.complete("${e.error.kind()}, still active: $isActive")
                        }
                    }
                connect(server).abort()
                told.await() shouldBe "RESET, still active: true"
                server.close()
                server.job.join()
            }

            onBothArms("a block that closed its connection itself may go on") {
                val done = CompletableDeferred<CloseReason.Initiator>()
                val server =
                    serve(ANY_PORT) { connection ->
                        connection.close()
                        delay(5_000)
                        done.complete(connection.awaitClose().initiator())
                    }
                connect(server) { it.receive().shouldBeNull() }
                server.close()
                done.await() shouldBe CloseReason.Initiator.LOCAL
                server.job.join()
            }

            test("a peer's reset is nobody's failure") {
                val reports = ArrayList<Throwable>()
                val options = ManagerOptions.builder().errorHook { _, _, failure -> reports += failure }.build()
                runEventManager(options) {
                    val ended = CompletableDeferred<Unit>()
                    val server = serve(ANY_PORT) { connection ->
                        try {
                            connection.receive()
                        } finally {
                            ended.complete(Unit)
                        }
                    }
                    connect(server).abort()
                    ended.await()
                    server.close()
                    server.job.join()
                    reports.shouldBeEmpty()
                }
            }

            test("nor when it comes through Ktor's channels, which wrap it") {
                val reports = ArrayList<Throwable>()
                val options = ManagerOptions.builder().errorHook { _, _, failure -> reports += failure }.build()
                runEventManager(options) {
                    val ended = CompletableDeferred<Unit>()
                    val server = serve(ANY_PORT) { connection ->
                        try {
                            connection.openReadChannel().copyTo(connection.openWriteChannel())
                        } finally {
                            ended.complete(Unit)
                        }
                    }
                    val near = connect(server)
                    near.send("x")
                    near.receiveExactly(1)
                    near.abort()
                    ended.await()
                    server.close()
                    server.job.join()
                    reports.shouldBeEmpty()
                }
            }
        }

        context("the end of a server") {
            onBothArms("closing stops listening and serves the connections to their end") {
                val server = serve(ANY_PORT) { connection -> connection.send(checkNotNull(connection.receive())) }
                val near = connect(server)
                while (manager.connections().size < 2) delay(1)
                server.close()
                server.close()
                shouldThrow<ConnectionFailedException> { connect(server) }.error.kind() shouldBe Kind.REFUSED
                server.job.isActive shouldBe true
                near.send("1")
                near.receive()?.decodeToString() shouldBe "1"
                near.receive().shouldBeNull()
                near.close()
                server.job.join()
            }

            onBothArms("cancelling its job aborts its connections and no others") {
                val server = serve(ANY_PORT) { awaitCancellation() }
                val other = serve(ANY_PORT) { connection -> connection.send(checkNotNull(connection.receive())) }
                val peers = List(3) { connect(server) }
                val spared = connect(other)
                while (manager.connections().size < 8) delay(1)
                server.job.cancelAndJoin()
                for (peer in peers) {
                    shouldThrow<ConnectionFailedException> { peer.receive() }.error.kind() shouldBe Kind.RESET
                }
                shouldThrow<ConnectionFailedException> { connect(server) }
                spared.send("1")
                spared.receive()?.decodeToString() shouldBe "1"
                spared.close()
                other.close()
                other.job.join()
            }

            onBothArms("cancelling the scope it serves in ends it") {
                val scope = CoroutineScope(coroutineContext + Job())
                val server = manager.serveIn(scope, ANY_PORT) { awaitCancellation() }
                val near = connect(server)
                while (manager.connections().size < 2) delay(1)
                scope.cancel()
                shouldThrow<ConnectionFailedException> { near.receive() }.error.kind() shouldBe Kind.RESET
                server.job.join()
                manager.statistics().acceptors() shouldBe 0
            }

            onBothArms("a scope that was cancelled before serves nobody and leaves nothing open") {
                val scope = CoroutineScope(coroutineContext + Job().apply { cancel() })
                val server = manager.serveIn(scope, ANY_PORT) { error("served") }
                server.job.join()
                manager.statistics().acceptors() shouldBe 0
            }

            onBothArms("an address that cannot be listened on is thrown, and nothing waits for it") {
                val server = serve(ANY_PORT) { }
                shouldThrow<ListenException> { serve("tcp://127.0.0.1:${server.port}") { } }
                coroutineContext.job.children.toList() shouldHaveSize 1
                server.close()
            }
        }

        test("a manager that is closed cancels the blocks and joins them") {
            val ends = ArrayList<Kind>()
            shouldThrow<CancellationException> {
                runEventManager {
                    val server =
                        serve(ANY_PORT) { connection ->
                            try {
                                if (connection.receive() != null) awaitCancellation()
                            } catch (e: CancellationException) {
                                ends += e.origin<ConnectionFailedException>().error.kind()
                                throw e
                            }
                        }
                    val first = connect(server)
                    first.send("1")
                    connect(server)
                    while (manager.connections().size < 4) delay(1)
                    delay(10)
                    manager.close()
                    awaitCancellation()
                }
            }
            ends shouldContainExactly listOf(Kind.MANAGER_CLOSED, Kind.MANAGER_CLOSED)
        }

        test("a scope on another dispatcher serves on the loop") {
            EventManager.create().start().use { manager ->
                runBlocking {
                    val loops = ArrayList<Boolean>()
                    val server = withContext(manager.dispatcher) {
                        manager.serveIn(this@runBlocking, ANY_PORT) { connection ->
                            loops += manager.inLoop()
                            withContext(Dispatchers.Default) { loops += manager.inLoop() }
                            connection.receive()
                            loops += manager.inLoop()
                        }
                    }
                    val near = manager.awaitConnect("127.0.0.1:${server.port}")
                    near.send("1")
                    near.receive().shouldBeNull()
                    near.close()
                    server.close()
                    server.job.join()
                    loops shouldContainExactly listOf(true, false, true)
                }
            }
        }
    })

internal suspend fun EventManagerScope.connect(server: Server): SuspendingConnection =
    connect("127.0.0.1:${server.port}")

internal suspend fun <T> EventManagerScope.connect(
    server: Server,
    block: suspend CoroutineScope.(SuspendingConnection) -> T,
): T = connect("127.0.0.1:${server.port}", block = block)
