package dev.meerkat.coroutines

import dev.meerkat.event.Bytes
import dev.meerkat.event.ReceiveBuffer
import java.nio.ByteBuffer
import java.util.Objects

/** The unread bytes of a connection whose input has ended: its own buffer goes when it closes, this one stays. */
internal class Remainder(private val content: ByteArray) : ReceiveBuffer {
    private var start = 0

    override fun size(): Int = content.size - start

    override fun get(index: Int): Byte = content[start + Objects.checkIndex(index, size())]

    override fun view(): ByteBuffer = ByteBuffer.wrap(content, start, size()).slice().asReadOnlyBuffer()

    override fun discard(count: Int) {
        start += Objects.checkIndex(count, size() + 1)
    }

    override fun takeInto(target: ByteBuffer): Int {
        val count = minOf(size(), target.remaining())
        target.put(content, start, count)
        start += count
        return count
    }

    override fun take(count: Int): Bytes = Bytes.copyOf(view().limit(Objects.checkIndex(count, size() + 1))).also {
        discard(count)
    }

    override fun takeArray(count: Int): ByteArray {
        val from = start
        discard(count)
        return content.copyOfRange(from, start)
    }

    override fun indexOf(value: Byte): Int {
        for (i in start until content.size) {
            if (content[i] == value) {
                return i - start
            }
        }
        return -1
    }

    override fun indexOf(delimiter: Bytes): Int {
        require(!delimiter.isEmpty) { "the delimiter is empty" }
        return (0..size() - delimiter.length()).firstOrNull { matches(it, delimiter) } ?: -1
    }

    private fun matches(index: Int, delimiter: Bytes): Boolean =
        (0 until delimiter.length()).all { content[start + index + it] == delimiter[it] }

    companion object {
        val NONE: ReceiveBuffer = Remainder(ByteArray(0))
    }
}
