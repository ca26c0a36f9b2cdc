package dev.meerkat.coroutines.websocket

import dev.meerkat.ConnectionOptions
import dev.meerkat.ListenOptions
import dev.meerkat.coroutines.EventManagerScope
import dev.meerkat.coroutines.SuspendingConnection
import dev.meerkat.websocket.CompressionOptions
import dev.meerkat.websocket.Handshake
import dev.meerkat.websocket.HandshakeAnswer
import dev.meerkat.websocket.WebSocketOptions
import dev.meerkat.websocket.WebSocketProtocol
import dev.meerkat.websocket.WebSocketServer
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.job
import kotlinx.coroutines.plus

/** A server of one block, and what its sessions have reported. */
internal class Served(val uri: String, val scope: CoroutineScope, val failures: List<Throwable>) {
    val address: String
        get() = uri.removePrefix("ws://")
}

/** Serves WebSockets by a block, uncompressed so that what is large stays large, while a body runs, and waits for their end. */
internal suspend fun EventManagerScope.served(
    session: suspend WebSocketSession.() -> Unit,
    capacity: Int = WebSocketSession.DEFAULT_CAPACITY,
    options: WebSocketOptions.Builder.() -> Unit = {},
    connection: ConnectionOptions.Builder.() -> Unit = {},
    onHandshake: (suspend (Handshake) -> HandshakeAnswer)? = null,
    body: suspend CoroutineScope.(Served) -> Unit,
) {
    val failures = ArrayList<Throwable>()
    val job = SupervisorJob(coroutineContext.job)
    val scope = this + job + CoroutineExceptionHandler { _, failure -> failures += failure }
    val handler = suspendingWebSocketHandler(scope, capacity, onHandshake, session)
    val server =
        WebSocketServer.builder()
            .options(WebSocketOptions.builder().compression(CompressionOptions.OFF).apply(options).build())
            .protocol(WebSocketProtocol.unnamed(handler))
            .build()
    val listen =
        ListenOptions.builder().connection(ConnectionOptions.builder().apply(connection).build()).build()
    val acceptor = manager.listen("ws://127.0.0.1:0", listen, server)
    coroutineScope { body(Served("ws://127.0.0.1:${acceptor.port()}", scope, failures)) }
    acceptor.close()
    job.complete()
    job.join()
}

/** A peer of which every byte is the test's: it has asked for a WebSocket and read the answer. */
internal suspend fun EventManagerScope.rawPeer(served: Served): SuspendingConnection {
    val peer = connect(served.address)
    peer.send(
        "GET / HTTP/1.1\r\nHost: there\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    )
    while (peer.receiveLine() != "") {
        // the answer's head
    }
    return peer
}

/** A frame of a client, masked by zeros. */
internal fun frame(head: Int, payload: ByteArray, length: Int = payload.size): ByteArray =
    byteArrayOf(head.toByte(), (0x80 or length).toByte(), 0, 0, 0, 0) + payload

internal const val TEXT = 0x81
internal const val CLOSE = 0x88
