package dev.meerkat.ktor

import dev.meerkat.Spread
import dev.meerkat.testkit.coroutines.simTest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.server.engine.applicationEnvironment
import io.ktor.server.engine.connector
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import kotlinx.coroutines.delay
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toJavaDuration

class KtorInVirtualWorldSpec :
    FunSpec({
        simTest("a Ktor application lives in virtual time, on a network that is not there", seeds = 0..20) {
            val managers = host("server").newGroup(1, Spread.HAND_OVER)
            val server =
                embeddedServer(
                    Meerkat,
                    environment = applicationEnvironment { },
                    configure = {
                        group = managers
                        connector {
                            host = "0.0.0.0"
                            port = 80
                        }
                    },
                ) {
                    routing {
                        get("/slow") {
                            delay(50.seconds)
                            call.respondText("at last")
                        }
                    }
                }
            server.start(wait = false)
            val client = host("client").stream("server", 80)
            client.send("GET /slow HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n")
            client.expectNothingFor(49.seconds.toJavaDuration())
            client.receiveLine() shouldBe "HTTP/1.1 200 OK"
            while (client.receiveLine().isNotEmpty()) Unit
            client.expectText("at last").expectEnd()
            managers.close()
        }
    })
