package dev.meerkat.testkit;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.ManagerOptions;
import dev.meerkat.Spread;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.testkit.internal.Host;
import dev.meerkat.testkit.internal.ManagerDriver;
import dev.meerkat.testkit.internal.SimStream;
import dev.meerkat.testkit.internal.Times;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A host of a {@link SimWorld}: a name, addresses and ports of its own, event managers that run on it, and sockets in
 * the hands of the test.
 */
public final class SimHost {
    private static final int DEFAULT_BACKLOG = 128;

    private final SimWorld world;
    private final Host host;
    private @Nullable ManagerDriver first;

    SimHost(SimWorld world, Host host) {
        this.world = world;
        this.host = host;
    }

    Host host() {
        return host;
    }

    /**
     * The name, by which others connect.
     *
     * @return the name
     */
    public String name() {
        return host.name();
    }

    /**
     * The IPv4 address, which the name stands for.
     *
     * @return the address
     */
    public InetAddress ipv4() {
        return host.ipv4();
    }

    /**
     * The IPv6 address.
     *
     * @return the address
     */
    public InetAddress ipv6() {
        return host.ipv6();
    }

    /**
     * The world.
     *
     * @return the world that this host is part of
     */
    public SimWorld world() {
        return world;
    }

    /**
     * The files of this host's Unix domain sockets.
     *
     * @return the files
     */
    public SimFiles files() {
        return new SimFiles(host.files());
    }

    // ---- programs

    /**
     * The host's event manager, with default options. It is made on the first call; whoever wants others calls
     * {@link #newManager}.
     *
     * @return always the same manager
     */
    public EventManager manager() {
        return driver().manager();
    }

    private ManagerDriver driver() {
        ManagerDriver made = first;
        if (made == null) {
            made = ManagerDriver.create(world.simulation(), host, ManagerOptions.DEFAULT);
            first = made;
        }
        return made;
    }

    /**
     * Makes an event manager that runs on this host. The world drives it; {@code run} and {@code start} throw. What
     * goes to its error hook fails the run, unless {@link SimWorld#takeErrors} takes it.
     *
     * @param options its options
     * @return a new manager
     */
    public EventManager newManager(ManagerOptions options) {
        ManagerDriver made = ManagerDriver.create(world.simulation(), host, options);
        if (first == null) {
            first = made;
        }
        return made.manager();
    }

