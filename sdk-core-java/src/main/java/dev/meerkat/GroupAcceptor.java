package dev.meerkat;

import java.net.SocketAddress;
import java.util.List;

/** An address that all managers of a group serve. Every method may be called from any thread. */
public interface GroupAcceptor extends AutoCloseable {
    /**
     * May be called from any thread. The address, with the real port if port 0 was asked for: the same for all.
     *
     * @return the bound address, also after closing
     */
    SocketAddress localAddress();

    /**
     * May be called from any thread. The port, the same for all.
     *
     * @return 1 to 65535, or 0 for a Unix domain socket, which has none
     */
    int port();

    /**
     * May be called from any thread. How connections come to the managers.
     *
     * @return what was chosen, never {@link Spread#AUTO}
     */
    Spread spread();

    /**
     * May be called from any thread. The acceptors of the managers, in their order, each belonging to its manager's
     * thread. A connection's {@link Connection#acceptor()} is one of them.
     *
     * @return one for each manager that was not closed when listening began
     */
    List<Acceptor> acceptors();

    /**
     * May be called from any thread. Stops listening; the connections that were accepted live on. A second call does
     * nothing.
     */
    @Override
    void close();
}
