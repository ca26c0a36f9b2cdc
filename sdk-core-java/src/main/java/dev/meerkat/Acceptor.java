package dev.meerkat;

import java.net.SocketAddress;
import java.nio.channels.NetworkChannel;
import java.util.Optional;

/** A listening socket of an {@link EventManager}. Loop thread only, except where a method says otherwise. */
public interface Acceptor extends AutoCloseable {
    /**
     * The manager that it belongs to. May be called from any thread.
     *
     * @return the manager
     */
    EventManager manager();

    /**
     * The address it listens on, with the real port if port 0 was asked for. May be called from any thread.
     *
     * @return the bound address, also after closing
     */
    SocketAddress localAddress();

    /**
     * The port it listens on. May be called from any thread.
     *
     * @return 1 to 65535, or 0 for a Unix domain socket, which has none
     */
    int port();

    /**
     * The channel below, for socket options that nothing here knows of. Setting and reading options is all that is
     * allowed: whoever accepts, closes, blocks or registers it breaks this acceptor.
     *
     * @return the channel; empty after closing and in a simulated world
     */
    Optional<NetworkChannel> channel();

    /**
     * How many accepted connections live.
     *
     * @return the count
     */
    int connectionCount();

    /**
     * Tells whether it still accepts. False also while it pauses because the process is out of descriptors or the limit
     * of connections is reached; it resumes by itself.
     *
     * @return whether the next connection would be accepted
     */
    boolean isAccepting();

    /**
     * May be called from any thread. Stops listening; the connections it accepted live on. A second call does nothing.
     */
    @Override
    void close();
}
