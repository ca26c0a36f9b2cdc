package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.EventManagerGroup
import dev.meerkat.ManagerOptions
import dev.meerkat.Spread
import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.testkit.SimWorld
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration.Companion.seconds

class GroupSpec :
    FunSpec({
        test("every connection is served on the loop of its manager, and comes back there") {
            EventManagerGroup.builder().managers(2).spread(Spread.HAND_OVER).build().start().use { group ->
                val managers = ConcurrentHashMap.newKeySet<EventManager>()
                runBlocking {
                    val server = group.serveIn(this, ANY_PORT) { connection ->
                        val manager = connection.connection.manager()
                        managers += manager
                        manager.inLoop() shouldBe true
                        withContext(Dispatchers.Default) { manager.inLoop() shouldBe false }
                        connection.send(checkNotNull(connection.receive()))
                        manager.inLoop() shouldBe true
                    }
                    List(8) { number ->
                        async {
                            group.awaitConnect("127.0.0.1:${server.port}").use { near ->
                                near.send("$number")
                                near.receive()?.decodeToString() shouldBe "$number"
                            }
                        }
                    }.forEach { it.await() }
                    server.isListening shouldBe true
                    server.shutdown(10.seconds).cut() shouldBe 0
                }
                managers shouldHaveSize 2
            }
        }

        test("a server of a group ends with the group") {
            val group = EventManagerGroup.builder().managers(2).build().start()
            runBlocking {
                val server = group.serveIn(this, ANY_PORT) { awaitCancellation() }
                repeat(4) { group.awaitConnect("127.0.0.1:${server.port}") }
                group.close()
                server.job.join()
                server.job.isCancelled shouldBe false
                server.toString().contains("${server.port}") shouldBe true
            }
        }

        test("cancelling drains all managers by one clock, and aborts what is left") {
            val nanos = ArrayList<Long>()
            SimWorld.run { world ->
                val host = world.host("host")
                val group = EventManagerGroup.of(
                    listOf(host.newManager(ManagerOptions.DEFAULT), host.newManager(ManagerOptions.DEFAULT)),
                    Spread.HAND_OVER,
                )
                val client = world.host("client").newManager(ManagerOptions.DEFAULT)
                val scope = CoroutineScope(Job())
                val server = group.serveIn(scope, "tcp://:80", drain = 2.seconds) { awaitCancellation() }
                val kinds = ArrayList<Kind>()
                val run = CoroutineScope(client.dispatcher).launch {
                    val peers = List(4) { client.awaitConnect("tcp://host:80") }
                    val start = client.nanoTime()
                    scope.cancel()
                    for (peer in peers) {
                        kinds += shouldThrow<ConnectionFailedException> { peer.receive() }.error.kind()
                    }
                    server.job.join()
                    nanos += client.nanoTime() - start
                }
                world.runUntil({ run.isCompleted }, Duration.ofDays(1)) shouldBe true
                kinds shouldContainExactly List(4) { Kind.RESET }
                group.close()
            }
            (nanos.single() in 2_000_000_000..2_100_000_000) shouldBe true
        }
    })
