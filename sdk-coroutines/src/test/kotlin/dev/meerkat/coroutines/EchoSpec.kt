package dev.meerkat.coroutines

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch

class EchoSpec :
    FunSpec({
        test("an echo of suspend functions answers every connection for itself") {
            runEventManager {
                val server =
                    serve("tcp://127.0.0.1:0") { connection ->
                        while (true) connection.send(connection.receive() ?: break)
                    }
                List(8) { number ->
                    launch {
                        connect("tcp://127.0.0.1:${server.port}") { connection ->
                            connection.send("hello\nfrom $number\r\nbye")
                            connection.shutdownOutput()
                            connection.lines().toList() shouldBe listOf("hello", "from $number", "bye")
                        }
                    }
                }.joinAll()
                server.close()
            }
        }
    })
