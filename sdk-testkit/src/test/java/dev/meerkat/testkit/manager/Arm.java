package dev.meerkat.testkit.manager;

import dev.meerkat.Acceptor;
import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Transport;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Where the rules of the event manager are played: on the machine's loopback, or in a simulated world. Each test has an
 * arm of its own and calls it on its own thread.
 */
interface Arm extends AutoCloseable {
    /**
     * Makes a manager that {@link #until} drives.
     *
     * @param change exchanges parts of the runtime, to plant faults
     */
    EventManager manager(ManagerOptions options, UnaryOperator<ManagerRuntime> change);

    /** From now on the manager has a driver of its own. */
    void leaveAlone(EventManager manager);

    /** The host that managers listen on, IPv4, as it stands in an address. */
    String host();

    /** Where the manager listens unless a rule says otherwise. */
    String listenAddress();

    /** The host that managers listen on, IPv6, as it stands in an address, with brackets. */
    String host6();

    /** A host that the manager's host is not. */
    String foreignHost();

    /** The sockets of the raw peers. */
    Transport peers();

    /** Where raw peers listen, with port 0 if there are ports. */
    SocketAddress peerAddress();

    /** The sockets of raw peers on the manager's own host. */
    Transport localPeers();

    /** A path on the manager's host that no file has yet, in a directory that there is. */
    String unixPath(String name);

    /** Makes a file that is no socket. */
    void makeFile(String path);

    /** Makes a socket that nobody listens on. */
    void makeStaleSocket(String path);

    /** Removes a file. */
    void deleteFile(String path);

    /** The mode of a file, as {@code ls} writes it; empty if there is no such file. */
    Optional<String> permissions(String path);

    /**
     * What kind of sockets the rules are played on. Those of the Unix domain know no reset: who aborts is seen to end,
     * unless there is something that it has not read.
     */
    default Family family() {
        return Family.TCP;
    }

    /**
     * Drives everything until the condition holds; it is asked before the first turn, too.
     *
     * @param what what is waited for
     * @param report what is to be said beside it if it does not come
     */
    void until(String what, BooleanSupplier condition, Supplier<String> report);

    /** Lets everything arrive that is under way: for rules about what must not happen. */
    void settle(Runnable pump);

    /** Whether time moves by {@link #advance} alone. */
    boolean isVirtual();

    /** Lets virtual time pass. */
    void advance(Duration time);

    /** How a client on the peers' side reaches an acceptor of a manager. */
    default SocketAddress addressOf(Acceptor acceptor) {
        if (!(acceptor.localAddress() instanceof InetSocketAddress bound)) {
            return acceptor.localAddress();
        }
        return bound.getAddress().isAnyLocalAddress() ? new InetSocketAddress(host(), bound.getPort()) : bound;
    }

    @Override
    void close();
}
