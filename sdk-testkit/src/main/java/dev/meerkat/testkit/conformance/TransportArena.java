package dev.meerkat.testkit.conformance;

import dev.meerkat.runtime.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where {@link TransportConformance} plays: two ends, which may live in one transport or in two, and something that
 * makes time go on. Each test has an arena of its own. Everything is called on the test's thread.
 */
public interface TransportArena extends AutoCloseable {
    /**
     * Where the tests listen.
     *
     * @return always the same transport
     */
    Transport server();

    /**
     * Where the tests connect from.
     *
     * @return always the same transport, possibly that of the server
     */
    Transport client();

    /**
     * An address that {@link #server} may bind and {@link #client} may reach.
     *
     * @param port the port, 0 for any free one
     * @return the address
     */
    InetSocketAddress serverAddress(int port);

    /**
     * An address that {@link #client} may bind and {@link #server} may reach.
     *
     * @param port the port, 0 for any free one
     * @return the address
     */
    InetSocketAddress clientAddress(int port);

    /**
     * A path at which {@link #server} may listen on a Unix domain socket, and where no file is yet.
     *
     * @return the path; empty, as by default, if there is none, and then the rules of such sockets do not count
     */
    default Optional<String> unusedPath() {
        return Optional.empty();
    }

    /**
     * The file of a Unix domain socket that nobody listens on, as a killed server leaves it.
     *
     * @return the path; empty, as by default, if none can be made
     */
    default Optional<String> deadSocket() {
        return Optional.empty();
    }

    /**
     * Delivers what is under way and polls each transport. On real sockets this is a poll with a short wait; a
     * simulator moves virtual time to its next event, or through all of them, and polls without waiting. A transport
     * that the test has closed is left out.
     *
     * @param sink receives what is ready, each handle at most once
     * @return false if a further turn can bring nothing new: the simulated world stands still, or the time that a test
     *     on real sockets may take is over
     * @throws IOException if a transport fails
     */
    boolean turn(Transport.ReadySink sink) throws IOException;

    /**
     * Closes both transports, which a test may have done already.
     *
     * @throws IOException if a transport fails to
     */
    @Override
    void close() throws IOException;
}
