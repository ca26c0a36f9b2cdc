package dev.meerkat.examples.interop.coroutines

import dev.meerkat.coroutines.runEventManager
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.net.Socket

class InteropSpec :
    FunSpec({
        test("the echo answers a client that nobody here wrote") {
            runEventManager {
                val server = serveEcho("tcp://127.0.0.1:0")
                val port = server.port
                val answer =
                    withContext(Dispatchers.IO) {
                        Socket("127.0.0.1", port).use { socket ->
                            socket.getOutputStream().write("hello".toByteArray())
                            socket.shutdownOutput()
                            socket.getInputStream().readAllBytes().decodeToString()
                        }
                    }
                answer shouldBe "hello"
                server.close()
            }
        }
    })
