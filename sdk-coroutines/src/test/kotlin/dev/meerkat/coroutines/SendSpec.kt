package dev.meerkat.coroutines

import dev.meerkat.ConnectionClosedException
import dev.meerkat.SendLimitException
import dev.meerkat.event.Bytes
import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.event.FileRegion
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeLessThanOrEqualTo
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.nio.ByteBuffer
import java.nio.file.Files

private const val HIGH = 10_000
private const val LOW = 2_000

private suspend fun SuspendingConnection.receiveParts(count: Int): ByteArray {
    val target = ByteBuffer.allocate(count)
    while (target.hasRemaining()) check(receiveInto(target) >= 0)
    return target.array()
}

class SendSpec :
    FunSpec({
        onBothArms("arrays, bytes, buffers and texts leave in the order in which they were sent") {
            pair { near, far ->
                near.send("1".encodeToByteArray())
                near.send(Bytes.utf8("2"))
                val buffer = ByteBuffer.wrap("3".encodeToByteArray())
                near.send(buffer)
                buffer.hasRemaining() shouldBe false
                near.send("€")
                far.receiveExactly(6).decodeToString() shouldBe "123€"
            }
        }

        onBothArms("a sender waits while more than the high-water mark waits to leave, and loses nothing") {
            pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                val message = ByteArray(1_000) { it.toByte() }
                var sent = 0
                var most = 0
                val sending =
                    launch {
                        repeat(20_000) {
                            far.send(message)
                            sent++
                            most = maxOf(most, far.connection.pendingBytes())
                        }
                    }
                while (far.connection.isWritable) delay(1)
                val stuckAt = sent
                delay(5)
                sent shouldBe stuckAt
                repeat(20_000) { near.receiveExactly(1_000) shouldBe message }
                sending.join()
                sent shouldBe 20_000
                most shouldBeLessThanOrEqualTo HIGH + message.size
            }
        }

        onBothArms("a file is sent in its turn, and whoever sends next waits until it has left") {
            val content = ByteArray(3_000_000) { (it * 31 + it / 251).toByte() }
            val path = Files.write(Files.createTempFile("meerkat", ".file"), content)
            try {
                pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                    val filler = fill(far)
                    val region = FileRegion.open(path)
                    val sending =
                        launch {
                            far.send("<")
                            far.send(region)
                            far.sendFile(path) shouldBe content.size
                            far.connection.pendingFileBytes() shouldBe 0
                            far.send(">")
                        }
                    delay(5)
                    region.file().isOpen shouldBe true
                    near.skip(filler)
                    near.receiveExactly(1).decodeToString() shouldBe "<"
                    repeat(2) { near.receiveParts(content.size) shouldBe content }
                    near.receiveExactly(1).decodeToString() shouldBe ">"
                    sending.join()
                    region.file().isOpen shouldBe false
                }
            } finally {
                Files.delete(path)
            }
        }

        onBothArms("a file that the connection did not outlive was not sent") {
            val path = Files.write(Files.createTempFile("meerkat", ".file"), ByteArray(30_000_000))
            try {
                pair { near, far ->
                    val sending = now { runCatching { far.sendFile(path) } }
                    near.receiveExactly(1_000)
                    near.abort()
                    sending.await().exceptionOrNull().shouldBeInstanceOf<ConnectionFailedException>()
                }
            } finally {
                Files.delete(path)
            }
        }

        onBothArms("a file whose sender is cancelled while it waits is not sent, and closed") {
            val path = Files.write(Files.createTempFile("meerkat", ".file"), ByteArray(100_000))
            try {
                pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                    val filler = fill(far)
                    val region = FileRegion.open(path)
                    val sending = now { far.send(region) }
                    sending.cancelAndJoin()
                    region.file().isOpen shouldBe false
                    near.skip(filler)
                    far.send("next")
                    near.receiveExactly(4).decodeToString() shouldBe "next"
                }
            } finally {
                Files.delete(path)
            }
        }

        onBothArms("senders that wait go on in the order in which they came, each with its whole message") {
            pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                val filler = fill(far)
                val senders = List(20) { number -> now { far.send(ByteArray(3_000) { number.toByte() }) } }
                senders.none { it.isCompleted } shouldBe true
                near.skip(filler)
                List(20) { near.receiveExactly(3_000).distinct().single().toInt() } shouldContainExactly
                    (0..19).toList()
                senders.forEach { it.await() }
            }
        }

        onBothArms("a sender that is cancelled while it waits has sent nothing, and the next one's turn comes") {
            pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                val filler = fill(far)
                val first = now { far.send("first") }
                val second = now { far.send("second") }
                first.cancelAndJoin()
                near.skip(filler)
                second.await()
                far.shutdownOutput()
                near.receiveExactly(6).decodeToString() shouldBe "second"
                near.receive().shouldBeNull()
                far.connection.state().name shouldBe "OPEN"
            }
        }

        onBothArms("who does not want to wait is told that nothing was sent") {
            pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                near.trySend("1") shouldBe true
                far.receive()?.decodeToString() shouldBe "1"
                val filler = fill(far)
                far.trySend("2") shouldBe false
                val patient = now { far.send("3") }
                near.skip(filler)
                near.receiveExactly(1).decodeToString() shouldBe "3"
                patient.await()
                far.trySend(Bytes.utf8("4")) shouldBe true
                near.receiveExactly(1).decodeToString() shouldBe "4"
                far.close()
                far.trySend("5") shouldBe false
            }
        }

        onBothArms("a sender that waits when the connection fails gets the error that Closed carries") {
            pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                fill(far)
                val sender = now { runCatching { far.send("1") } }
                near.abort()
                val failure = sender.await().exceptionOrNull() as ConnectionFailedException
                failure.error.kind() shouldBe Kind.RESET
                far.awaitClose().error().get() shouldBe failure.error
            }
        }

        onBothArms("a sender that waits when this end closes fails, for its message will not leave") {
            pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                val filler = fill(far)
                val sender = now { runCatching { far.send("1") } }
                far.close()
                near.skip(filler)
                near.receive().shouldBeNull()
                near.close()
                (sender.await().exceptionOrNull() is ConnectionClosedException) shouldBe true
            }
        }

        onBothArms("senders that wait when the output is shut down fail when all before them has left") {
            pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                val filler = fill(far)
                val senders = List(2) { now { runCatching { far.send("1") } } }
                far.shutdownOutput()
                near.skip(filler)
                near.receive().shouldBeNull()
                senders.forEach { (it.await().exceptionOrNull() is ConnectionClosedException) shouldBe true }
                far.connection.state().name shouldBe "OPEN"
            }
        }

        onBothArms("sending after the output was shut down is misuse, and does not wait") {
            pair { near, far ->
                near.shutdownOutput()
                near.shutdownOutput()
                shouldThrow<ConnectionClosedException> { near.send("1") }
                far.receive().shouldBeNull()
                far.send("still open")
                near.receiveExactly(10).decodeToString() shouldBe "still open"
                near.close()
                shouldThrow<ConnectionClosedException> { near.send("1") }
            }
        }

        onBothArms("a message above the send limit is refused at once, one of that size is not") {
            pair({ sendLimit(100_000) }) { near, far ->
                shouldThrow<SendLimitException> { far.send(ByteArray(100_001)) }
                far.send(ByteArray(100_000))
                near.receiveExactly(100_000)
            }
        }

        test("a sender on another dispatcher that is cancelled while it waits has sent nothing") {
            runEventManager {
                pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                    val filler = fill(far)
                    val first = launch(Dispatchers.Default) { far.send("first") }
                    delay(5)
                    withContext(Dispatchers.Default) { first.cancelAndJoin() }
                    val second = now { far.send("second") }
                    near.skip(filler)
                    second.await()
                    near.receiveExactly(6).decodeToString() shouldBe "second"
                }
            }
        }

        test("a sender on another dispatcher waits there") {
            runEventManager {
                pair({ highWaterMark(HIGH).lowWaterMark(LOW) }) { near, far ->
                    val sending = launch(Dispatchers.Default) { repeat(5_000) { far.send(ByteArray(1_000)) } }
                    repeat(5_000) { near.receiveExactly(1_000) }
                    sending.join()
                }
            }
        }

        onBothArms("waiting for the end may be cancelled and leaves the connection open") {
            pair { _, far ->
                val waiting = now { far.awaitClose() }
                waiting.cancelAndJoin()
                shouldThrow<CancellationException> { waiting.await() }
                far.connection.isOpen shouldBe true
            }
        }
    })

/** Sends until the next sender has to wait, and nothing moves any more; answers how many bytes that took. */
internal suspend fun fill(connection: SuspendingConnection): Int {
    var filled = 0
    var still = 0
    while (still < 5) {
        if (connection.connection.isWritable) {
            connection.send(ByteArray(1_000))
            filled += 1_000
            still = 0
        } else {
            val pending = connection.connection.pendingBytes()
            delay(2)
            if (connection.connection.pendingBytes() == pending) still++ else still = 0
        }
    }
    return filled
}

internal suspend fun SuspendingConnection.skip(count: Int) {
    repeat(count / 1_000) { receiveExactly(1_000) }
}
