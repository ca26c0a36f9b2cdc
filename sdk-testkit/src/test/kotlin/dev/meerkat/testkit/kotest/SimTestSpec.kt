package dev.meerkat.testkit.kotest

import dev.meerkat.event.TcpEvent
import dev.meerkat.testkit.Chunks
import dev.meerkat.testkit.SimConfig.Verify
import dev.meerkat.testkit.SimFailure
import dev.meerkat.testkit.advance
import dev.meerkat.testkit.at
import dev.meerkat.testkit.expectNothingFor
import dev.meerkat.testkit.latency
import dev.meerkat.testkit.within
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** I3: tests in a virtual world, in Kotest. */
class SimTestSpec :
    FunSpec({
        simTest("a client hears its echo over a link that cuts and delays", seeds = 0L..<50L) {
            host("server").listen(7) { connection, event ->
                if (event is TcpEvent.Received) connection.send(event.buffer())
            }
            link("alice", "server").latency(5.milliseconds..80.milliseconds).chunks(Chunks.random())
            host("alice").stream("server", 7).send("hello").expectText("hello")
        }

        simTest("a configured run is repeated and compared", 0..4, { verify(Verify.TWICE) }) {
            host("server").listener(7)
            host("alice").stream("server", 7)
        }

        simTest("durations are Kotlin's") {
            val listener = host("server").listener(7)
            val end = host("alice").stream("server", 7)
            link("alice", "server").latency(2.seconds)
            at(1.seconds) { end.send("late") }
            val peer = listener.accept()
            peer.expectNothingFor(2.seconds)
            peer.within(1.seconds).expectText("late")
            advance(1.seconds)
            clock().advance(1.seconds)
            elapsed().toSeconds() shouldBe 5
        }

        test("every seed has its own world, and several explore") {
            val seeds = mutableListOf<Long>()
            runInWorlds("collecting", 5L..8L) { seeds += seed() }
            seeds shouldContainExactly listOf(5L, 6L, 7L, 8L)
        }

        test("a failure bears the seed and the name") {
            val failure =
                shouldThrow<SimFailure> { runInWorlds("planted", 0L..9L) { check(seed() != 3L) { "planted" } } }
            failure.seed() shouldBe 3L
            failure.message shouldContain "planted failed with seed 0x3"
        }
    })
