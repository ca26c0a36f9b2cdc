package dev.meerkat.examples.interop.coroutines

import dev.meerkat.coroutines.websocket.webSocketServer
import dev.meerkat.http.Router
import dev.meerkat.websocket.CompressionOptions
import dev.meerkat.websocket.WebSocketOptions
import kotlinx.coroutines.CoroutineScope
import java.time.Duration

/** As the interop server in Java has it. */
private val OPTIONS: WebSocketOptions =
    WebSocketOptions.builder()
        .messageBytes(64 shl 20)
        .pingInterval(Duration.ZERO)
        .compression(CompressionOptions.builder().threshold(0).inflationRatio(2000).build())
        .build()

/** Adds `/ws`, which sends every message back, and `/broadcast`, which sends it to all who are here. */
internal fun CoroutineScope.addWebSockets(router: Router): Router = router
    .webSocket(
        "/ws",
        webSocketServer(this, OPTIONS) {
            session { for (message in incoming) send(message) }
        },
    )
    .webSocket(
        "/broadcast",
        webSocketServer(this, OPTIONS) {
            session {
                val everybody = checkNotNull(protocol)
                for (message in incoming) {
                    everybody.send(message)
                }
            }
        },
    )
