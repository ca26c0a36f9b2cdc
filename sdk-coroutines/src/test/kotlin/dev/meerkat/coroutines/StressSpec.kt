package dev.meerkat.coroutines

import dev.meerkat.EventManager
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import java.nio.ByteBuffer
import kotlin.random.Random

/** The places where threads meet, with threads that meet there as often as they can. */
class StressSpec :
    FunSpec({
        test("receivers that other threads cancel as bytes arrive lose none of them") {
            EventManager.create().start().use { manager ->
                runBlocking(Dispatchers.Default) {
                    val server = withContext(manager.dispatcher) {
                        manager.serveIn(manager.coroutineScope(), ANY_PORT) { connection ->
                            repeat(ROUNDS) {
                                connection.send(ByteBuffer.allocate(Int.SIZE_BYTES).putInt(it).array())
                                if (it % 7 == 0) yield()
                            }
                        }
                    }
                    val near = manager.awaitConnect("127.0.0.1:${server.port}")
                    val seen = ArrayList<Int>()
                    val random = Random(1)
                    while (seen.size < ROUNDS) {
                        // on the loop or elsewhere, cancelled from here: before, while or after it is resumed
                        val where = if (random.nextBoolean()) manager.dispatcher else Dispatchers.Default
                        val receiving = launch(where) {
                            while (seen.size <
                                ROUNDS
                            ) {
                                seen += ByteBuffer.wrap(near.receiveExactly(Int.SIZE_BYTES)).getInt()
                            }
                        }
                        repeat(random.nextInt(200)) { Thread.onSpinWait() }
                        receiving.cancelAndJoin()
                    }
                    seen shouldContainExactly List(ROUNDS) { it }
                    near.close()
                    server.close()
                    server.job.join()
                }
            }
        }

        test("datagrams for receivers that other threads cancel are lost by none") {
            EventManager.create().start().use { manager ->
                runBlocking(Dispatchers.Default) {
                    val server = manager.awaitListenUdp("127.0.0.1:0")
                    val client = manager.awaitConnectUdp("127.0.0.1:${server.port}")
                    val random = Random(2)
                    repeat(ROUNDS) { round ->
                        client.send("$round")
                        var seen: String? = null
                        while (seen == null) {
                            val where = if (random.nextBoolean()) manager.dispatcher else Dispatchers.Default
                            val receiving = launch(where) { seen = server.receive()?.text }
                            repeat(random.nextInt(100)) { Thread.onSpinWait() }
                            receiving.cancelAndJoin()
                        }
                        seen shouldBe "$round"
                    }
                    server.dropped shouldBe 0
                }
            }
        }

        test("what is launched, resumed and delayed while a manager closes ends, whatever the order") {
            repeat(100) { round ->
                val manager = EventManager.create().start()
                runBlocking(Dispatchers.Default) {
                    val scope = CoroutineScope(Job())
                    val jobs = List(8) { number ->
                        scope.launch(if (number % 2 == 0) manager.dispatcher else Dispatchers.Default) {
                            while (true) {
                                withContext(manager.dispatcher) { yield() }
                                if (number % 3 == 0) withContext(manager.dispatcher) { delay(1) }
                                withContext(Dispatchers.Default) { yield() }
                            }
                        }
                    }
                    repeat(round * 10) { Thread.onSpinWait() }
                    manager.close()
                    jobs.joinAll()
                    jobs.all { it.isCancelled } shouldBe true
                }
            }
        }

        test("connections whose callers are cancelled meanwhile do not stay") {
            EventManager.create().start().use { manager ->
                runBlocking(Dispatchers.Default) {
                    val server = withContext(manager.dispatcher) {
                        manager.serveIn(manager.coroutineScope(), ANY_PORT) { it.receive() }
                    }
                    val random = Random(3)
                    repeat(200) {
                        val where = if (random.nextBoolean()) manager.dispatcher else Dispatchers.Default
                        val connecting = launch(where) {
                            manager.awaitConnect("127.0.0.1:${server.port}").use { connection -> connection.send("1") }
                        }
                        repeat(random.nextInt(3_000)) { Thread.onSpinWait() }
                        connecting.cancelAndJoin()
                    }
                    server.close()
                    server.job.join()
                    withContext(manager.dispatcher) {
                        while (manager.connections().isNotEmpty()) delay(1)
                        manager.connections().shouldBeEmpty()
                    }
                }
            }
        }
    }) {
    private companion object {
        private const val ROUNDS = 2_000
    }
}
