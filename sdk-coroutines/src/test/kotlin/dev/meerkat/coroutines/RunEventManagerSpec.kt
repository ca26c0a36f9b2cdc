package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.ManagerOptions
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.hours

class RunEventManagerSpec :
    FunSpec({
        test("runs on the calling thread and returns what the block returns") {
            val here = Thread.currentThread()
            runEventManager {
                Thread.currentThread() shouldBe here
                delay(1)
                Thread.currentThread() shouldBe here
                "result"
            } shouldBe "result"
        }

        test("null is a result") {
            runEventManager { null } shouldBe null
        }

        test("waits for what the block launched, wherever that ends") {
            val ends = ArrayList<String>()
            runEventManager {
                launch {
                    delay(5)
                    ends += "here"
                }
                launch(Dispatchers.IO) { Thread.yield() }.invokeOnCompletion { }
                ends += "block"
            }
            ends shouldContainExactly listOf("block", "here")
        }

        test("closes the manager") {
            var manager: EventManager? = null
            runEventManager { manager = this.manager }
            manager?.isClosed shouldBe true
        }

        test("takes the manager's options") {
            runEventManager(ManagerOptions.builder().name("mine").build()) { manager.options().name() } shouldBe "mine"
        }

        test("a failure of the block is thrown, and its coroutines are cancelled") {
            var cancelled = false
            shouldThrow<IllegalStateException> {
                runEventManager<Unit> {
                    launch {
                        try {
                            awaitCancellation()
                        } finally {
                            cancelled = true
                        }
                    }
                    delay(1)
                    error("block")
                }
            }.message shouldBe "block"
            cancelled shouldBe true
        }

        test("a failure of a coroutine is thrown, and the block is cancelled") {
            shouldThrow<IllegalStateException> {
                runEventManager {
                    launch { error("child") }
                    awaitCancellation()
                }
            }.message shouldBe "child"
        }

        test("closing the manager cancels what waits, with time for its last words") {
            val ends = ArrayList<String>()
            shouldThrow<CancellationException> {
                runEventManager {
                    launch {
                        try {
                            delay(1.hours)
                        } finally {
                            ends += "delay"
                        }
                    }
                    launch {
                        try {
                            withContext(Dispatchers.IO) { awaitCancellation() }
                        } finally {
                            ends += "elsewhere"
                        }
                    }
                    delay(1)
                    manager.close()
                    awaitCancellation()
                }
            }
            ends.sorted() shouldContainExactly listOf("delay", "elsewhere")
        }

        test("an interrupt cancels what runs and is passed on") {
            var cancelled = false
            var failure: Throwable? = null
            val started = CompletableDeferred<Unit>()
            val running =
                thread {
                    failure =
                        runCatching {
                            runEventManager {
                                started.complete(Unit)
                                try {
                                    awaitCancellation()
                                } finally {
                                    cancelled = true
                                }
                            }
                        }.exceptionOrNull()
                }
            runBlocking { started.await() }
            running.interrupt()
            running.join()
            cancelled shouldBe true
            (failure is InterruptedException) shouldBe true
        }
    })
