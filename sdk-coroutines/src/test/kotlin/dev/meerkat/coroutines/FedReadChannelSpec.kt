package dev.meerkat.coroutines

import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.event.ReceiveBuffer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ClosedReadChannelException
import io.ktor.utils.io.discard
import io.ktor.utils.io.peek
import io.ktor.utils.io.readAvailable
import io.ktor.utils.io.readBuffer
import io.ktor.utils.io.readByte
import io.ktor.utils.io.readByteArray
import io.ktor.utils.io.readFully
import io.ktor.utils.io.readInt
import io.ktor.utils.io.readLine
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import kotlinx.io.EOFException
import kotlinx.io.readByteArray
import java.nio.ByteBuffer
import java.util.concurrent.Semaphore

private fun bytes(count: Int): ReceiveBuffer = Remainder(ByteArray(count) { it.toByte() })

class FedReadChannelSpec :
    FunSpec({
        fun FunSpec.body(name: String, test: suspend CoroutineScope.(FedReadChannel, Told) -> Unit) = test(name) {
            runBlocking(Dispatchers.Unconfined) { Told().let { test(FedReadChannel(it, mark = 100), it) } }
        }

        body("reads what was fed, in Ktor's functions, until the end") { channel, _ ->
            channel.feed(Remainder(byteArrayOf(0, 0, 1, 2)))
            channel.readInt() shouldBe 0x102
            val line = now { channel.readLine() }
            channel.feed("half a ")
            line.isCompleted shouldBe false
            channel.feed("line\r\nthe rest")
            line.await() shouldBe "half a line"
            channel.end()
            channel.isClosedForRead shouldBe false
            channel.readBuffer().readByteArray().decodeToString() shouldBe "the rest"
            channel.isClosedForRead shouldBe true
            channel.closedCause.shouldBeNull()
            channel.awaitContent() shouldBe false
            channel.readAvailable(ByteArray(1)) shouldBe -1
            shouldThrow<EOFException> { channel.readByte() }
        }

        body("takes as many bytes as its mark, one more stays where it is") { channel, told ->
            channel.feed(bytes(99)) shouldBe true
            val more = bytes(2)
            channel.feed(more) shouldBe false
            more.size() shouldBe 1
            channel.feed(more) shouldBe false
            more.size() shouldBe 1
            told.rooms shouldBe 0
        }

        body("tells of room when half of its mark is read, once") { channel, told ->
            channel.feed(bytes(100))
            channel.readByteArray(49)
            channel.awaitContent()
            told.rooms shouldBe 0
            channel.readByte()
            channel.awaitContent()
            told.rooms shouldBe 1
            channel.feed(bytes(49)) shouldBe true
            channel.discard(99)
            channel.feed(bytes(1)) shouldBe true
            told.rooms shouldBe 1
        }

        body("takes all of what cannot be left where it is") { channel, told ->
            channel.feedAll(ByteBuffer.allocate(99)) shouldBe true
            channel.feedAll(ByteBuffer.allocate(300)) shouldBe false
            channel.discard(349)
            channel.awaitContent()
            told.rooms shouldBe 1
            channel.discard(50) shouldBe 50
        }

        body("has room for what its reader wants at once, up to the most it may want") { channel, told ->
            channel.feed(bytes(100)) shouldBe false
            val wanting = now { channel.peek(250)?.size }
            told.rooms shouldBe 1
            val more = bytes(200)
            channel.feed(more) shouldBe false
            more.size() shouldBe 50
            wanting.await() shouldBe 250
            val most = now { channel.awaitContent(MAX_CHANNEL_MARK) }
            channel.feed(bytes(MAX_CHANNEL_MARK))
            most.await() shouldBe true
            shouldThrow<IllegalArgumentException> { channel.awaitContent(MAX_CHANNEL_MARK + 1) }
        }

        body("that has failed is no end of input, whichever function reads, until one has said so") { _, told ->
            val readers =
                listOf<suspend ByteReadChannel.() -> Unit>(
                    { readAvailable(ByteArray(1)) },
                    { readAvailable(ByteBuffer.allocate(1)) },
                    { readBuffer() },
                    { readLine() },
                    { peek(1) },
                    { discard() },
                    { readFully(ByteArray(1)) },
                    { awaitContent() },
                )
            for (read in readers) {
                for (waits in listOf(true, false)) {
                    val channel = FedReadChannel(told, mark = 100)
                    val early = if (waits) now { runCatching { channel.read() } } else null
                    channel.fail(RESET)
                    channel.end()
                    val outcome = early?.await() ?: runCatching { channel.read() }
                    val failure = outcome.exceptionOrNull()!!.origin<ConnectionFailedException>()
                    failure.error.kind() shouldBe Kind.RESET
                    channel.isClosedForRead shouldBe true
                    channel.closedCause shouldBe RESET
                }
            }
            told.cancellations.shouldBeEmpty()
        }

        body("that has failed reads nothing of what was there") { channel, _ ->
            channel.feed("unread")
            channel.fail(RESET)
            channel.isClosedForRead shouldBe false
            shouldThrow<ConnectionFailedException> { channel.readByte() }
        }

        body("tells its feeder that the reader has cancelled it, once, and swallows what comes then") { channel, told ->
            channel.feed(bytes(100))
            val cause = IllegalStateException("not what I wanted")
            channel.cancel(cause)
            channel.cancel(null)
            told.cancellations shouldContainExactly listOf(cause)
            val late = bytes(100)
            channel.feed(late) shouldBe true
            late.isEmpty shouldBe true
            channel.feedAll(ByteBuffer.allocate(100)) shouldBe true
            channel.isClosedForRead shouldBe true
            channel.closedCause shouldBe cause
            shouldThrow<ClosedReadChannelException> { channel.readByte() }.cause shouldBe cause
        }

        body("that is cancelled without a cause is no end of input") { channel, told ->
            val reading = now { runCatching { channel.readLine() } }
            channel.cancel(null)
            reading.await().exceptionOrNull().shouldBeInstanceOf<ClosedReadChannelException>()
            told.cancellations.single().shouldBeInstanceOf<java.io.IOException>()
        }

        body("that is cancelled after its end tells nobody") { channel, told ->
            channel.feed("unread")
            channel.end()
            channel.cancel(null)
            channel.isClosedForRead shouldBe true
            told.cancellations.shouldBeEmpty()
        }

        body("loses nothing when a reader that waits is cancelled") { channel, _ ->
            val reading = now { channel.awaitContent() }
            reading.cancelAndJoin()
            channel.feed("kept")
            channel.readByteArray(4).decodeToString() shouldBe "kept"
        }

        body("has one reader at a time") { channel, _ ->
            val first = now { channel.awaitContent() }
            shouldThrow<IllegalStateException> { channel.awaitContent() }
            channel.feed("x")
            first.await() shouldBe true
        }

        test("has a mark from 1 to 1 MiB") {
            FedReadChannel(Told(), 1)
            FedReadChannel(Told(), MAX_CHANNEL_MARK)
            shouldThrow<IllegalArgumentException> { FedReadChannel(Told(), 0) }
            shouldThrow<IllegalArgumentException> { FedReadChannel(Told(), MAX_CHANNEL_MARK + 1) }
        }

        body("of the smallest mark passes everything, byte by byte") { _, told ->
            val channel = FedReadChannel(told, mark = 1)
            val all = bytes(1000)
            val reading = now { channel.readByteArray(1000) }
            while (!all.isEmpty) {
                channel.feed(all)
                yield() // to the reader, who is resumed but not run while this one runs
            }
            reading.await() shouldBe ByteArray(1000) { it.toByte() }
        }

        test("passes everything to a reader on another thread, however the two meet") {
            for (mark in listOf(1, 100, 8192)) {
                passBetweenThreads(mark)
            }
        }
    })

