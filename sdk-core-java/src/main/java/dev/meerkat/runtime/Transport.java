package dev.meerkat.runtime;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one seam between a loop and sockets, cut at bytes and readiness. It behaves as {@code java.nio} does: calls never
 * block except {@link #poll}, counts mean what they mean there (0 = would block, -1 = end of input), failures are the
 * same exception classes. A conformance suite in the testkit runs the same tests on every implementation.
 *
 * <p>All methods belong to the loop thread, except {@link #wake}. No method calls back into the loop but {@code poll}.
 */
public interface Transport {
    /** What a transport may or may not be able to do. */
    enum Capability {
        /** {@link Transport#poll} can wait; without it the loop is driven from outside and must not be run. */
        BLOCKING_POLL,
        /** {@link StreamHandle#abort} resets the connection. */
        ABORT,
        /** {@link Transport#datagram} works. */
        DATAGRAM,
        /** {@link DatagramHandle#join}, {@link DatagramHandle#broadcast} and what belongs to them work. */
        MULTICAST,
        /** {@link SocketOptions#reusePort} works. */
        REUSE_PORT,
        /** {@link Transport#listen} and {@link Transport#connect} take a {@link java.net.UnixDomainSocketAddress}. */
        UNIX
    }

    /** Takes what {@link Transport#poll} found. */
    @FunctionalInterface
    interface ReadySink {
        /**
         * Receives one ready handle. Called inside {@link Transport#poll}; it must only note the handle.
         *
         * @param handle the handle that is ready
         * @param ops what it is ready for, a union of {@link Handle#READ}, {@link Handle#WRITE}, {@link Handle#CONNECT}
         *     and {@link Handle#ACCEPT}
         */
        void ready(Handle handle, int ops);
    }

    /**
     * Waits until a handle is ready for something it is interested in, {@link #wake} is called or the time is over.
     * Readiness is level-triggered: what is not served is reported again. It may be spurious.
     *
     * @param waitNanos the longest wait in nanoseconds; 0 does not wait, a negative value waits without limit
     * @param sink receives each ready handle once
     * @throws IOException if the transport itself is broken
     */
    void poll(long waitNanos, ReadySink sink) throws IOException;

    /** May be called from any thread. Ends the current {@link #poll}, or else the next one, at once. */
    void wake();

    /**
     * Begins to connect. The handle becomes ready for {@link Handle#CONNECT}; then call
     * {@link StreamHandle#finishConnect}.
     *
     * @param remote whom to connect to; for a {@link java.net.UnixDomainSocketAddress} options that only TCP knows are
     *     left out
     * @param options how to set the socket up
     * @return the new stream, not yet connected
     * @throws java.nio.channels.UnresolvedAddressException if the address is a name
     * @throws java.net.ConnectException "Connection refused" at once if nobody listens on a Unix domain socket
     * @throws java.net.SocketException "No such file or directory" or "Permission denied" for the path of a Unix domain
     *     socket; "Resource temporarily unavailable" if its backlog is full, which only trying again can change
     * @throws IOException if the attempt fails at once
     */
    StreamHandle connect(SocketAddress remote, SocketOptions options) throws IOException;

    /**
     * Opens a listening socket.
     *
     * <p>The file of a {@link java.net.UnixDomainSocketAddress} is made, replaced if it is a socket that nobody answers
     * on, and removed at the end unless it has become another one meanwhile.
     *
     * @param local the address to listen on; port 0 takes a free port
     * @param options how to set the socket up; for a {@link java.net.UnixDomainSocketAddress} those that only TCP knows
     *     are left out
     * @return the new listener
     * @throws java.net.BindException if the address is in use, not of this host, or not permitted; if there is a file
     *     that is not a socket
     * @throws java.net.SocketException "No such file or directory" or "Permission denied" for the path of a Unix domain
     *     socket
     * @throws IOException for any other failure
     */
    ListenerHandle listen(SocketAddress local, SocketOptions options) throws IOException;

    /**
     * Opens a datagram socket.
     *
     * @param local the address to bind to; port 0 takes a free port
     * @param options how to set the socket up
     * @return the new socket
     * @throws java.net.BindException if the address is in use, not of this host, or not permitted
     * @throws IOException for any other failure
     */
    DatagramHandle datagram(SocketAddress local, SocketOptions options) throws IOException;

    /**
     * Takes over a connected channel that somebody else has made. From then on it belongs to this transport; if this
     * fails, it is as it was and belongs to the caller.
     *
     * @param channel the channel, of TCP or the Unix domain; blocking or not
     * @param options how to set the socket up; for a Unix domain socket those that only TCP knows are left out
     * @return the stream, connected, without interest in anything
     * @throws IllegalArgumentException if the channel is closed, not connected, shut down, or registered elsewhere
     * @throws UnsupportedOperationException if this transport has no channels of the system
     * @throws IOException if the system reports an error
     */
    default StreamHandle adopt(SocketChannel channel, SocketOptions options) throws IOException {
        throw new UnsupportedOperationException("this transport is not one of the system's channels");
    }

    /**
     * Takes over a bound channel that somebody else has made, as {@link #adopt(SocketChannel, SocketOptions)} does. The
     * file of a Unix domain socket is left to whoever has made it.
     *
     * @param channel the channel, of TCP or the Unix domain; blocking or not
     * @param options how to set accepted sockets up; the rest was decided when it was bound
     * @return the listener
     * @throws IllegalArgumentException if the channel is closed, not bound, or registered elsewhere
     * @throws UnsupportedOperationException if this transport has no channels of the system
     * @throws IOException if the system reports an error
     */
    default ListenerHandle adopt(ServerSocketChannel channel, SocketOptions options) throws IOException {
        throw new UnsupportedOperationException("this transport is not one of the system's channels");
    }

    /**
     * Takes over a datagram channel that somebody else has made, as {@link #adopt(SocketChannel, SocketOptions)} does.
     *
     * @param channel the channel, bound or connected; blocking or not
     * @param options how to set the socket up: its buffers
     * @return the socket, without interest in anything
     * @throws IllegalArgumentException if the channel is closed, not bound, or registered elsewhere
     * @throws UnsupportedOperationException if this transport has no channels of the system
     * @throws IOException if the system reports an error
     */
    default DatagramHandle adopt(DatagramChannel channel, SocketOptions options) throws IOException {
        throw new UnsupportedOperationException("this transport is not one of the system's channels");
    }

    /**
     * Takes over the listening socket that the process was started with, as {@link #adopt(ServerSocketChannel,
     * SocketOptions)} does.
     *
     * @param options how to set accepted sockets up
     * @return the listener, or null if the process was started without one
     * @throws IllegalArgumentException if what it was started with is no listening socket, or was taken over already
     * @throws IOException if the system reports an error
     */
    default @Nullable ListenerHandle inherited(SocketOptions options) throws IOException {
        return null;
    }

    /**
     * Allocates memory that this transport reads into and writes from without a further copy.
     *
     * @param bytes the capacity
     * @return a zeroed buffer, direct where that helps
     */
    ByteBuffer allocate(int bytes);

    /**
     * Tells what this transport can do.
     *
     * @return its capabilities
     */
    Set<Capability> capabilities();

    /**
     * Tells whether connections are spread over several listeners that share a port by {@link SocketOptions#reusePort}.
     * The first question may take a moment: it is measured.
     *
     * @return true if each of them gets its share
     */
    default boolean spreadsPort() {
        return false;
    }

    /**
     * Closes every handle and the transport. Further calls but {@link #wake} fail.
     *
     * @throws IOException if the system reports an error; everything is released all the same
     */
    void close() throws IOException;
}
