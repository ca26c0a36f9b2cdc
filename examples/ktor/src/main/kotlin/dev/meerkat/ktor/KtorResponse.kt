package dev.meerkat.ktor

import dev.meerkat.coroutines.http.HttpCall
import dev.meerkat.coroutines.openReadChannel
import dev.meerkat.coroutines.openWriteChannel
import dev.meerkat.event.Bytes
import dev.meerkat.http.Headers
import dev.meerkat.http.Response
import dev.meerkat.http.ResponseBody
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpStatusCode
import io.ktor.http.content.OutgoingContent
import io.ktor.server.application.PipelineCall
import io.ktor.server.engine.BaseApplicationResponse
import io.ktor.server.response.ResponseHeaders
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.copyTo
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** An answer as Ktor gives it. Status and fields are collected until it says what the body is. */
internal class KtorResponse(call: PipelineCall, private val answer: HttpCall) : BaseApplicationResponse(call) {
    private var code = HttpStatusCode.OK.value
    private val fields = ArrayList<Pair<String, String>>()

    override val headers: ResponseHeaders = Collected()

    override fun setStatus(statusCode: HttpStatusCode) {
        code = statusCode.value
    }

    override suspend fun respondFromBytes(bytes: ByteArray) {
        val announced = announced()
        check(announced == null || announced == bytes.size.toLong()) {
            "the body has ${bytes.size} bytes, Content-Length says $announced"
        }
        answer.respond(Response.of(code, headersBut(), ResponseBody.Whole(Bytes.copyOf(bytes))))
    }

    /** No body, but perhaps the length that one would have, as an answer to HEAD says. */
    override suspend fun respondNoContent(content: OutgoingContent.NoContent) {
        val length = announced()
        val body =
            if (length == null || answer.method != "HEAD") {
                ResponseBody.Empty.INSTANCE
            } else {
                ResponseBody.Streamed(length) { error("an answer to HEAD has no body") }
            }
        answer.respond(Response.of(code, headersBut(), body))
    }

    override suspend fun respondWriteChannelContent(content: OutgoingContent.WriteChannelContent) {
        stream { withContext(Dispatchers.IO) { content.writeTo(this@stream) } } // where Ktor has its applications write
    }

    override suspend fun respondFromChannel(readChannel: ByteReadChannel) {
        stream { readChannel.copyTo(this) }
    }

    private suspend fun stream(block: suspend ByteWriteChannel.() -> Unit) {
        val type = headers[HttpHeaders.ContentType] ?: "application/octet-stream"
        val length = announced() ?: UNKNOWN
        answer.respondStream(type, length, code, headersBut(HttpHeaders.ContentType), block)
    }

    override suspend fun respondUpgrade(upgrade: OutgoingContent.ProtocolUpgrade) {
        val protocol = checkNotNull(headers[HttpHeaders.Upgrade]) { "an upgrade without the field Upgrade" }
        answer.respondUpgrade(protocol, headersBut(HttpHeaders.Upgrade, HttpHeaders.Connection)) { connection ->
            val input = connection.openReadChannel()
            val output = connection.openWriteChannel()
            upgrade.upgrade(input, output, coroutineContext, coroutineContext).join()
        }
    }

    /** Not asked for: every kind of body has a way of its own above. */
    override suspend fun responseChannel(): ByteWriteChannel =
        throw UnsupportedOperationException("bodies are written by respondWriteChannelContent")

    private fun announced(): Long? = headers[HttpHeaders.ContentLength]?.toLong()

    /** The fields, without what the server sets itself: the framing of the body. */
    private fun headersBut(vararg others: String): Headers {
        val builder = Headers.builder()
        for ((name, value) in fields) {
            if (!isFraming(name) && others.none { it.equals(name, ignoreCase = true) }) builder.add(name, value)
        }
        return builder.build()
    }

    private fun isFraming(name: String) = name.equals(HttpHeaders.ContentLength, ignoreCase = true) ||
        name.equals(HttpHeaders.TransferEncoding, ignoreCase = true)

    private inner class Collected : ResponseHeaders() {
        override fun engineAppendHeader(name: String, value: String) {
            fields += name to value
        }

        override fun getEngineHeaderNames(): List<String> = fields.map { it.first }

        override fun getEngineHeaderValues(name: String): List<String> =
            fields.filter { it.first.equals(name, ignoreCase = true) }.map { it.second }
    }

    private companion object {
        private const val UNKNOWN = -1L
    }
}
