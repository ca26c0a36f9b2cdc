package dev.meerkat.testkit;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.ManagerOptions;
import dev.meerkat.event.Event;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.testkit.internal.Host;
import dev.meerkat.testkit.internal.ManagerDriver;
import dev.meerkat.testkit.internal.Mishap;
import dev.meerkat.testkit.internal.RawStream;
import dev.meerkat.testkit.internal.SimListener;
import dev.meerkat.testkit.internal.SimStream;
import dev.meerkat.testkit.internal.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Two connected ends of a byte stream in memory. The pair itself is one of them, in the hands of the test; the other
 * one belongs to a handler, or is {@link #peer()}.
 *
 * <pre>{@code
 * FakeClock clock = new FakeClock();
 * SocketPair pair = SocketPair.stream(clock, new ChatHandler());
 * pair.expectText("welcome\n");
 * clock.advance(Duration.ofSeconds(30));
 * pair.expectText("bye\n").expectEnd();
 * }</pre>
 *
 * <p>The handler runs on a real event manager with its real loop, on virtual time and without latency. What it throws
 * aborts the connection, as always, and is attached to the expectation that fails next; {@link #takeErrors()} has it.
 */
public final class SocketPair extends StreamEnd {
    private static final int PORT = 7;

    private final FakeClock clock;
    private final @Nullable StreamEnd peer;
    private final @Nullable Served served;

    private SocketPair(FakeClock clock, RawStream near, @Nullable StreamEnd peer, @Nullable Served served) {
        super(clock.simulation(), near);
        this.clock = clock;
        this.peer = peer;
        this.served = served;
    }

    // ---- a handler at the other end

    /**
     * Connects to a handler, on a clock of its own.
     *
     * @param handler receives the events of the accepted connection; {@code Opened} has come when this returns
     * @return the test's end
     */
    public static SocketPair stream(Handler handler) {
        return stream(new FakeClock(), handler);
    }

    /**
     * Connects to a handler.
     *
     * @param clock whose time it lives in
     * @param handler receives the events of the accepted connection; {@code Opened} has come when this returns
     * @return the test's end
     */
    public static SocketPair stream(FakeClock clock, Handler handler) {
        return stream(clock, ListenOptions.DEFAULT, handler);
    }

    /**
     * Connects to a handler.
     *
     * @param clock whose time it lives in
     * @param options how the handler's side listens
     * @param handler receives the events of the accepted connection; {@code Opened} has come when this returns
     * @return the test's end
     */
    public static SocketPair stream(FakeClock clock, ListenOptions options, Handler handler) {
        Simulation simulation = clock.simulation();
        Served served = new Served(simulation, handler);
        Acceptor acceptor = served.manager().listen(served.address(), options, served);
        try {
            SimStream near = served.testHost.connect(served.socketAddress(), SocketOptions.DEFAULT, null);
            RawStream raw = new RawStream(simulation, near);
            simulation.require("the handler to accept", () -> served.connection != null, 0);
            acceptor.close();
            return new SocketPair(clock, raw, null, served);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Has a handler connect to the test.
     *
     * @param clock whose time it lives in
     * @param handler receives the events of the outbound connection
     * @return the test's end, which accepted it
     */
    public static SocketPair connectedBy(FakeClock clock, Handler handler) {
        return connectedBy(clock, ConnectOptions.DEFAULT, handler);
    }

    /**
     * Has a handler connect to the test.
     *
     * @param clock whose time it lives in
     * @param options how the handler's side connects
     * @param handler receives the events of the outbound connection
     * @return the test's end, which accepted it
     */
    public static SocketPair connectedBy(FakeClock clock, ConnectOptions options, Handler handler) {
        Simulation simulation = clock.simulation();
        Served served = new Served(simulation, handler);
        try {
            SimListener listener = listen(served.testHost, SocketOptions.DEFAULT);
            String address = served.testHost.ipv4().getHostAddress() + ":" + PORT;
            served.connection = served.manager().connect(address, options, served);
            RawStream raw = new RawStream(simulation, accept(simulation, listener));
            return new SocketPair(clock, raw, null, served);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- the test at both ends

    /**
     * Makes two ends in the hands of the test, on a clock of their own.
     *
     * @return the pair
     */
    public static SocketPair stream() {
        return stream(new FakeClock());
    }

    /**
     * Makes two ends in the hands of the test.
     *
     * @param clock whose time they live in
     * @return the pair
     */
    public static SocketPair stream(FakeClock clock) {
        return stream(clock, SocketOptions.DEFAULT);
    }

    /**
     * Makes two ends in the hands of the test, with small buffers.
     *
     * @param clock whose time they live in
     * @param capacity how many bytes the send buffer and the receive buffer of each end hold, at least 1
     * @return the pair
     */
    public static SocketPair stream(FakeClock clock, int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity must be at least 1: " + capacity);
        }
        return stream(clock, new SocketOptions(true, true, capacity, capacity, 1, true, false));
    }

    private static SocketPair stream(FakeClock clock, SocketOptions options) {
        Simulation simulation = clock.simulation();
        Host host = simulation.network().host("pair-" + simulation.nextPair());
        try {
            SimListener listener = listen(host, options);
            SimStream near = host.connect(listener.localAddress(), options, null);
            StreamEnd far = new StreamEnd(simulation, accept(simulation, listener));
            return new SocketPair(clock, new RawStream(simulation, near), far, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes two ends for datagrams in the hands of the test, on a clock of their own.
     *
     * @return the pair
     */
    public static DatagramPair datagram() {
        return datagram(new FakeClock());
    }

    /**
     * Makes two ends for datagrams in the hands of the test.
     *
     * @param clock whose time they live in
     * @return the pair
     */
    public static DatagramPair datagram(FakeClock clock) {
        return DatagramPair.create(clock);
    }

    private static SimListener listen(Host host, SocketOptions options) throws IOException {
        return host.listen(new InetSocketAddress(host.ipv4(), PORT), options, null);
    }

    private static SimStream accept(Simulation simulation, SimListener listener) throws IOException {
        simulation.require("somebody to connect", listener::hasWaiting, 0);
        SimStream accepted = Objects.requireNonNull(listener.accept());
        listener.close();
        return accepted;
    }

    // ---- what belongs to the pair

    /**
     * The clock of the pair.
     *
     * @return the clock
     */
    public FakeClock clock() {
        return clock;
    }

    /**
     * The other end, in the hands of the test too.
     *
     * @return the end that reads what this one sends
     * @throws IllegalStateException if a handler has the other end
     */
    public StreamEnd peer() {
        if (peer == null) {
            throw new IllegalStateException("the other end belongs to a handler");
        }
        return peer;
    }

    /**
     * The manager that the handler runs on.
     *
     * @return the manager
     * @throws IllegalStateException if the test has both ends
     */
    public EventManager manager() {
        return served().manager();
    }

    /**
     * The handler's connection.
     *
     * @return the connection, open or closed
     * @throws IllegalStateException if the test has both ends
     */
    public Connection connection() {
        return Objects.requireNonNull(served().connection);
    }

    private Served served() {
        if (served == null) {
            throw new IllegalStateException("the test has both ends of this pair; there is no handler");
        }
        return served;
    }

    /**
     * Hands over what handlers, tasks and timers on this clock have thrown.
     *
     * @return what was thrown since the last call, oldest first
     */
    public List<Throwable> takeErrors() {
        return simulation().takeMishaps().stream().map(Mishap::failure).toList();
    }

    /** A manager of its own for one handler, and a host for the test's end. */
    private static final class Served implements Handler {
        private final GrammarChecker checker;
        private final Host host;
        private final Host testHost;
        private final ManagerDriver driver;
        private @Nullable Connection connection;

        Served(Simulation simulation, Handler handler) {
            this.checker = GrammarChecker.of(handler);
            String name = "pair-" + simulation.nextPair();
            this.host = simulation.network().host(name);
            this.testHost = simulation.network().host(name + "-test");
            this.driver = ManagerDriver.create(simulation, host, ManagerOptions.DEFAULT);
        }

        EventManager manager() {
            return driver.manager();
        }

        String address() {
            return host.ipv4().getHostAddress() + ":" + PORT;
        }

        InetSocketAddress socketAddress() {
            return new InetSocketAddress(host.ipv4(), PORT);
        }

        @Override
        public void onEvent(Connection from, Event event) throws Exception {
            connection = from;
            checker.onEvent(from, event);
        }
    }
}
