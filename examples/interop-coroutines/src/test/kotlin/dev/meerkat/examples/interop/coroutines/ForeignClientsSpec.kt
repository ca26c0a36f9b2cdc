package dev.meerkat.examples.interop.coroutines

import dev.meerkat.coroutines.runEventManager
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import io.ktor.client.request.get
import io.ktor.client.request.post
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsBytes
import io.ktor.client.statement.bodyAsText
import io.ktor.http.content.ChannelWriterContent
import io.ktor.utils.io.writeByteArray
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import okhttp3.MediaType
import okhttp3.OkHttpClient
import okhttp3.Protocol
import okhttp3.Request
import okhttp3.RequestBody
import okio.BufferedSink
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.Random
import java.util.concurrent.TimeUnit

private val CONTENT = ByteArray(3_000_000).also { Random(7).nextBytes(it) }

/** Clients that nobody here wrote, each with the whole round: a page, both framings of an upload, a file. */
class ForeignClientsSpec :
    FunSpec({
        fun round(name: String, body: suspend (base: String, folder: Path) -> Unit) = test("$name is served") {
            val folder = Files.createTempDirectory("interop")
            try {
                val file = Files.write(folder.resolve("file.bin"), CONTENT)
                runEventManager {
                    val server = serveWeb("http://127.0.0.1:0", file)
                    withContext(Dispatchers.IO) { body("http://127.0.0.1:${server.port}", folder) }
                    server.close()
                    server.job.join()
                }
            } finally {
                folder.toFile().deleteRecursively()
            }
        }

        round("curl") { base, folder ->
            val answer = folder.resolve("answer")
            val upload = Files.write(folder.resolve("upload"), CONTENT)
            fun curl(vararg arguments: String): String {
                Files.deleteIfExists(answer)
                val fixed = listOf("curl", "-sS", "--http1.1", "--max-time", "30", "--noproxy", "*", "-o", "$answer")
                val process = ProcessBuilder(fixed + listOf("-w", "%{http_code} %{content_type}") + arguments)
                    .redirectErrorStream(true).start()
                val said = process.inputStream.readAllBytes().decodeToString()
                process.waitFor(40, TimeUnit.SECONDS) shouldBe true
                "${process.exitValue()} $said".take(2) shouldBe "0 "
                return said
            }
            curl("$base/") shouldBe "200 text/plain"
            Files.readString(answer) shouldBe "Hello, World!"
            for (framing in listOf("Expect:", "Expect: 100-continue", "Transfer-Encoding: chunked")) {
                curl("-H", framing, "--data-binary", "@$upload", "$base/upload").take(3) shouldBe "200"
                Files.readString(answer) shouldBe "${CONTENT.size}"
            }
            curl("$base/file").take(3) shouldBe "200"
            Files.readAllBytes(answer).contentEquals(CONTENT) shouldBe true
            curl("-r", "1000-1999", "$base/file").take(3) shouldBe "206"
            Files.readAllBytes(answer).contentEquals(CONTENT.copyOfRange(1_000, 2_000)) shouldBe true
            curl("--head", "$base/file").take(3) shouldBe "200"
            curl("$base/nothing").take(3) shouldBe "404"
        }

        round("OkHttp") { base, _ ->
            class Content(private val length: Long) : RequestBody() {
                override fun contentType(): MediaType? = null

                override fun contentLength(): Long = length

                override fun writeTo(sink: BufferedSink) {
                    sink.write(CONTENT)
                }
            }

            val protocols = listOf(Protocol.HTTP_1_1)
            val client = OkHttpClient.Builder().protocols(protocols).callTimeout(Duration.ofSeconds(30)).build()
            fun ask(path: String, body: RequestBody? = null): ByteArray {
                val request = Request.Builder().url(base + path)
                if (body != null) request.post(body)
                return client.newCall(request.build()).execute().use { response ->
                    response.code shouldBe 200
                    response.body.bytes()
                }
            }
            ask("/").decodeToString() shouldBe "Hello, World!"
            ask("/upload", Content(CONTENT.size.toLong())).decodeToString() shouldBe "${CONTENT.size}"
            ask("/upload", Content(-1)).decodeToString() shouldBe "${CONTENT.size}"
            ask("/file").contentEquals(CONTENT) shouldBe true
            client.connectionPool.connectionCount() shouldBe 1 // which served them all
            client.connectionPool.evictAll()
            client.dispatcher.executorService.shutdown()
        }

        round("Ktor's client") { base, _ ->
            HttpClient(CIO).use { client ->
                client.get("$base/").bodyAsText() shouldBe "Hello, World!"
                client.post("$base/upload") { setBody(CONTENT) }.bodyAsText() shouldBe "${CONTENT.size}"
                val chunked = ChannelWriterContent({ writeByteArray(CONTENT) }, contentType = null)
                client.post("$base/upload") { setBody(chunked) }.bodyAsText() shouldBe "${CONTENT.size}"
                client.get("$base/file").bodyAsBytes().contentEquals(CONTENT) shouldBe true
            }
        }
    })
