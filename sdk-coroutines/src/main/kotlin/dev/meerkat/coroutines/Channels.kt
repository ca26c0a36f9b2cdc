package dev.meerkat.coroutines

import dev.meerkat.ConnectionClosedException
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel

/** How many bytes wait in a channel if nothing else is said: 64 KiB, what a loop reads at once. */
public const val DEFAULT_CHANNEL_MARK: Int = 64 * 1024

/** The largest mark of a channel, and the most that its reader may want at once: 1 MiB, as in Ktor's own channels. */
public const val MAX_CHANNEL_MARK: Int = 1024 * 1024

/**
 * Opens a Ktor-io channel that reads everything from here on: what has arrived and was not received, and what will
 * arrive. From then on the input is the channel's, and [SuspendingConnection.receive] and its kin throw.
 *
 * Bytes are copied once, on the loop. When [mark] bytes wait in the channel, what arrives stays in the connection's
 * receive buffer, and at the receive limit TCP holds the peer back.
 *
 * **The end** of input is the channel's end, and so is that this end closes the connection in order. When the connection
 * fails, every reading function throws a [ConnectionFailedException], those of Ktor's too that answer -1 or null at the
 * end, and what was not read is gone. A reader that cancels the channel does not want the rest: what arrives from then
 * on is thrown away, and the connection lives on.
 *
 * **Suspends** in Ktor's functions, while nothing is there. **Cancellation** of such a wait loses nothing; but
 * `readLine` and others that collect forget what they have collected, so there is no going on after a time-out.
 *
 * **Thread** any, and the reader may be on any. Never wrap the channel with Ktor's `asSource()` on the loop: it blocks
 * the thread that would have to feed it.
 *
 * @param mark how many bytes may wait in the channel, 1 to [MAX_CHANNEL_MARK]
 * @return the channel, for one reader at a time
 * @throws IllegalStateException if a coroutine is receiving, or a channel was opened before
 * @throws IllegalArgumentException if the mark is out of its bounds
 */
public fun SuspendingConnection.openReadChannel(mark: Int = DEFAULT_CHANNEL_MARK): ByteReadChannel =
    input.openChannel(mark)

/**
 * Opens a Ktor-io channel that writes to the peer. Others may go on sending: what the channel hands over leaves in one
 * piece, unless it has to wait in between.
 *
 * Ktor's functions write into a buffer. It is handed to the connection, by one copy, when [mark] bytes are in it, on
 * `flush` and at the end.
 *
 * **The end**: `flushAndClose` ends our direction behind the last byte, as [SuspendingConnection.shutdownOutput] does.
 * `cancel` aborts the connection, so that the peer cannot take a part for the whole. When the connection fails, every
 * writing function throws a [ConnectionFailedException], `flushAndClose` too unless the writer was told before; when this
 * end has closed it, a [ConnectionClosedException].
 *
 * **Suspends** in Ktor's functions when they hand over, while more than the high-water mark waits to leave.
 * **Cancellation** of such a wait leaves in the channel what was not handed over; the next flush takes it.
 *
 * **Thread** any, and the writer may be on any. Never wrap the channel with Ktor's `asSink()` on the loop: it blocks the
 * thread that would have to send.
 *
 * @param mark when to hand over, 1 to [MAX_CHANNEL_MARK] bytes
 * @return the channel, for one writer at a time
 * @throws IllegalStateException if such a channel was opened before
 * @throws IllegalArgumentException if the mark is out of its bounds
 */
public fun SuspendingConnection.openWriteChannel(mark: Int = DEFAULT_CHANNEL_MARK): ByteWriteChannel =
    output.openChannel(mark)
