package dev.meerkat.coroutines

import dev.meerkat.ConnectionClosedException
import dev.meerkat.EventManager
import dev.meerkat.event.ConnectionError.Kind
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch

private const val MEGABYTES = 5
private const val MESSAGES = 500

class EchoSpec :
    FunSpec({
        val echoes =
            mapOf<String, suspend CoroutineScope.(SuspendingConnection) -> Unit>(
                "receive and send" to { connection -> while (true) connection.send(connection.receive() ?: break) },
                "lines" to { connection -> connection.lines().collect { connection.send("$it\n") } },
                "copyTo" to { connection -> connection.copyTo(connection) },
                "copyTo from elsewhere" to { connection ->
                    launch(Dispatchers.Unconfined) { connection.copyTo(connection) }.join()
                },
            )
        for ((name, echo) in echoes) {
            onBothArms("an echo by $name answers every connection for itself") {
                val server = serve(ANY_PORT, block = echo)
                List(8) { number ->
                    launch {
                        connect(server) { connection ->
                            connection.send("hello\nfrom $number\nbye\n")
                            connection.shutdownOutput()
                            connection.lines().toList() shouldBe listOf("hello", "from $number", "bye")
                        }
                    }
                }.joinAll()
                server.close()
                server.job.join()
            }
        }

        context("what is sent on by copyTo") {
            onBothArms("is complete and in order, whatever the marks, and the end of input stays where it is") {
                pair({ highWaterMark(5_000).lowWaterMark(1_000).receiveLimit(20_000) }) { near, far ->
                    val echoing = now { far.copyTo(far) }
                    val sending =
                        launch {
                            repeat(MEGABYTES * 1_000) { near.send(ByteArray(1_000) { i -> (it + i).toByte() }) }
                            near.shutdownOutput()
                        }
                    repeat(MEGABYTES * 1_000) {
                        near.receiveExactly(1_000) shouldBe ByteArray(1_000) { i -> (it + i).toByte() }
                    }
                    sending.join()
                    echoing.await() shouldBe MEGABYTES * 1_000_000L
                    far.send("still open")
                    near.receiveExactly(10).decodeToString() shouldBe "still open"
                    far.copyTo(far) shouldBe 0
                }
            }

            onBothArms("keeps behind the senders that wait already") {
                pair({ highWaterMark(5_000).lowWaterMark(1_000) }) { near, far ->
                    val filler = fill(far)
                    val first = now { far.send("first") }
                    near.send("second")
                    val relaying = now { far.copyTo(far) }
                    near.skip(filler)
                    near.receiveExactly(11).decodeToString() shouldBe "firstsecond"
                    first.await()
                    relaying.cancelAndJoin()
                    near.send("third")
                    far.receiveExactly(5).decodeToString() shouldBe "third"
                }
            }

            onBothArms("has its turn beside one that never stops sending") {
                pair { source, near ->
                    pair({ highWaterMark(5_000).lowWaterMark(1_000) }) { reader, target ->
                        val filler = fill(target)
                        var sent = 0
                        val sending =
                            now {
                                repeat(MESSAGES) {
                                    target.send(ByteArray(1_000))
                                    sent++
                                }
                            }
                        source.send("hello")
                        source.shutdownOutput()
                        val relaying = now { near.copyTo(target).also { sent shouldBeLessThan MESSAGES } }
                        reader.skip(filler)
                        repeat(MESSAGES) { reader.receiveExactly(1_000) }
                        reader.receiveExactly(5)
                        sending.await()
                        relaying.await() shouldBe 5
                    }
                }
            }

            onBothArms("ends with the target, and the rest is still to be received") {
                pair { near, far ->
                    far.shutdownOutput()
                    near.send("12")
                    shouldThrow<ConnectionClosedException> { far.copyTo(far) }
                    far.receiveExactly(2).decodeToString() shouldBe "12"
                }
                pair { near, far ->
                    pair { _, target ->
                        val relaying = async { runCatching { far.copyTo(target) } }
                        target.abort()
                        target.awaitClose()
                        near.send("12")
                        val failure = relaying.await().exceptionOrNull() as ConnectionFailedException
                        failure.error.kind() shouldBe Kind.ABORTED
                        far.receive()?.decodeToString() shouldBe "12"
                        near.shutdownOutput()
                        far.receive().shouldBeNull()
                    }
                }
            }

            test("does not leave its manager") {
                EventManager.create().start().use { other ->
                    runEventManager {
                        pair { _, far ->
                            coroutineScope {
                                val server = serve(ANY_PORT) { it.receive() }
                                val foreign = other.awaitConnect("127.0.0.1:${server.port}")
                                shouldThrow<IllegalArgumentException> { far.copyTo(foreign) }
                                foreign.close()
                                server.close()
                            }
                        }
                    }
                }
            }
        }
    })