    /**
     * Makes a group of event managers that run on this host, driven by the world as {@link #newManager} says. Which of
     * them is told of a connection is their turn, or anybody's when the world explores.
     *
     * @param count how many
     * @param spread how connections come to them
     * @return a new group
     */
    public EventManagerGroup newGroup(int count, Spread spread) {
        List<EventManager> managers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            managers.add(newManager(ManagerOptions.DEFAULT));
        }
        return EventManagerGroup.of(managers, spread);
    }

    /**
     * Starts a program on the host's manager.
     *
     * @param program listens, connects and schedules, as a {@code main} would
     * @return this host
     */
    public SimHost start(Consumer<EventManager> program) {
        program.accept(manager());
        return this;
    }

    /**
     * Listens on a port of every address, and checks the grammar of the events.
     *
     * @param port the port, or 0 for a free one
     * @param handler receives the events of every accepted connection
     * @return the acceptor
     */
    public Acceptor listen(int port, Handler handler) {
        return listen(port, ListenOptions.DEFAULT, handler);
    }

    /**
     * Listens on a port of every address, and checks the grammar of the events.
     *
     * @param port the port, or 0 for a free one
     * @param options how to listen
     * @param handler receives the events of every accepted connection
     * @return the acceptor
     */
    public Acceptor listen(int port, ListenOptions options, Handler handler) {
        return manager().listen(":" + port, options, world.checked(handler));
    }

    /**
     * Connects to another host, and checks the grammar of the events.
     *
     * @param address {@code host:port}
     * @param handler receives the events
     * @return the connection
     */
    public Connection connect(String address, Handler handler) {
        return connect(address, ConnectOptions.DEFAULT, handler);
    }

    /**
     * Connects to another host, and checks the grammar of the events.
     *
     * @param address {@code host:port}
     * @param options how to connect
     * @param handler receives the events
     * @return the connection
     */
    public Connection connect(String address, ConnectOptions options, Handler handler) {
        return manager().connect(address, options, world.checked(handler));
    }

    // ---- the test's own sockets

    /**
     * Connects to another host and waits until that is done.
     *
     * @param to the name of the host
     * @param port the port
     * @return the connected end
     * @throws AssertionError if it cannot be connected
     */
    public StreamEnd stream(String to, int port) {
        return beginStream(to, port).expectConnected();
    }

    /**
     * Begins to connect to another host.
     *
     * @param to the name of the host
     * @param port the port
     * @return the end; {@link StreamEnd#expectConnected} and {@link StreamEnd#expectConnectFailure} wait
     */
    public StreamEnd beginStream(String to, int port) {
        return beginStream(new InetSocketAddress(world.host(to).ipv4(), port));
    }

    /**
     * Begins to connect to an address.
     *
     * @param to the address; a {@link java.net.UnixDomainSocketAddress} is one of this host
     * @return the end; {@link StreamEnd#expectConnected} and {@link StreamEnd#expectConnectFailure} wait
     * @throws UncheckedIOException if that fails at once, as with a {@link java.net.UnixDomainSocketAddress} it does
     */
    public StreamEnd beginStream(SocketAddress to) {
        try {
            SimStream stream = host.connect(to, SocketOptions.DEFAULT, null);
            return new StreamEnd(world.simulation(), stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Listens, without a manager.
     *
     * @param port the port, or 0 for a free one
     * @return the listening socket
     * @throws UncheckedIOException with a {@link java.net.BindException} if the port is in use
     */
    public ListenerEnd listener(int port) {
        return listener(port, DEFAULT_BACKLOG);
    }

    /**
     * Listens, without a manager.
     *
     * @param port the port, or 0 for a free one
     * @param backlog how many connections may wait to be accepted
     * @return the listening socket
     * @throws UncheckedIOException with a {@link java.net.BindException} if the port is in use
     */
    public ListenerEnd listener(int port, int backlog) {
        return listener(new InetSocketAddress(port), backlog);
    }

    /**
     * Listens, without a manager.
     *
     * @param at the address, possibly a {@link java.net.UnixDomainSocketAddress}
     * @param backlog how many connections may wait to be accepted
     * @return the listening socket
     * @throws UncheckedIOException with a {@link java.net.BindException} if the address is in use
     */
    public ListenerEnd listener(SocketAddress at, int backlog) {
        try {
            SocketOptions options = new SocketOptions(true, true, 0, 0, backlog, true, false);
            return new ListenerEnd(world.simulation(), host.listen(at, options, null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Opens a datagram socket, without a manager.
     *
     * @param port the port, or 0 for a free one
     * @return the socket
     * @throws UncheckedIOException with a {@link java.net.BindException} if the port is in use
     */
    public DatagramEnd datagram(int port) {
        try {
            InetSocketAddress local = new InetSocketAddress(host.ipv4(), port);
            return new DatagramEnd(world.simulation(), host.datagram(local, SocketOptions.DEFAULT, null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- what happens to a host

    /**
     * Has the host's manager do nothing for a while, as a handler that computes or a pause of the collector does.
     * Called from a handler it means that this handler takes so long.
     *
     * @param span how long
     */
    public void spend(Duration span) {
        driver().busy(Times.nanos(span));
    }

    /**
     * Sets how long every task given to the workers of the host's manager takes, a look-up for instance.
     *
     * @param span how long
     */
    public void workersTake(Duration span) {
        driver().workerDuration(Times.nanos(span));
    }

    /**
     * Has the host vanish without a word: its managers stand still, nothing leaves it and nothing reaches it. Peers
     * learn of it only by time-outs: their own, that of what they send (924.6 s), or keep-alive (7,875 s of silence).
     */
    public void vanish() {
        host.vanish();
    }

    /**
     * Limits how many sockets the host may have open at once.
     *
     * @param limit the most; what goes beyond fails as on a real system, "Too many open files"
     */
    public void descriptorLimit(int limit) {
        host.descriptorLimit(limit);
    }

    /**
     * How many sockets the host has open.
     *
     * @return the count
     */
    public int openSockets() {
        return host.openHandles().size();
    }

    @Override
    public String toString() {
        return "host " + name();
    }
}