/** One thread feeds when there is room, another one reads in all sorts of ways; every byte tells its place. */
private suspend fun passBetweenThreads(mark: Int) {
    val total = if (mark == 1) 20_000 else 3_000_000
    val room = Semaphore(0)
    val channel =
        FedReadChannel(
            object : FedReadChannel.Feeder {
                override fun onRoom() = room.release()

                override fun onCancelled(cause: Throwable) = error("nobody cancels")
            },
            mark,
        )
    withContext(Dispatchers.Default) {
        val reading =
            async {
                var seen = 0
                val into = ByteArray(3_000)
                while (true) {
                    val want = 1 + seen % into.size
                    if (seen % 7 == 0 && channel.awaitContent(1 + seen % 500)) channel.peek(1)
                    val count = channel.readAvailable(into, 0, want)
                    if (count < 0) break
                    for (i in 0 until count) {
                        check(into[i] == (seen + i).toByte()) { "byte ${seen + i} is wrong" }
                    }
                    seen += count
                }
                seen
            }
        withContext(Dispatchers.IO) {
            var fed = 0
            while (fed < total) {
                val size = minOf(1 + fed % 5_000, total - fed)
                val piece = Remainder(ByteArray(size) { (fed + it).toByte() })
                while (!piece.isEmpty) {
                    if (!channel.feed(piece)) room.acquire()
                }
                fed += size
            }
            channel.end()
        }
        reading.await() shouldBe total
    }
}
