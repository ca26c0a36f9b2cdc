package dev.meerkat.coroutines

import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.testkit.SimWorld
import dev.meerkat.testkit.coroutines.simTest
import dev.meerkat.testkit.coroutines.simWorld
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withTimeout
import java.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class VirtualTimeSpec :
    FunSpec({
        simTest("24 hours of heartbeats, in a world whose clock the test lives on") {
            heartbeats(world) shouldBe 2_880
            elapsed shouldBe 1.days + 20.milliseconds // connecting took one way there and one back
        }

        test("24 hours of heartbeats, under runTest") {
            runTest {
                heartbeats(simWorld()) shouldBe 2_880
                currentTime shouldBe 86_400_020
            }
        }

        simTest("a peer that falls silent is given up at the very instant") {
            silence(world)
            elapsed shouldBe 95.seconds + 20.milliseconds
        }

        test("a peer that falls silent is given up at the very instant, under runTest, too") {
            runTest {
                silence(simWorld())
                currentTime shouldBe 95_020
            }
        }

        simTest("many clients on links that deliver piece by piece, in many orders", seeds = 0..<50) {
            val server =
                host("srv").manager().serveIn(this, ":7") { connection ->
                    connection.lines().collect { connection.send("$it!\n") }
                }
            link("srv", "cli").latency(Duration.ofMillis(3))
            List(10) { number ->
                launch {
                    val client = host("cli").manager().awaitConnect("srv:7")
                    repeat(20) {
                        client.send("$number says $it\n")
                        client.receiveLine() shouldBe "$number says $it!"
                    }
                    client.close()
                    client.awaitClose().isClean shouldBe true
                }
            }.joinAll()
            server.close()
            server.job.join()
        }

        simTest("a host that vanishes leaves its peers waiting, and their own time-outs end that") {
            val server = host("srv").manager().serveIn(this, ":7") { it.receive() }
            val client = host("cli").manager().awaitConnect("srv:7")
            host("srv").vanish()
            shouldThrow<TimeoutCancellationException> { withTimeout(10.seconds) { client.receive() } }
            client.abort()
            client.awaitClose().error().get().kind() shouldBe Kind.ABORTED
            server.job.cancel()
        }
    })

/** A day of heartbeats, each answered within a second; answers how many. */
private suspend fun CoroutineScope.heartbeats(world: SimWorld): Int {
    val server =
        world.host("srv").manager().serveIn(this, ":7") { connection ->
            while (true) {
                val beat = withTimeout(75.seconds) { connection.receive() } ?: break
                connection.send(beat)
            }
        }
    world.link("srv", "cli").latency(Duration.ofMillis(10))
    val client = world.host("cli").manager().awaitConnect("srv:7")
    var answered = 0
    val beating =
        launch {
            repeat(2_880) {
                client.send("beat")
                withTimeout(1.seconds) { client.receiveExactly(4) }.decodeToString() shouldBe "beat"
                answered++
                delay(30.seconds - 20.milliseconds)
            }
        }
    beating.join()
    client.abort()
    server.close()
    server.job.cancel()
    return answered
}

/** A client that sends one beat after 20 s and no other; the server waits 75 s for each. */
private suspend fun CoroutineScope.silence(world: SimWorld) {
    world.link("srv", "cli").latency(Duration.ofMillis(10))
    val server =
        world.host("srv").manager().serveIn(this, ":7") { connection ->
            while (true) {
                withTimeout(75.seconds) { connection.receive() } ?: break
            }
        }
    val client = world.host("cli").manager().awaitConnect("srv:7")
    delay(20.seconds - 20.milliseconds)
    client.send("beat")
    shouldThrow<ConnectionFailedException> { client.receive() }.error.kind() shouldBe Kind.RESET
    server.close()
}
