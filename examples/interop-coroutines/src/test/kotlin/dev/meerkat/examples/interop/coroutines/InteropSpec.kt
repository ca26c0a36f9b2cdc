package dev.meerkat.examples.interop.coroutines

import dev.meerkat.coroutines.runEventManager
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.net.Socket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.nio.file.Files

class InteropSpec :
    FunSpec({
        for (echo in Echo.entries) {
            test("the echo by $echo answers a client that nobody here wrote") {
                runEventManager {
                    val server = serveEcho("tcp://127.0.0.1:0", echo)
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
        }

        test("the pages, an upload and a file are as the contract has them, for the JDK's client") {
            val file = Files.writeString(Files.createTempFile("interop", ".txt"), "in a file")
            runEventManager {
                val server = serveWeb("http://127.0.0.1:0", file)
                val base = "http://127.0.0.1:${server.port}"
                withContext(Dispatchers.IO) {
                    val client = HttpClient.newHttpClient()
                    fun ask(request: HttpRequest.Builder) = client.send(request.build(), BodyHandlers.ofString())
                    val hello = ask(HttpRequest.newBuilder(URI("$base/")))
                    hello.body() shouldBe "Hello, World!"
                    hello.headers().firstValue("Content-Type").get() shouldBe "text/plain"
                    hello.headers().firstValue("Content-Length").get() shouldBe "13"
                    val bytes = BodyPublishers.ofByteArray(ByteArray(3_000_000))
                    ask(HttpRequest.newBuilder(URI("$base/upload")).POST(bytes)).body() shouldBe "3000000"
                    ask(HttpRequest.newBuilder(URI("$base/file"))).body() shouldBe "in a file"
                    ask(HttpRequest.newBuilder(URI("$base/nothing"))).statusCode() shouldBe 404
                }
                server.job.cancel()
            }
            Files.delete(file)
        }
    })
