package dev.meerkat.examples.chat

import dev.meerkat.coroutines.dispatcher
import dev.meerkat.coroutines.withEventManager
import dev.meerkat.testkit.Chunks
import dev.meerkat.testkit.SimConfig
import dev.meerkat.testkit.SimWorld
import dev.meerkat.testkit.StreamEnd
import dev.meerkat.testkit.kotest.simTest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration

/** The chat room's rules: those of the callbacks, sentence by sentence, for the coroutines. */
class KotlinChatSpec :
    FunSpec({
        val longestLine = "x".repeat(ChatHandler.LINE_LIMIT)

        simTest("greets, and hangs up after thirty seconds") {
            open()
            val guest = enter("guest")
            guest.expectNothingFor((30.seconds - 1.nanoseconds).toJavaDuration())
            guest.expectText("bye\n").expectEnd()
            elapsed().toKotlinDuration() shouldBe 30.seconds
        }

        simTest("every line buys another thirty seconds, and half a line buys nothing") {
            open()
            val guest = enter("guest")
            advance(29.seconds.toJavaDuration())
            guest.send("still here\n").expectText("1: still here\n")
            advance(29.seconds.toJavaDuration())
            guest.send("no line e").expectNothingFor(999.milliseconds.toJavaDuration())
            guest.expectText("bye\n").expectEnd()
            elapsed().toKotlinDuration() shouldBe 59.seconds
        }

        simTest("everybody hears everybody") {
            open()
            link("room", "bob").latency(80.milliseconds.toJavaDuration())
            val alice = enter("alice")
            val bob = enter("bob")
            alice.send("hello\n").expectText("1: hello\n")
            bob.expectText("1: hello\n").send("hello you\nand all\n")
            alice.expectText("2: hello you\n2: and all\n")
            bob.expectText("2: hello you\n2: and all\n")
        }

        simTest("a line may come byte by byte, and end as on Windows") {
            open()
            oneWay("alice", "room").chunks(Chunks.oneByte()).latency(1.milliseconds.toJavaDuration())
            val alice = enter("alice")
            val bob = enter("bob")
            alice.send("grüß dich\r\n\r\n\n")
            bob.expectText("1: grüß dich\n1: \n1: \n")
        }

        simTest("the longest line is heard, and a byte more ends the talk") {
            open()
            val alice = enter("alice")
            val bob = enter("bob")
            alice.send("$longestLine\n$longestLine\r\n")
            bob.expectText("1: $longestLine\n".repeat(2))
            alice.send("the last\n${longestLine}y")
            alice.expectText("1: $longestLine\n".repeat(2) + "line too long\n").expectEnd()
            bob.expectText("1: the last\n").expectNothing()
        }

        simTest("who does not read harms nobody, and hears later what he did not miss") {
            open()
            val alice = enter("alice")
            val bob = enter("bob")
            val sleeper = enter("sleeper")
            sleeper.pauseReading()
            repeat(100) {
                alice.send("$longestLine\n".repeat(50)).expectText("1: $longestLine\n".repeat(50))
                bob.expectText("1: $longestLine\n".repeat(50))
            }
            sleeper.resumeReading()
            advance(1.seconds.toJavaDuration())
            var kept = 0
            while (sleeper.receivedBytes() > 0) {
                sleeper.receiveLine() shouldBe "1: $longestLine"
                kept++
            }
            kept shouldBeInRange 1_000..4_999 // of 5,000, for the one who did not read
            alice.send("good morning\n")
            sleeper.expectText("1: good morning\n")
        }

        simTest("who never reads is gone ten seconds after the goodbye") {
            open()
            val alice = enter("alice")
            enter("sleeper").pauseReading()
            repeat(29) {
                alice.send("$longestLine\n".repeat(200)).expectText("1: $longestLine\n".repeat(200))
                advance(1.seconds.toJavaDuration())
            }
            host("room").manager().connections().size shouldBe 2
            advance(11.seconds.toJavaDuration())
            host("room").manager().connections().size shouldBe 1
        }

        simTest("a reset in mid-line is nobody else's business") {
            open()
            val alice = enter("alice")
            val bob = enter("bob")
            alice.send("half a li")
            runCurrent()
            alice.abort()
            bob.expectNothingFor(1.seconds.toJavaDuration())
            bob.send("anybody?\n").expectText("2: anybody?\n")
            enter("carol").send("me\n")
            bob.expectText("3: me\n")
        }

        test("on the wire it cannot be told from the callbacks") {
            worldAfterATalk { serveWithCallbacks() } shouldBe worldAfterATalk { open() }
        }

        simTest("nobody misses a line, whatever the network does to it", seeds = 0..<50) {
            open()
            val names = listOf("alice", "bob", "carol")
            for (name in names) {
                link("room", name)
                    .latency(1.milliseconds.toJavaDuration(), 200.milliseconds.toJavaDuration())
                    .chunks(Chunks.random())
            }
            val (alice, bob, carol) = names.map { enter(it) }
            repeat(20) { number ->
                alice.send("line $number\n")
                bob.expectText("1: line $number\n")
                carol.expectText("1: line $number\n")
            }
        }
    })

/** Opens the room on a host of its own; the end of the world closes its manager, and with it the room. */
private fun SimWorld.open() {
    val manager = host("room").manager()
    CoroutineScope(manager.dispatcher).launch {
        withEventManager(manager) { serveChat("tcp://:7000") }
    }
    runCurrent()
}

private fun SimWorld.serveWithCallbacks() {
    host("room").listen(7000, ChatHandler.LISTEN, ChatHandler())
}

/** Has guests come, talk, fall silent and go; answers a hash of every byte, who sent it when, and in which order. */
private fun worldAfterATalk(open: SimWorld.() -> Unit): Long = SimWorld.open(SimConfig.DEFAULT).use { world ->
    world.open()
    world.link("room", "bob").latency(80.milliseconds.toJavaDuration())
    val alice = world.enter("alice")
    val bob = world.enter("bob")
    repeat(20) { number ->
        alice.send("line $number\n")
        world.advance(100.milliseconds.toJavaDuration())
        bob.send("an answer to $number\nand mo")
        world.advance(1.seconds.toJavaDuration())
        bob.send("re\n")
    }
    alice.abort()
    bob.send("are you there?\n")
    world.advance(60.seconds.toJavaDuration())
    world.hash()
}

private fun SimWorld.enter(name: String): StreamEnd = host(name).stream("room", 7000).expectText("welcome\n")
