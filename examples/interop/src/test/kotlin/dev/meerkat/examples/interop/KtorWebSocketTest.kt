package dev.meerkat.examples.interop

import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import io.ktor.client.plugins.websocket.ClientWebSocketSession
import io.ktor.client.plugins.websocket.WebSocketException
import io.ktor.client.plugins.websocket.WebSockets
import io.ktor.client.plugins.websocket.cio.webSocketRawSession
import io.ktor.client.request.header
import io.ktor.http.HttpHeaders
import io.ktor.websocket.CloseReason
import io.ktor.websocket.Frame
import io.ktor.websocket.readReason
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ClosedSendChannelException
import kotlinx.coroutines.launch
import java.io.ByteArrayOutputStream
import java.net.URI

/** The client of Ktor with its own engine; single frames, so that it shows what it gets and answers nothing by itself. */
internal class KtorWebSocketTest : FrameClientRules() {
    override fun start(running: WebSocketSite): WebSocketPeer = KtorPeer()

    override fun compresses() = false

    private class KtorPeer : WebSocketPeer {
        private val client = HttpClient(CIO) { install(WebSockets) }
        private val scope = CoroutineScope(Dispatchers.IO + SupervisorJob())

        override fun open(url: String, subprotocols: List<String>): WebSocketPeer.Session {
            val session = KtorSession()
            scope.launch {
                val opened =
                    try {
                        val to = URI(url)
                        client.webSocketRawSession(host = to.host, port = to.port, path = to.path) {
                            if (subprotocols.isNotEmpty()) {
                                header(HttpHeaders.SecWebSocketProtocol, subprotocols.joinToString(", "))
                            }
                        }
                    } catch (refused: WebSocketException) {
                        val status = Regex("\\b[345]\\d\\d\\b").find(refused.message.orEmpty())?.value
                        session.heard(WebSocketPeer.Heard.refused(status?.toInt() ?: 0))
                        return@launch
                    }
                session.run(this, opened)
            }
            return session
        }

        override fun close() {
            scope.cancel()
            client.close()
        }
    }

    @OptIn(DelicateCoroutinesApi::class)
    private class KtorSession :
        WebSocketPeer.Session(),
        Frames {
        private val outgoing = Channel<Frame>(Channel.UNLIMITED)
        private val message = ByteArrayOutputStream()

        fun heard(what: WebSocketPeer.Heard) = hear(what)

        suspend fun run(scope: CoroutineScope, session: ClientWebSocketSession) {
            val headers = session.call.response.headers
            heard(
                WebSocketPeer.Heard.opened(
                    headers[HttpHeaders.SecWebSocketProtocol].orEmpty(),
                    headers[HttpHeaders.SecWebSocketExtensions].orEmpty(),
                ),
            )
            scope.launch {
                try {
                    for (frame in outgoing) session.send(frame)
                } catch (closed: ClosedSendChannelException) {
                    outgoing.close(closed) // the session has answered a close frame by itself
                }
            }
            var text = true
            for (frame in session.incoming) {
                when (frame) {
                    is Frame.Ping -> {
                        heard(WebSocketPeer.Heard.control("ping", frame.data))
                        outgoing.send(Frame.Pong(frame.data))
                    }

                    is Frame.Pong -> heard(WebSocketPeer.Heard.control("pong", frame.data))

                    is Frame.Close -> {
                        val reason = frame.readReason()
                        if (!outgoing.isClosedForSend) {
                            outgoing.send(Frame.Close(frame.data))
                            outgoing.close()
                        }
                        heard(WebSocketPeer.Heard.closed(reason?.code?.toInt() ?: 1005, reason?.message.orEmpty()))
                    }

                    else -> {
                        if (message.size() == 0) text = frame is Frame.Text
                        message.writeBytes(frame.data)
                        if (frame.fin) {
                            val whole = message.toByteArray()
                            message.reset()
                            heard(
                                if (text) {
                                    WebSocketPeer.Heard.text(whole.decodeToString())
                                } else {
                                    WebSocketPeer.Heard.binary(whole)
                                },
                            )
                        }
                    }
                }
            }
        }

        private fun say(frame: Frame) {
            outgoing.trySend(frame).getOrThrow()
        }

        override fun send(text: String) = say(Frame.Text(text))

        override fun fill(text: Boolean, length: Int) {
            val bytes = WebSocketPeer.pattern(text, length)
            say(if (text) Frame.Text(true, bytes) else Frame.Binary(true, bytes))
        }

        override fun close(code: Int, reason: String) {
            say(Frame.Close(CloseReason(code.toShort(), reason)))
            outgoing.close()
        }

        override fun fragment(text: String, last: Boolean) = say(Frame.Text(last, text.toByteArray()))

        override fun ping(payload: String) = say(Frame.Ping(payload.toByteArray()))

        override fun pong(payload: String) = say(Frame.Pong(payload.toByteArray()))
    }
}
