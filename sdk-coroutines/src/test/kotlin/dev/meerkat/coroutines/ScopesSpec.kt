package dev.meerkat.coroutines

import dev.meerkat.ErrorHook
import dev.meerkat.EventManager
import dev.meerkat.ManagerClosedException
import dev.meerkat.ManagerOptions
import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.testkit.FakeClock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineName
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
import kotlinx.coroutines.yield
import kotlin.time.Duration.Companion.hours

class ScopesSpec :
    FunSpec({
        context("the scope of a manager") {
            test("ends with the manager, and what it launched with it") {
                val manager = virtualManager(FakeClock())
                val scope = manager.coroutineScope()
                var cause: Throwable? = null
                val loops = ArrayList<Boolean>()
                val waiting = scope.launch {
                    loops += manager.inLoop()
                    awaitCancellation()
                }
                waiting.invokeOnCompletion { cause = it }
                scope.isActive shouldBe true
                manager.close()
                scope.isActive shouldBe false
                waiting.isCancelled shouldBe true
                cause?.origin<ManagerClosedException>()
                loops shouldContainExactly listOf(true)
                shouldThrow<ManagerClosedException> { manager.coroutineScope() }
            }

            test("reports a failure to the error hook, and its other coroutines go on") {
                val reports = ArrayList<Pair<ErrorHook.Source, String?>>()
                val options = ManagerOptions.builder().errorHook { source, _, failure ->
                    reports += source to failure.message
                }.build()
                runEventManager(options) {
                    val scope = manager.coroutineScope()
                    val other = scope.launch { awaitCancellation() }
                    scope.launch { error("on purpose") }.join()
                    other.isActive shouldBe true
                    scope.cancel()
                    other.join()
                }
                reports shouldContainExactly listOf(ErrorHook.Source.TASK to "on purpose")
            }

            test("has the handler, the name and the parent that it is given") {
                runEventManager {
                    val failures = ArrayList<String?>()
                    val parent = Job()
                    val handler = CoroutineExceptionHandler { _, failure -> failures += failure.message }
                    val scope = manager.coroutineScope(parent + handler + CoroutineName("mine"))
                    scope.coroutineContext[CoroutineName]?.name shouldBe "mine"
                    scope.launch { error("on purpose") }.join()
                    failures shouldContainExactly listOf("on purpose")
                    parent.isActive shouldBe true
                    parent.cancel()
                    scope.coroutineContext.job.join()
                }
            }
        }

        context("a connection that is used") {
            onBothArms("is closed politely when the block returns") {
                val received = CompletableDeferred<String?>()
                val server = serve(ANY_PORT) { received.complete(it.receiveLine()) }
                withContext(elsewhere(manager)) {
                    manager.useConnection("127.0.0.1:${server.port}") { near ->
                        manager.inLoop() shouldBe true
                        near.send("bye")
                        "result"
                    } shouldBe "result"
                }
                received.await() shouldBe "bye"
                server.close()
                server.job.join()
                manager.connections().shouldBeEmpty()
            }

            onBothArms("is aborted when the block fails, or is cancelled") {
                val kinds = ArrayList<Kind>()
                var accepted = 0
                val server = serve(ANY_PORT) { connection ->
                    accepted++
                    kinds += shouldThrow<ConnectionFailedException> { connection.receive() }.error.kind()
                }
                shouldThrow<IllegalStateException> {
                    manager.useConnection<Unit>("127.0.0.1:${server.port}") {
                        while (accepted < 1) delay(1)
                        error("on purpose")
                    }
                }.message shouldBe "on purpose"
                val waiting = now {
                    manager.useConnection("127.0.0.1:${server.port}") { delay(1.hours) }
                }
                while (accepted < 2) delay(1)
                waiting.cancelAndJoin()
                server.close()
                server.job.join()
                kinds shouldContainExactly listOf(Kind.RESET, Kind.RESET)
            }
        }

        test("a connection that comes after its caller has gone to another thread and been cancelled is closed") {
            EventManager.create().start().use { manager ->
                runBlocking {
                    val slow = Held()
                    val server = withContext(manager.dispatcher) {
                        manager.serveIn(manager.coroutineScope(), ANY_PORT) { awaitCancellation() }
                    }
                    val caller = launch(slow) { manager.awaitConnect("127.0.0.1:${server.port}") }
                    slow.release()
                    while (withContext(manager.dispatcher) { manager.connections().count { it.isOpen } } < 2) yield()
                    caller.cancel()
                    while (!caller.isCompleted) { // the loop may be about to hand it over
                        slow.release()
                        yield()
                    }
                    server.shutdown(1.hours).cut() shouldBe 0
                }
            }
        }
    })
