package dev.meerkat.examples.interop.coroutines

import dev.meerkat.coroutines.runEventManager
import dev.meerkat.http.Router
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import io.ktor.client.plugins.websocket.DefaultClientWebSocketSession
import io.ktor.client.plugins.websocket.WebSockets
import io.ktor.client.plugins.websocket.webSocket
import io.ktor.websocket.CloseReason
import io.ktor.websocket.Frame
import io.ktor.websocket.close
import io.ktor.websocket.readBytes
import io.ktor.websocket.readText
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.withContext

class WebSocketsSpec :
    FunSpec({
        suspend fun DefaultClientWebSocketSession.heard() = (incoming.receive() as Frame.Text).readText()

        fun againstKtor(body: suspend HttpClient.(String) -> Unit) = runEventManager {
            val acceptor = manager.listen("http://127.0.0.1:0", addWebSockets(Router.create()))
            withContext(Dispatchers.IO) {
                HttpClient(CIO) { install(WebSockets) }.use { it.body("ws://127.0.0.1:${acceptor.port()}") }
            }
            acceptor.close()
            coroutineContext.cancelChildren()
        }

        test("the echo answers Ktor's client, text and binary, short and long, until it says goodbye") {
            againstKtor { uri ->
                webSocket("$uri/ws") {
                    for (length in listOf(0, 1, 125, 126, 65_535, 65_536, 1 shl 20)) {
                        val text = "x".repeat(length)
                        send(Frame.Text(text))
                        heard() shouldBe text
                        send(Frame.Binary(true, ByteArray(length)))
                        (incoming.receive() as Frame.Binary).readBytes().size shouldBe length
                    }
                    close(CloseReason(CloseReason.Codes.NORMAL, "enough"))
                    closeReason.await()?.code shouldBe 1000
                }
            }
        }

        test("a message to all reaches each of Ktor's clients, its sender too") {
            againstKtor { uri ->
                webSocket("$uri/broadcast") {
                    val first = this
                    first.send(Frame.Text("alone"))
                    first.heard() shouldBe "alone"
                    this@againstKtor.webSocket("$uri/broadcast") {
                        send(Frame.Text("hello"))
                        heard() shouldBe "hello"
                        first.heard() shouldBe "hello"
                    }
                }
            }
        }
    })
