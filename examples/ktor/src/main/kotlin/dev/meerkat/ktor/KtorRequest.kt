package dev.meerkat.ktor

import dev.meerkat.Connection
import dev.meerkat.http.Request
import io.ktor.http.Headers
import io.ktor.http.HttpMethod
import io.ktor.http.Parameters
import io.ktor.http.RequestConnectionPoint
import io.ktor.http.parseQueryString
import io.ktor.server.application.PipelineCall
import io.ktor.server.engine.BaseApplicationRequest
import io.ktor.server.request.RequestCookies
import io.ktor.server.request.encodeParameters
import io.ktor.utils.io.ByteReadChannel
import java.net.InetSocketAddress
import java.net.SocketAddress
import dev.meerkat.http.Headers as Fields

/** A request as Ktor sees it. */
internal class KtorRequest(call: PipelineCall, private val request: Request, body: () -> ByteReadChannel) :
    BaseApplicationRequest(call) {
    override val engineHeaders: Headers = FieldsAsHeaders(request.head().headers())

    override val engineReceiveChannel: ByteReadChannel by lazy(LazyThreadSafetyMode.NONE, body)

    override val local: RequestConnectionPoint = Point(request)

    override val rawQueryParameters: Parameters by lazy(LazyThreadSafetyMode.NONE) {
        parseQueryString(request.head().target().substringAfter('?', ""), decode = false)
    }

    override val queryParameters: Parameters by lazy(LazyThreadSafetyMode.NONE) { encodeParameters(rawQueryParameters) }

    override val cookies: RequestCookies = RequestCookies(this)
}

/** The fields of a head under Ktor's interface; nothing is copied until somebody asks. */
private class FieldsAsHeaders(private val fields: Fields) : Headers {
    override val caseInsensitiveName: Boolean
        get() = true

    override fun get(name: String): String? = fields.first(name).orElse(null)

    override fun contains(name: String): Boolean = fields.contains(name)

    override fun getAll(name: String): List<String>? = fields.all(name).ifEmpty { null }

    override fun isEmpty(): Boolean = fields.isEmpty

    /** Each name once, in the case in which it came first. */
    override fun names(): Set<String> {
        val names = LinkedHashSet<String>()
        for (i in 0 until fields.size()) {
            if (fields.indexOf(fields.name(i)) == i) names += fields.name(i)
        }
        return names
    }

    override fun entries(): Set<Map.Entry<String, List<String>>> =
        names().associateWithTo(LinkedHashMap()) { fields.all(it) }.entries
}

/** The two ends of the connection, and what was asked for. */
private class Point(private val request: Request) : RequestConnectionPoint {
    private val connection: Connection = request.connection()
    private val here: SocketAddress = connection.localAddress()
    private val there: SocketAddress = connection.remoteAddress()
    private val authority: String = request.header("Host").orElse("")

    override val scheme: String = if (connection.isSecured) "https" else "http"
    override val version: String = request.head().version().toString()
    override val uri: String = request.head().target()
    override val method: HttpMethod = HttpMethod.parse(request.method())

    private val defaultPort: Int
        get() = if (scheme == "https") HTTPS_PORT else HTTP_PORT

    @Deprecated("Use localPort or serverPort instead", level = DeprecationLevel.ERROR)
    override val port: Int
        get() = serverPort

    @Deprecated("Use localHost or serverHost instead", level = DeprecationLevel.ERROR)
    override val host: String
        get() = serverHost

    override val localPort: Int
        get() = here.port ?: defaultPort

    override val localAddress: String
        get() = here.literal

    /** As far as it is known without asking a name server, for which a loop has no time. */
    override val localHost: String
        get() = here.name

    override val serverPort: Int
        get() = authority.substringAfterLast(']').substringAfter(':', "").toIntOrNull()
            ?: if (authority.isEmpty()) localPort else defaultPort

    override val serverHost: String
        get() =
            when {
                authority.isEmpty() -> localHost
                authority.startsWith('[') -> authority.substringBefore(']') + "]"
                else -> authority.substringBefore(':')
            }

    override val remotePort: Int
        get() = there.port ?: 0

    override val remoteAddress: String
        get() = there.literal

    override val remoteHost: String
        get() = there.name

    private val SocketAddress.port: Int?
        get() = (this as? InetSocketAddress)?.port

    private val SocketAddress.literal: String
        get() = (this as? InetSocketAddress)?.address?.hostAddress ?: toString()

    private val SocketAddress.name: String
        get() = (this as? InetSocketAddress)?.hostString ?: toString()

    private companion object {
        private const val HTTP_PORT = 80
        private const val HTTPS_PORT = 443
    }
}
