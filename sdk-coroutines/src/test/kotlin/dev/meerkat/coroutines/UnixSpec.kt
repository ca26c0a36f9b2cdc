package dev.meerkat.coroutines

import dev.meerkat.event.ConnectionError.Kind
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.net.UnixDomainSocketAddress
import java.nio.file.Files
import java.nio.file.Path

class UnixSpec :
    FunSpec({
        suspend fun echo(scope: EventManagerScope, path: Path) = with(scope) {
            val address = "unix:$path"
            shouldThrow<ConnectionFailedException> { connect(address) }.error.kind() shouldBe Kind.NOT_FOUND
            val server =
                serve(address) { connection ->
                    connection.lines().collect { connection.send("$it!\n") }
                }
            server.localAddress shouldBe UnixDomainSocketAddress.of(path)
            connect(address) { near ->
                near.remoteAddress shouldBe UnixDomainSocketAddress.of(path)
                near.send("1\n2\n")
                near.receiveLine() shouldBe "1!"
                near.receiveLine() shouldBe "2!"
            }
            val left = connect(address)
            launch { runCatching { left.receive() }.also { left.close() } }
            server.job.cancel()
            left.awaitClose()
            server.job.join()
            shouldThrow<ConnectionFailedException> { connect(address) }
            while (manager.connections().isNotEmpty()) delay(1)
            manager.connections().shouldBeEmpty()
        }

        test("a path is served and connected to, on real sockets") {
            val directory = Files.createTempDirectory("meerkat")
            runEventManager { echo(this, directory.resolve("socket")) }
            Files.deleteIfExists(directory)
        }

        test("a path is served and connected to, in a virtual world") {
            virtually { echo(this, Path.of("/run/socket")) }
        }
    })
