package dev.meerkat.coroutines

import dev.meerkat.ConnectionLimitException
import dev.meerkat.EventManager
import dev.meerkat.MalformedAddressException
import dev.meerkat.ManagerOptions
import dev.meerkat.event.ConnectionError.Kind
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Job
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import java.net.InetSocketAddress
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.hours

class ConnectSpec :
    FunSpec({
        onBothArms("a connection is handed over when it is established") {
            val server = serve(ANY_PORT) { it.send("1") }
            val near = connect(server)
            near.connection.isOpen shouldBe true
            near.receive()
            (near.remoteAddress as InetSocketAddress).port shouldBe server.port
            near.toString() shouldBe near.connection.toString()
            near.closeReason.shouldBeNull()
            near.close()
            server.close()
            near.awaitClose().isClean shouldBe true
            near.closeReason?.isClean shouldBe true
        }

        onBothArms("nobody listening is the same typed error as in the event") {
            val server = serve(ANY_PORT) { }
            server.close()
            shouldThrow<ConnectionFailedException> { connect(server) }.error.kind() shouldBe Kind.REFUSED
            manager.connections().shouldBeEmpty()
        }

        onBothArms("an address that cannot be meant is misuse") {
            shouldThrow<MalformedAddressException> { connect("nowhere") }
            shouldThrow<MalformedAddressException> { serve("tcp://host:1") { } }
        }

        test("a name that means nothing is an unknown host") {
            virtually { _ ->
                shouldThrow<ConnectionFailedException> { connect("tcp://nowhere:1") }.error.kind() shouldBe
                    Kind.UNKNOWN_HOST
            }
        }

        test("more connections than the manager may hold are refused") {
            runEventManager(ManagerOptions.builder().maxConnections(1).build()) {
                val server = serve(ANY_PORT) { it.receive() }
                val near = now { connect(server) }
                shouldThrow<ConnectionLimitException> { connect(server) }
                near.await().abort()
                server.close()
            }
        }

        onBothArms("cancelling gives the attempt up and leaves no connection") {
            val server = serve(ANY_PORT) { it.receive() }
            val connecting = now { connect(server) }
            manager.connections().size shouldBe 1
            connecting.cancelAndJoin()
            while (manager.connections().isNotEmpty()) delay(1)
            server.close()
            server.job.join()
        }

        test("a connection that is established as its caller goes is aborted") {
            virtually { _ ->
                val kind = CompletableDeferred<Kind>()
                val server =
                    serve(ANY_PORT) { connection ->
                        val failure = runCatching { connection.receive() }.exceptionOrNull()
                        kind.complete((failure as ConnectionFailedException).error.kind())
                    }
                // on a dispatcher that is slow, the caller is cancelled between its connection and itself
                val slow = HeldDispatcher()
                val caller = launch(slow) { connect(server) }
                slow.release()
                while (manager.connections().none { it.isOpen }) delay(1)
                caller.cancel()
                slow.release()
                kind.await() shouldBe Kind.RESET
                server.close()
                server.job.join()
                manager.connections().shouldBeEmpty()
            }
        }

        context("a block") {
            onBothArms("that returns closes its connection politely, and what it launched ends") {
                val received = CompletableDeferred<String?>()
                val server = serve(ANY_PORT) { received.complete(it.receiveLine()) }
                val launched = CompletableDeferred<Job>()
                val result =
                    connect(server) { near ->
                        launched.complete(launch { awaitCancellation() })
                        near.send("bye")
                        "result"
                    }
                result shouldBe "result"
                received.await() shouldBe "bye"
                launched.await().isCancelled shouldBe true
                server.close()
                server.job.join()
                manager.connections().shouldBeEmpty()
            }

            onBothArms("that fails aborts its connection") {
                val kind = CompletableDeferred<Kind>()
                val server =
                    serve(ANY_PORT) { connection ->
                        kind.complete(
                            (runCatching { connection.receive() }.exceptionOrNull() as ConnectionFailedException)
                                .error
                                .kind(),
                        )
                    }
                shouldThrow<IllegalStateException> { connect(server) { error("on purpose") } }.message shouldBe
                    "on purpose"
                kind.await() shouldBe Kind.RESET
                server.close()
                server.job.join()
            }

            onBothArms("that is cancelled aborts its connection and no other") {
                val server = serve(ANY_PORT) { connection -> connection.send(checkNotNull(connection.receive())) }
                val other = connect(server)
                withTimeoutOrNull(20) { connect(server) { awaitCancellation() } }.shouldBeNull()
                other.send("1")
                other.receive()?.decodeToString() shouldBe "1"
                other.close()
                server.close()
                server.job.join()
            }

            onBothArms("that waits for something else when its connection fails throws what failed it") {
                val server =
                    serve(ANY_PORT) { connection ->
                        connection.receive()
                        connection.abort()
                    }
                val failure =
                    shouldThrow<ConnectionFailedException> {
                        connect(server) { near ->
                            near.send("1")
                            delay(1.hours)
                        }
                    }
                failure.error.kind() shouldBe Kind.RESET
                isActive shouldBe true
                server.close()
            }
        }

        test("a scope elsewhere connects to a manager on a thread of its own") {
            EventManager.create().start().use { manager ->
                runBlocking {
                    withEventManager(manager) {
                        val server = serve(ANY_PORT) { it.send("hello\n") }
                        server.close()
                    }
                    val near = withEventManager(manager) {
                        val server = serve(ANY_PORT) { it.send("hello\n") }
                        connect(server).also { connection ->
                            connection.receiveLine() shouldBe "hello"
                            server.close()
                        }
                    }
                    near.receive().shouldBeNull()
                    near.close()
                    near.awaitClose().isClean shouldBe true
                }
            }
        }
    })

/** Runs what it is given when it is told to. */
private class HeldDispatcher : CoroutineDispatcher() {
    private val held = ArrayDeque<Runnable>()

    override fun dispatch(context: CoroutineContext, block: Runnable) {
        held.addLast(block)
    }

    fun release() {
        while (held.isNotEmpty()) held.removeFirst().run()
    }
}
