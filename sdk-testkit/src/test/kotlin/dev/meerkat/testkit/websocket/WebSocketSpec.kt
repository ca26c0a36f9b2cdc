package dev.meerkat.testkit.websocket

import dev.meerkat.http.HttpServer
import dev.meerkat.testkit.Chunks
import dev.meerkat.testkit.FakeClock
import dev.meerkat.testkit.SocketPair
import dev.meerkat.testkit.kotest.simTest
import dev.meerkat.testkit.latency
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration

/** A WebSocket of one's own, tested in Kotlin: with a pair, and in a world. */
class WebSocketSpec :
    FunSpec({
        test("echoes, and closes when it is idle") {
            val clock = FakeClock()
            val chat = WebSocketEnd.client(SocketPair.stream(clock, HttpServer.handler(WebSocketEndTest.server())), "/")
            chat.sendText("hello").expectText("hello")
            chat.expectNothingFor(10.seconds).expectNothingUntil(30.seconds - 1.nanoseconds)
            chat.within(1.nanoseconds).expectClose(1001).sendClose(1001).expectEnd()
            clock.elapsed().toKotlinDuration() shouldBe 30.seconds
        }

        simTest("nobody misses a message over a link that cuts and delays", seeds = 0..<50) {
            host("server").listen(80, HttpServer.handler(WebSocketEndTest.server()))
            link("alice", "server").latency(5.milliseconds..80.milliseconds).chunks(Chunks.random())
            val alice = host("alice").webSocket("ws://server/chat", "Sec-WebSocket-Protocol: chat")
            alice.field("Sec-WebSocket-Protocol") shouldBe "chat"
            alice.send(WireFrame.text("hel").notFinal(), WireFrame.continuation("lo")).expectText("hello")
            alice.sendAsIs(WireFrame.text("not masked")).expectClose(1002)
        }
    })
