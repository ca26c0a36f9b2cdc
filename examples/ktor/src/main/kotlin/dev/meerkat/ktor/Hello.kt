package dev.meerkat.ktor

import io.ktor.http.ContentType
import io.ktor.server.application.Application
import io.ktor.server.engine.embeddedServer
import io.ktor.server.request.receiveChannel
import io.ktor.server.response.respondBytesWriter
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.utils.io.copyTo

/** A Ktor application that runs on Meerkat: `curl http://127.0.0.1:8080/hello/you`. */
internal fun main(args: Array<String>) {
    val port = args.firstOrNull()?.toInt() ?: DEFAULT_PORT
    embeddedServer(Meerkat, port = port, host = "127.0.0.1") { hello() }.start(wait = true)
}

/** A greeting, and an echo that holds no more of a body than a buffer. */
internal fun Application.hello() {
    routing {
        get("/hello/{name}") { call.respondText("Hello, ${call.parameters["name"]}\n") }
        post("/echo") {
            val body = call.receiveChannel()
            call.respondBytesWriter(ContentType.Application.OctetStream) { body.copyTo(this) }
        }
    }
}

private const val DEFAULT_PORT = 8080
