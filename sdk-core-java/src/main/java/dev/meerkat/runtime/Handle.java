package dev.meerkat.runtime;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.NetworkChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One socket of a {@link Transport}. Belongs to the loop thread. */
public interface Handle {
    /** Interest in, or readiness for, reading. */
    int READ = 1;
    /** Interest in, or readiness for, writing. */
    int WRITE = 1 << 2;
    /** Interest in, or readiness for, finishing a connect. */
    int CONNECT = 1 << 3;
    /** Interest in, or readiness for, accepting. */
    int ACCEPT = 1 << 4;

    /**
     * Keeps an object with this handle, so that whoever polls finds its own state with one field load.
     *
     * @param attachment the object, or null for none
     */
    void attach(@Nullable Object attachment);

    /**
     * Returns what was attached.
     *
     * @return the object, or null if there is none
     */
    @Nullable
    Object attachment();

    /**
     * Sets what {@link Transport#poll} shall report for this handle. Costs nothing when nothing changes. A connecting
     * stream starts with {@link #CONNECT}, which ends when it is connected; every other handle starts with nothing.
     *
     * @param ops a union of the four constants; 0 for nothing
     */
    void interest(int ops);

    /**
     * Returns the address of this end.
     *
     * @return the bound address
     * @throws IOException if the handle is closed
     */
    SocketAddress localAddress() throws IOException;

    /**
     * The channel below, for socket options that nothing here knows of. Whoever reads, writes, closes, registers or
     * blocks it breaks this handle.
     *
     * @return the channel; empty if there is none, as in a simulator, or the handle is closed
     */
    default Optional<NetworkChannel> networkChannel() {
        return Optional.empty();
    }

    /**
     * Tells whether the handle was not yet closed by us.
     *
     * @return false after {@link #close}
     */
    boolean isOpen();

    /**
     * Closes this handle; a second call does nothing. On a stream with unread input the peer sees a reset, as with
     * every TCP socket; otherwise it sees the end of input after all that was written.
     *
     * @throws IOException if the system reports an error; the handle is closed all the same
     */
    void close() throws IOException;
}
