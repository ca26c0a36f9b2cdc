package dev.meerkat.coroutines

import dev.meerkat.event.Bytes
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.io.Buffer
import kotlinx.io.RawSource
import kotlinx.io.bytestring.ByteString
import kotlinx.io.bytestring.encodeToByteString
import kotlinx.io.readByteArray
import kotlinx.io.readString
import kotlinx.io.writeString
import java.io.EOFException

private val BLANK_LINE = Bytes.utf8("\r\n\r\n")

private suspend fun SuspendingConnection.text(delimiter: Bytes, limit: Int) =
    receiveUntil(delimiter, limit)?.decodeToString()

class KotlinxIoSpec :
    FunSpec({
        context("receiveUntil") {
            onBothArms("takes what is in front of the delimiter, and the delimiter") {
                pair { near, far ->
                    val receiving = now { far.receiveUntil(BLANK_LINE)?.decodeToString() }
                    for (piece in listOf("one\r", "\n\r", "\ntwo\r\n\r\n", "\r\n\r\nrest")) {
                        near.send(piece)
                    }
                    receiving.await() shouldBe "one"
                    far.receiveUntil(ByteString("\r\n\r\n".toByteArray()))?.decodeToString() shouldBe "two"
                    far.receiveUntil(BLANK_LINE)?.size shouldBe 0
                    near.shutdownOutput()
                    shouldThrow<EOFException> { far.receiveUntil(BLANK_LINE) }
                    far.receive()?.decodeToString() shouldBe "rest"
                    far.receiveUntil(BLANK_LINE).shouldBeNull()
                }
            }

            onBothArms("takes as many bytes as the limit, one more is too many and stays unread") {
                pair { near, far ->
                    near.send("12345--123456--")
                    far.text(Bytes.utf8("--"), 5) shouldBe "12345"
                    shouldThrow<ReceiveLimitException> { far.text(Bytes.utf8("--"), 5) }.limit shouldBe 5
                    far.text(Bytes.utf8("--"), 6) shouldBe "123456"
                    near.send("12345-")
                    val receiving = now { runCatching { far.text(Bytes.utf8("--"), 5) } }
                    near.send("6")
                    receiving.await().exceptionOrNull()!!.origin<ReceiveLimitException>().limit shouldBe 5
                    far.receiveExactly(7).decodeToString() shouldBe "12345-6"
                }
            }

            onBothArms("wants a delimiter and no negative limit") {
                pair { near, _ ->
                    shouldThrow<IllegalArgumentException> { near.receiveUntil(Bytes.EMPTY) }
                    shouldThrow<IllegalArgumentException> { near.receiveUntil(BLANK_LINE, -1) }
                }
            }
        }

        context("kotlinx-io") {
            onBothArms("byte strings and buffers are sent, and received into buffers and sinks") {
                pair({ highWaterMark(5_000).lowWaterMark(1_000) }) { near, far ->
                    near.send("a byte string, ".encodeToByteString())
                    val buffer = Buffer().apply { writeString("a buffer, ") }
                    near.send(buffer) shouldBe 10
                    buffer.exhausted() shouldBe true
                    val target = Buffer()
                    while (target.size < 25) {
                        far.receiveInto(target)
                    }
                    target.readString() shouldBe "a byte string, a buffer, "
                    val all = ByteArray(1_000_000) { it.toByte() }
                    launch {
                        near.send(Buffer().apply { write(all) } as RawSource) shouldBe 1_000_000
                        near.send(drips(all)) shouldBe 1_000_000
                        near.shutdownOutput()
                    }
                    far.receiveTo(target) shouldBe 2_000_000
                    target.readByteArray(1_000_000) shouldBe all
                    target.readByteArray(1_000_000) shouldBe all
                    far.receiveInto(target) shouldBe -1
                    far.receiveTo(target) shouldBe 0
                }
            }

            onBothArms("a buffer keeps what was not sent when its sender is cancelled") {
                pair({ highWaterMark(5_000).lowWaterMark(1_000) }) { near, far ->
                    val all = ByteArray(20_000_000) { (it % 251).toByte() }
                    val buffer = Buffer().apply { write(all) }
                    val sending = now { near.send(buffer) }
                    sending.cancelAndJoin()
                    val sent = all.size - buffer.size.toInt()
                    far.receiveExactly(minOf(sent, 1_000)) shouldBe all.copyOf(minOf(sent, 1_000))
                    buffer.readByteArray() shouldBe all.copyOfRange(sent, all.size)
                }
            }
        }
    })

/** A source of its own kind, which gives little at once. */
private fun drips(content: ByteArray): RawSource = object : RawSource {
    private val rest = Buffer().apply { write(content) }

    override fun readAtMostTo(sink: Buffer, byteCount: Long) = rest.readAtMostTo(sink, minOf(byteCount, 777))

    override fun close() = Unit
}
