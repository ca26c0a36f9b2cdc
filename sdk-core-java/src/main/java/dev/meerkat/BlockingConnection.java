package dev.meerkat;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/**
 * A connection seen from a thread of its own, on which blocking is fine. Handed to a {@link BlockingHandler}, and to a
 * {@link Handler} whose options say {@code blocking}; not for implementing.
 *
 * <p>What is legal from that thread: everything. Where {@link Connection} says that any thread may call, it is the same
 * here, but for sending, which waits while the peer is slow instead of throwing {@link SendLimitException}. The streams
 * and {@link #sleep} are for this thread alone. {@link #receiveBuffer()}, {@link #handler()} and
 * {@link #replaceHandler} concern what this thread holds and cost nothing; every other method is run by the loop while
 * this thread waits for the answer, which takes some ten microseconds. From other threads all methods keep the rules of
 * {@link Connection}.
 *
 * <p>{@link #startTls startTls} throws {@link IllegalStateException} while bytes that came before are unread: they
 * could be taken for something that came encrypted. A peer that begins the handshake before this thread does may meet
 * that; {@code tls://} does not.
 *
 * <p>What is legal for the connection's {@link #manager()} does not change: this thread is not its loop. It may
 * {@code post}, {@code submit}, {@code broadcast}, {@code stop} and {@code close}.
 */
public interface BlockingConnection extends Connection {
    /**
     * The bytes that the peer sends, first those that {@link #receiveBuffer()} holds. This thread only.
     *
     * <p>Reading waits for at least one byte and returns -1 once the peer has ended its side. It throws
     * {@link ConnectionClosedException} with the reason if the connection ends while or before it reads, a
     * {@link java.net.SocketTimeoutException} after the {@linkplain #readTimeout(Duration) read time-out}, after which
     * reading may go on, and an {@link java.io.InterruptedIOException} if the thread is interrupted, whose interrupt
     * status is then set. Whoever does not read holds the peer back: at most the receive limit is taken from the socket
     * and 64 KiB handed to this thread. Closing the stream throws away what is unread and closes the connection.
     *
     * @return always the same stream; {@code available()} tells what needs no waiting
     */
    InputStream in();

    /**
     * Sends bytes, copying them. This thread only.
     *
     * <p>Writing waits while the peer is slow: when more than the high-water mark waits to leave and another 64 KiB, or
     * that mark if it is lower, stand behind it, until the connection is down at the low-water mark. It throws as
     * {@link #in()} does. There is no need to flush; many small writes are cheaper through a
     * {@link java.io.BufferedOutputStream}. Closing the stream is {@link #shutdownOutput()}.
     *
     * @return always the same stream
     */
    OutputStream out();

    /**
     * Sets how long reading waits for a byte. This thread only.
     *
     * @param timeout the time; zero waits as long as it takes
     */
    void readTimeout(Duration timeout);

    /**
     * Waits on the manager's clock, which in a virtual world is the world's. This thread only.
     *
     * @param time how long
     * @throws InterruptedException if the thread is interrupted
     * @throws ConnectionClosedException if the connection ends meanwhile
     */
    void sleep(Duration time) throws InterruptedException;
}
