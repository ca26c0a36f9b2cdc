package dev.meerkat.coroutines

import dev.meerkat.ShutdownResult
import dev.meerkat.event.ConnectionError.Kind
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** Who ends a server in which way, and how long its connections have. */
class DrainSpec :
    FunSpec({
        context("cancelling the scope") {
            test("gives the connections the drain, to the nanosecond, and then aborts them") {
                virtually { clock ->
                    val scope = CoroutineScope(coroutineContext + Job())
                    val works = Works(this)
                    val server = manager.serveIn(scope, ANY_PORT, drain = 3.seconds) { works.serve(it) }
                    val peers = works.begin(server, 2_990, 3_010)
                    val start = clock.nanoTime()
                    scope.cancel()
                    works.goOn()
                    shouldThrow<ConnectionFailedException> { connect(server) }.error.kind() shouldBe Kind.REFUSED
                    server.isListening shouldBe false
                    server.job.isCompleted shouldBe false
                    peers[0].receiveLine() shouldBe "done after 2990"
                    shouldThrow<ConnectionFailedException> { peers[1].receive() }.error.kind() shouldBe Kind.RESET
                    server.job.join()
                    clock.nanoTime() - start shouldBe 3_000_000_000
                    peers[0].close()
                }
            }

            test("takes no longer than the connections do") {
                virtually { clock ->
                    val scope = CoroutineScope(coroutineContext + Job())
                    val works = Works(this)
                    val server = manager.serveIn(scope, ANY_PORT, drain = 1.hours) { works.serve(it) }
                    val peer = works.begin(server, 250).single()
                    val start = clock.nanoTime()
                    scope.cancel()
                    works.goOn()
                    peer.receiveLine() shouldBe "done after 250"
                    peer.close()
                    server.job.join()
                    clock.nanoTime() - start shouldBe 250_000_000
                }
            }

            test("gives a second if nothing else is said, and nothing at all if zero is") {
                virtually { clock ->
                    for ((drain, nanos) in listOf(null to 1_000_000_000L, Duration.ZERO to 0L)) {
                        val scope = CoroutineScope(coroutineContext + Job())
                        val server =
                            if (drain == null) {
                                manager.serveIn(scope, ANY_PORT) { awaitCancellation() }
                            } else {
                                manager.serveIn(scope, ANY_PORT, drain = drain) { awaitCancellation() }
                            }
                        val peer = connect(server)
                        while (manager.connections().size < 2) delay(1)
                        val start = clock.nanoTime()
                        scope.cancel()
                        server.job.join()
                        clock.nanoTime() - start shouldBe nanos
                        shouldThrow<ConnectionFailedException> { peer.receive() }
                    }
                }
            }

            onBothArms("by the failure of another of its coroutines does the same") {
                supervisorScope {
                    val done = CompletableDeferred<String?>()
                    val scope = CoroutineScope(coroutineContext + Job() + quiet)
                    val go = CompletableDeferred<Unit>()
                    val server = manager.serveIn(scope, ANY_PORT) { connection ->
                        go.await()
                        delay(1)
                        connection.send("done")
                    }
                    connect(server) { near ->
                        while (manager.connections().size < 2) delay(1)
                        scope.launch { error("on purpose") }.join()
                        go.complete(Unit)
                        done.complete(near.receiveLine())
                    }
                    done.await() shouldBe "done"
                    server.job.join()
                }
            }
        }

        context("shutting down") {
            test("waits for the grace, and tells how many ended and how many were cut") {
                virtually { clock ->
                    val works = Works(this)
                    val server = serve(ANY_PORT) { works.serve(it) }
                    val peers = works.begin(server, 10, 1_990, 2_010)
                    val start = clock.nanoTime()
                    val result = now { server.shutdown(2.seconds) }
                    works.goOn()
                    peers[0].receiveLine() shouldBe "done after 10"
                    peers[0].close()
                    peers[1].receiveLine() shouldBe "done after 1990"
                    peers[1].close()
                    result.await() shouldBe ShutdownResult(2, 1)
                    clock.nanoTime() - start shouldBe 2_000_000_000
                    server.job.isCompleted shouldBe true
                    server.job.isCancelled shouldBe false
                    shouldThrow<ConnectionFailedException> { peers[2].receive() }.error.kind() shouldBe Kind.RESET
                    shouldThrow<IllegalArgumentException> { server.shutdown(-1.seconds) }
                }
            }

            onBothArms("that is cancelled cuts nobody off") {
                val server = serve(ANY_PORT) { connection -> connection.send(checkNotNull(connection.receive())) }
                connect(server) { near ->
                    while (manager.connections().size < 2) delay(1)
                    now { server.shutdown(1.hours) }.cancelAndJoin()
                    server.isListening shouldBe false
                    near.send("1")
                    near.receive()?.decodeToString() shouldBe "1"
                }
                server.job.join()
            }
        }

        context("aborting") {
            onBothArms("cuts everybody off at once, also while the server drains") {
                for (drains in listOf(false, true)) {
                    val server = serve(ANY_PORT, drain = 1.hours) { awaitCancellation() }
                    val peer = connect(server)
                    while (manager.connections().size < 2) delay(1)
                    if (drains) server.job.cancel()
                    server.abort()
                    server.job.join()
                    shouldThrow<ConnectionFailedException> { peer.receive() }.error.kind() shouldBe Kind.RESET
                    manager.connections().shouldBeEmpty()
                }
            }
        }

        context("a manager that is closed") {
            test("ends a drain at once") {
                val ends = ArrayList<String>()
                runCatching {
                    runEventManager {
                        val server = serve(ANY_PORT, drain = 1.hours) {
                            try {
                                awaitCancellation()
                            } finally {
                                ends += "block"
                            }
                        }
                        connect(server)
                        while (manager.connections().size < 2) delay(1)
                        server.job.invokeOnCompletion { ends += "server" }
                        server.job.cancel()
                        manager.close()
                        awaitCancellation()
                    }
                }
                ends shouldContainExactly listOf("block", "server")
            }
        }

        onBothArms("a block that is cancelled may still say goodbye") {
            val server = serve(ANY_PORT, drain = Duration.ZERO) { connection ->
                try {
                    awaitCancellation()
                } finally {
                    withContext(NonCancellable) {
                        connection.send("goodbye\n")
                        connection.close()
                        connection.awaitClose()
                    }
                }
            }
            val near = connect(server)
            while (manager.connections().size < 2) delay(1)
            server.job.cancel()
            near.receiveLine() shouldBe "goodbye"
            near.close()
            server.job.join()
        }
    })

/** Blocks that have some time to work when they are told to go on. */
private class Works(private val scope: EventManagerScope) {
    private val go = CompletableDeferred<Unit>()
    private var begun = 0

    suspend fun begin(server: Server, vararg millis: Int): List<SuspendingConnection> {
        val peers = millis.map { scope.connect(server).apply { send("$it\n") } }
        while (begun < millis.size) delay(1)
        return peers
    }

    fun goOn() {
        go.complete(Unit)
    }

    suspend fun serve(connection: SuspendingConnection) {
        val millis = checkNotNull(connection.receiveLine()).toLong()
        begun++
        go.await()
        delay(millis)
        connection.send("done after $millis\n")
    }
}
