package dev.meerkat.coroutines

import dev.meerkat.ConnectionClosedException
import dev.meerkat.event.ConnectionError.Kind
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.ktor.utils.io.ClosedReadChannelException
import io.ktor.utils.io.ClosedWriteChannelException
import io.ktor.utils.io.copyAndClose
import io.ktor.utils.io.discard
import io.ktor.utils.io.readAvailable
import io.ktor.utils.io.readByte
import io.ktor.utils.io.readByteArray
import io.ktor.utils.io.readInt
import io.ktor.utils.io.readLine
import io.ktor.utils.io.writeByteArray
import io.ktor.utils.io.writeInt
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.io.EOFException

private const val KILOBYTES = 3_000

private fun kilobyte(number: Int) = ByteArray(1_000) { (number + it).toByte() }

class ChannelsSpec :
    FunSpec({
        context("channels of a connection") {
            onBothArms("carry what Ktor's functions write and read, both ways, and the end of each way for itself") {
                pair { near, far ->
                    val request = near.openWriteChannel()
                    val asked = far.openReadChannel()
                    request.writeInt(42)
                    request.writeStringUtf8("a line\n")
                    request.flush()
                    asked.readInt() shouldBe 42
                    asked.readLine() shouldBe "a line"
                    request.flushAndClose()
                    asked.awaitContent() shouldBe false
                    asked.isClosedForRead shouldBe true
                    val answer = far.openWriteChannel()
                    answer.writeStringUtf8("the answer")
                    answer.flushAndClose()
                    near.receiveExactly(10).decodeToString() shouldBe "the answer"
                    near.receive().shouldBeNull()
                }
            }

            onBothArms("echo whatever comes, complete and in order, whatever the marks") {
                for (mark in listOf(1_000, 64 * 1024)) {
                    pair({ highWaterMark(5_000).lowWaterMark(1_000).receiveLimit(20_000) }) { near, far ->
                        val echoing = now { far.openReadChannel(mark).copyAndClose(far.openWriteChannel(mark)) }
                        val sending =
                            launch {
                                val output = near.openWriteChannel(mark)
                                repeat(KILOBYTES) { output.writeByteArray(kilobyte(it)) }
                                output.flushAndClose()
                            }
                        val input = near.openReadChannel(mark)
                        repeat(KILOBYTES) { input.readByteArray(1_000) shouldBe kilobyte(it) }
                        input.readAvailable(ByteArray(1)) shouldBe -1
                        sending.join()
                        echoing.await() shouldBe KILOBYTES * 1_000L
                    }
                }
            }

            onBothArms("hold the sender back while nobody reads") {
                pair({ receiveLimit(20_000) }) { near, far ->
                    val input = far.openReadChannel(mark = 1_000)
                    val output = near.openWriteChannel(mark = 1_000)
                    var written = 0
                    val sending =
                        launch {
                            while (true) {
                                output.writeByteArray(ByteArray(100_000))
                                written++
                            }
                        }
                    var before = -1
                    while (before != written) {
                        before = written
                        delay(100)
                    }
                    written shouldBeLessThan 1_000
                    input.discard(50_000_000)
                    sending.cancel()
                }
            }
        }

        context("a channel that reads") {
            onBothArms("begins with what was not received, and takes the input for itself") {
                pair { near, far ->
                    near.send("first second")
                    far.receiveExactly(6)
                    val input = far.openReadChannel()
                    input.readByteArray(6).decodeToString() shouldBe "second"
                    shouldThrow<IllegalStateException> { far.receive() }
                    shouldThrow<IllegalStateException> { far.openReadChannel() }
                    shouldThrow<IllegalArgumentException> { near.openReadChannel(MAX_CHANNEL_MARK + 1) }
                    val receiving = now { near.receive() }
                    shouldThrow<IllegalStateException> { near.openReadChannel() }
                    far.send("still received")
                    receiving.await()?.decodeToString() shouldBe "still received"
                }
            }

            onBothArms("throws when the connection fails, whether it waits or not") {
                pair { near, far ->
                    val waiting = near.openReadChannel()
                    val reading = now { runCatching { waiting.readAvailable(ByteArray(1)) } }
                    far.abort()
                    reading.await().exceptionOrNull()!!.origin<ConnectionFailedException>().error.kind() shouldBe
                        Kind.RESET
                    near.awaitClose()
                    shouldThrow<ConnectionFailedException> { far.openReadChannel().readByte() }
                        .error.kind() shouldBe Kind.ABORTED
                }
            }

            onBothArms("ends when this end closes the connection") {
                pair { near, _ ->
                    val input = near.openReadChannel()
                    val reading = now { input.readAvailable(ByteArray(1)) }
                    near.close()
                    reading.await() shouldBe -1
                }
            }

            onBothArms("reads to the end what was there when the connection had ended") {
                pair { near, far ->
                    near.send(ByteArray(5_000))
                    near.shutdownOutput()
                    shouldThrow<EOFException> { far.receiveExactly(5_001) }
                    val input = far.openReadChannel(mark = 1_000)
                    input.readByte()
                    far.close()
                    far.awaitClose()
                    input.discard() shouldBe 4_999
                    input.isClosedForRead shouldBe true
                }
            }

            onBothArms("that its reader cancels swallows the rest, and the connection lives on") {
                pair({ receiveLimit(10_000) }) { near, far ->
                    val input = far.openReadChannel(mark = 1_000)
                    near.send(ByteArray(3_000))
                    input.readByte()
                    input.cancel(IllegalStateException("enough"))
                    shouldThrow<ClosedReadChannelException> { input.readByte() }
                    repeat(100) { near.send(ByteArray(10_000)) }
                    near.shutdownOutput()
                    far.send("an answer all the same")
                    near.receiveExactly(22).decodeToString() shouldBe "an answer all the same"
                }
            }

            onBothArms("is read on another thread") {
                pair { near, far ->
                    val sending = launch { repeat(KILOBYTES) { near.send(kilobyte(it)) } }
                    val input = far.openReadChannel(mark = 10_000)
                    val output = far.openWriteChannel(mark = 10_000)
                    withContext(elsewhere(manager)) {
                        repeat(KILOBYTES) { input.readByteArray(1_000) shouldBe kilobyte(it) }
                        output.writeStringUtf8("done")
                        output.flushAndClose()
                    }
                    sending.join()
                    near.receiveExactly(4).decodeToString() shouldBe "done"
                }
            }
        }

        context("a channel that writes") {
            onBothArms("fails with the connection, at its end too") {
                pair { near, far ->
                    val output = near.openWriteChannel()
                    shouldThrow<IllegalStateException> { near.openWriteChannel() }
                    output.writeInt(1)
                    far.abort()
                    near.awaitClose()
                    shouldThrow<ConnectionFailedException> { output.flushAndClose() }.error.kind() shouldBe Kind.RESET
                    shouldThrow<ConnectionFailedException> { far.openWriteChannel().writeInt(1) }
                        .error.kind() shouldBe Kind.ABORTED
                }
            }

            onBothArms("says that this end has closed the connection") {
                pair { near, _ ->
                    val output = near.openWriteChannel()
                    near.close()
                    near.awaitClose()
                    shouldThrow<ConnectionClosedException> { output.writeInt(1) }
                }
            }

            onBothArms("that its writer cancels resets the connection, which knows why") {
                pair { near, far ->
                    val output = near.openWriteChannel()
                    output.writeStringUtf8("a part")
                    output.flush()
                    far.receiveExactly(6)
                    val cause = IllegalStateException("out of words")
                    output.cancel(cause)
                    shouldThrow<ClosedWriteChannelException> { output.writeInt(1) }
                    val error = near.awaitClose().error().orElseThrow()
                    error.kind() shouldBe Kind.ABORTED
                    error.cause().orElseThrow() shouldBe cause
                    val failure = runCatching { far.receive() }.exceptionOrNull()
                    failure.shouldBeInstanceOf<ConnectionFailedException>().error.kind() shouldBe Kind.RESET
                }
            }
        }
    })
