package dev.meerkat.examples.interop

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import io.ktor.client.plugins.HttpTimeout
import io.ktor.client.request.get
import io.ktor.client.request.head
import io.ktor.client.request.header
import io.ktor.client.request.post
import io.ktor.client.request.prepareGet
import io.ktor.client.request.put
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.bodyAsText
import io.ktor.client.statement.readRawBytes
import io.ktor.http.ContentType
import io.ktor.http.content.ChannelWriterContent
import io.ktor.http.contentType
import io.ktor.utils.io.readAvailable
import io.ktor.utils.io.writeFully
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlin.random.Random

/** The client of Ktor with its own engine, as a Kotlin program would use it. */
class KtorClientSpec :
    FunSpec({
        val folder = tempdir()
        val content = Random(7).nextBytes(3_000_000)
        lateinit var server: RunningServer
        lateinit var client: HttpClient

        beforeSpec {
            server = RunningServer(folder.toPath().resolve("file.bin").also { it.toFile().writeBytes(content) })
            client =
                HttpClient(CIO) {
                    install(HttpTimeout) { requestTimeoutMillis = 30_000 }
                }
        }
        afterSpec {
            client.close()
            server.close()
        }

        test("gets the page, again and again") {
            repeat(50) { client.get(server.url("/")).bodyAsText() shouldBe "Hello, World!" }
        }

        test("fifty requests at a time are answered each with its own") {
            coroutineScope {
                (1..50).map { n -> async { client.post(server.url("/echo")) { setBody("number $n") }.bodyAsText() } }
                    .awaitAll() shouldBe (1..50).map { "number $it" }
            }
        }

        test("a body of known length and one without come back as they went") {
            client.post(server.url("/echo")) { setBody(content) }.readRawBytes() shouldBe content
            val answer =
                client.put(server.url("/upload")) {
                    setBody(
                        ChannelWriterContent(
                            { for (from in content.indices step 10_000) writeFully(content, from, from + 10_000) },
                            ContentType.Application.OctetStream,
                        ),
                    )
                }
            answer.bodyAsText() shouldBe "${content.size}"
        }

        test("a body is read as it comes") {
            var count = 0
            client.prepareGet(server.url("/big?n=5000000")).execute { response ->
                val channel = response.bodyAsChannel()
                val buffer = ByteArray(8192)
                while (true) {
                    val read = channel.readAvailable(buffer)
                    if (read < 0) break
                    count += read
                }
            }
            count shouldBe 5_000_000
        }

        test("chunks, statuses, fields and HEAD") {
            client.get(server.url("/chunked")).bodyAsText() shouldBe "onetwothree"
            client.get(server.url("/status/404")).status.value shouldBe 404
            client.get(server.url("/status/204")).status.value shouldBe 204
            client.get(server.url("/cookie")) { header("Cookie", "a=1; b=two") }.bodyAsText() shouldBe "a=1\nb=two\n"
            client.head(server.url("/")).headers["Content-Length"] shouldBe "13"
            client.post(server.url("/echo")) {
                contentType(ContentType.Application.Json)
                setBody("{}")
            }.contentType() shouldBe ContentType.Application.Json
        }
    })
