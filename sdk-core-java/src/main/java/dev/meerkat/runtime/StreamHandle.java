package dev.meerkat.runtime;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** A byte stream socket: counts and failures as {@link java.nio.channels.SocketChannel} in non-blocking mode. */
public interface StreamHandle extends Handle {
    /**
     * Finishes a connect.
     *
     * @return true when connected, false when still in progress
     * @throws java.net.ConnectException if the peer refused; the handle is then closed
     * @throws IOException for any other failure; the handle is then closed
     */
    boolean finishConnect() throws IOException;

    /**
     * Reads what is there.
     *
     * @param target filled from its position to at most its limit
     * @return how many bytes were read, 0 for none now, -1 for the end of input; always 0 if the target is full
     * @throws java.net.SocketException "Connection reset" if the peer reset the connection
     * @throws IOException for any other failure
     */
    int read(ByteBuffer target) throws IOException;

    /**
     * Writes what the system takes now.
     *
     * @param source written from its position on; its position moves past what was taken
     * @return how many bytes were taken, possibly 0
     * @throws IOException "Broken pipe" or "Connection reset by peer" if the peer is gone
     */
    int write(ByteBuffer source) throws IOException;

    /**
     * Writes several buffers in one go.
     *
     * @param sources the buffers; their positions move past what was taken
     * @param offset the first buffer to write
     * @param length how many buffers to write
     * @return how many bytes were taken in all, possibly 0
     * @throws IOException as {@link #write(ByteBuffer)}
     */
    long write(ByteBuffer[] sources, int offset, int length) throws IOException;

    /**
     * Writes a part of a file as the system takes it, without reading it into this program, where the two can do that.
     *
     * @param file readable; its own position is neither used nor changed
     * @param position the first byte to write, from 0
     * @param count how many bytes to write at most
     * @return how many bytes were taken; 0 if none can be taken now, or if the file has none at that position; negative
     *     if this stream does not take files, as that of a tap or of TLS, which have to see the bytes: then they are to
     *     be read and written. That is the default
     * @throws IOException as {@link #write(ByteBuffer)}, or if the file cannot be read
     */
    default long transferFrom(FileChannel file, long position, long count) throws IOException {
        return -1;
    }

    /**
     * Hands on what was accepted and is still held here. A socket holds nothing: what it takes, the system has. A
     * stream that transforms what it is given, as TLS does, may hold a bounded part of it.
     *
     * @return true if everything that {@link #write(ByteBuffer)} and {@link #shutdownOutput} accepted has been handed
     *     to the system; if not, the handle becomes ready for {@link #WRITE} when it is worth another try
     * @throws IOException as {@link #write(ByteBuffer)}
     */
    default boolean flush() throws IOException {
        return true;
    }

    /**
     * Tells that what is written from now on is TLS records, which are never twice the same. Whoever compares runs by
     * what was written looks at the records' types and lengths alone. Does nothing unless it is such a transport's.
     */
    default void becomesTls() {}

    /**
     * Ends our direction: the peer reads the end of input after what was written before.
     *
     * @throws IOException if the connection is gone
     */
    void shutdownOutput() throws IOException;

    /**
     * Ends the other direction: reading answers -1 from now on, whatever the peer still sends.
     *
     * @throws IOException if the connection is gone
     */
    void shutdownInput() throws IOException;

    /**
     * Closes at once and tells the peer by a reset; what was not yet sent is thrown away. A Unix domain socket knows no
     * such reset: there this is {@link #close}.
     *
     * @throws IOException if the system reports an error; the handle is closed all the same
     */
    void abort() throws IOException;

    /**
     * Returns the address of the other end.
     *
     * @return the peer's address, also while connecting
     * @throws IOException if the handle is closed
     */
    SocketAddress remoteAddress() throws IOException;

    /**
     * Asks the system who is at the other end. Looking up the names of user and group may take a while where they come
     * from a directory service.
     *
     * @return user and group on a Unix domain socket of a system that tells them; otherwise empty
     * @throws IOException if the handle is closed or the system reports an error
     */
    default Optional<PeerCredentials> peerCredentials() throws IOException {
        return Optional.empty();
    }
}
