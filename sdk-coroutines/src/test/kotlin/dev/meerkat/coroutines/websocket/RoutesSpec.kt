package dev.meerkat.coroutines.websocket

import dev.meerkat.coroutines.http.serveHttp
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.websocket.WebSocketClientOptions
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class RoutesSpec :
    FunSpec({
        onBothArms("WebSockets stand among the routes of HTTP, with what their templates capture") {
            val server =
                serveHttp("http://127.0.0.1:0") {
                    webSocket("/chat") { for (message in incoming) send(message) }
                    route("/rooms") { webSocket("/{room}") { send(path("room")) } }
                    webSockets("/versions") {
                        protocol("v2") { send("two") }
                        session { send("none") }
                    }
                }
            val uri = "ws://127.0.0.1:${server.port}"
            webSocket("$uri/chat") {
                send("hello")
                check(incoming.receive().text() == "hello")
            }
            webSocket("$uri/rooms/den") { incoming.receive().text() shouldBe "den" }
            webSocket("$uri/versions") { incoming.receive().text() shouldBe "none" }
            webSocket("$uri/versions", WebSocketClientOptions.builder().subprotocols("v2").build()) {
                incoming.receive().text() shouldBe "two"
            }
            server.close()
        }
    })
