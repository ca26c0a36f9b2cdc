package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.event.ConnectionError.Kind
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.ktor.utils.io.ClosedWriteChannelException
import io.ktor.utils.io.copyAndClose
import io.ktor.utils.io.readByteArray
import io.ktor.utils.io.writeByte
import io.ktor.utils.io.writeByteArray
import io.ktor.utils.io.writeFully
import io.ktor.utils.io.writeInt
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.withContext
import kotlinx.io.Buffer
import kotlinx.io.readByteArray
import java.util.concurrent.ConcurrentLinkedQueue

/** Keeps what a channel writes; takes nothing while it is shut. */
private class Kept : DrainedWriteChannel.Drain {
    val written = Buffer()
    val pieces = ArrayList<Long>()
    var ended = false
    val aborted = ConcurrentLinkedQueue<Throwable>()
    var gate = CompletableDeferred(Unit)
    var failure: Throwable? = null

    override suspend fun write(bytes: Buffer) {
        gate.await()
        failure?.let { throw it }
        pieces += bytes.size
        bytes.transferTo(written)
    }

    override suspend fun end() {
        ended = true
    }

    override fun abort(cause: Throwable) {
        aborted += cause
    }
}

class DrainedWriteChannelSpec :
    FunSpec({
        fun FunSpec.body(
            name: String,
            test: suspend CoroutineScope.(DrainedWriteChannel, Kept, EventManager) -> Unit,
        ) = test(name) {
            runEventManager {
                val kept = Kept()
                coroutineScope { test(DrainedWriteChannel(manager, kept, mark = 100), kept, manager) }
            }
        }

        body("keeps what is written until its mark, a flush or the end") { channel, kept, _ ->
            repeat(99) { channel.writeByte(it.toByte()) }
            kept.pieces.shouldBeEmpty()
            channel.writeByte(99)
            kept.pieces shouldContainExactly listOf(100L)
            channel.writeInt(1)
            channel.flush()
            channel.flush()
            kept.pieces shouldContainExactly listOf(100L, 4L)
            channel.writeStringUtf8("last")
            channel.flushAndClose()
            channel.flushAndClose()
            kept.pieces shouldContainExactly listOf(100L, 4L, 4L)
            kept.ended shouldBe true
            channel.isClosedForWrite shouldBe true
            channel.closedCause.shouldBeNull()
            shouldThrow<ClosedWriteChannelException> { channel.writeByte(0) }
            channel.cancel(null)
            kept.aborted.shouldBeEmpty()
        }

        body("suspends its writer while the other side takes nothing") { channel, kept, _ ->
            kept.gate = CompletableDeferred()
            val writing = now { repeat(5) { channel.writeByteArray(ByteArray(60)) } }
            kept.pieces.shouldBeEmpty()
            writing.isCompleted shouldBe false
            kept.gate.complete(Unit)
            writing.await()
            kept.pieces shouldContainExactly listOf(120L, 120L)
        }

        body("keeps what was not handed over when its writer is cancelled") { channel, kept, _ ->
            kept.gate = CompletableDeferred()
            val writing = now { channel.writeByteArray(ByteArray(100)) }
            writing.cancelAndJoin()
            kept.gate.complete(Unit)
            channel.writeByte(1)
            kept.pieces shouldContainExactly listOf(101L)
        }

        body("that has failed throws the cause, at the end too if it was not told before") { channel, kept, _ ->
            channel.writeByte(1)
            channel.fail(RESET)
            channel.isClosedForWrite shouldBe true
            channel.closedCause shouldBe RESET
            shouldThrow<ConnectionFailedException> { channel.flushAndClose() }.error.kind() shouldBe Kind.RESET
            shouldThrow<ConnectionFailedException> { channel.writeByte(1) }
            shouldThrow<ConnectionFailedException> { channel.flush() }
            channel.flushAndClose()
            kept.ended shouldBe false
            kept.aborted.shouldBeEmpty()
        }

        body("that is cancelled aborts, and writes nothing more") { channel, kept, _ ->
            channel.writeByte(1)
            val cause = IllegalStateException("changed my mind")
            channel.cancel(cause)
            channel.cancel(null)
            kept.aborted.toList() shouldContainExactly listOf(cause)
            shouldThrow<ClosedWriteChannelException> { channel.writeByte(1) }.cause shouldBe cause
            channel.flushAndClose()
            kept.ended shouldBe false
            kept.pieces.shouldBeEmpty()
        }

        body("passes on that what it copies from has failed") { channel, kept, _ ->
            val source = FedReadChannel(Told(), mark = 100)
            val copying = now { runCatching { source.copyAndClose(channel) } }
            source.feed("a part")
            source.fail(RESET)
            val failure = copying.await().exceptionOrNull()!!.origin<ConnectionFailedException>()
            failure.error.kind() shouldBe Kind.RESET
            kept.aborted.single().origin<ConnectionFailedException>().error.kind() shouldBe Kind.RESET
            kept.ended shouldBe false
        }

        body("is written to from another thread, and drained on the loop") { channel, kept, manager ->
            withContext(Dispatchers.Default) {
                repeat(1_000) { channel.writeFully(ByteArray(77) { i -> (it + i).toByte() }) }
                channel.flushAndClose()
            }
            manager.inLoop() shouldBe true
            kept.ended shouldBe true
            repeat(1_000) { kept.written.readByteArray(77) shouldBe ByteArray(77) { i -> (it + i).toByte() } }
        }

        body("leaves with its writer the failure of handing over") { channel, kept, _ ->
            kept.failure = RESET
            channel.writeByte(1)
            shouldThrow<ConnectionFailedException> { channel.flush() }
        }
    })
