package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.meerkat.Acceptor;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.ListenOptions;
import dev.meerkat.ManagerOptions;
import dev.meerkat.ManagerStatistics;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * What all rules of the event manager need: an arm, a manager, handlers that note what happens, peers, and waiting
 * without sleeping. After each test every manager is closed; then all connections must have kept the order of events to
 * its end, nothing may be held any more, and no failure may have been reported that the test did not expect.
 */
@Timeout(60)
abstract class ManagerRules {
    /** What the error hook was told. */
    record Failure(ErrorHook.Source source, Optional<Connection> connection, Throwable thrown) {}

    Arm arm;
    private @Nullable EventManager manager;
    private final List<EventManager> managers = new ArrayList<>();
    private final List<Script> scripts = new ArrayList<>();
    private final List<UdpScript> udpScripts = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();

    abstract Arm openArm();

    @BeforeEach
    void open() {
        arm = openArm();
    }

    @AfterEach
    void closeAndLookForLeaks() {
        try {
            managers.forEach(EventManager::close);
            for (EventManager each : managers) {
                if (!each.inLoop()) {
                    continue; // closed by a thread of its own, which alone may ask
                }
                ManagerStatistics held = each.statistics();
                assertEquals(
                        new ManagerStatistics(
                                0,
                                0,
                                0,
                                0,
                                held.turns(),
                                0,
                                held.segmentsPooled(),
                                0,
                                0,
                                held.accepted(),
                                held.bytesReceived(),
                                held.bytesSent()),
                        held,
                        "held by a closed manager");
            }
            for (Script script : scripts) {
                assertEquals(List.of(), script.violations(true), "order of events");
            }
            for (UdpScript script : udpScripts) {
                assertEquals(List.of(), script.violations(), "order of events");
            }
            if (!failures.isEmpty()) {
                fail("reported to the error hook: " + failures, failures.get(0).thrown);
            }
        } finally {
            arm.close();
        }
    }

    // ---- the manager

    /** The manager of this test, with default options unless {@link #use} asked for others. */
    final EventManager manager() {
        EventManager present = manager;
        return present != null ? present : use(options -> {});
    }

    /** What a test changes of default options. */
    @FunctionalInterface
    interface Change<B> {
        void apply(B builder);
    }

    final EventManager use(Change<ManagerOptions.Builder> change) {
        return use(change, runtime -> runtime);
    }

    /** Makes a further manager, which is the one of this test from now on. */
    final EventManager use(Change<ManagerOptions.Builder> change, UnaryOperator<ManagerRuntime> runtime) {
        ManagerOptions.Builder options = ManagerOptions.builder()
                .errorHook((source, connection, thrown) -> failures.add(new Failure(source, connection, thrown)));
        change.apply(options);
        EventManager made = arm.manager(options.build(), runtime);
        managers.add(made);
        manager = made;
        return made;
    }

    /** Hands over what the error hook was told; it does not fail the test any more. */
    final List<Failure> takeFailures() {
        List<Failure> taken = List.copyOf(failures);
        failures.clear();
        return taken;
    }

    /** Whether the error hook was told something that was not handed over. */
    final boolean hasFailed() {
        return !failures.isEmpty();
    }

    final Failure takeFailure() {
        List<Failure> taken = takeFailures();
        assertEquals(1, taken.size(), "expected one failure, found " + taken);
        return taken.get(0);
    }

    // ---- handlers

    final Script script() {
        Script script = new Script();
        scripts.add(script);
        return script;
    }

    final UdpScript udp() {
        UdpScript script = new UdpScript();
        udpScripts.add(script);
        return script;
    }

    static ConnectionOptions connection(Change<ConnectionOptions.Builder> change) {
        ConnectionOptions.Builder builder = ConnectionOptions.builder();
        change.apply(builder);
        return builder.build();
    }

    static ListenOptions listening(Change<ConnectionOptions.Builder> change) {
        return ListenOptions.builder().connection(connection(change)).build();
    }

    static ConnectOptions connecting(Change<ConnectionOptions.Builder> change) {
        return ConnectOptions.builder().connection(connection(change)).build();
    }

    // ---- connections

    final Acceptor listen(Script script) {
        return listen(ListenOptions.DEFAULT, script);
    }

    final Acceptor listen(ListenOptions options, Script script) {
        return manager().listen(arm.listenAddress(), options, script);
    }

    /** Begins to connect a peer to the manager. */
    final Peer peer(Acceptor acceptor) {
        return peer(acceptor, SocketOptions.DEFAULT);
    }

    final Peer peer(Acceptor acceptor, SocketOptions options) {
        try {
            return keep(Peer.connecting(arm.peers().connect(arm.addressOf(acceptor), options)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins to connect a peer to an address. */
    final Peer peer(SocketAddress address) {
        try {
            return keep(Peer.connecting(arm.peers().connect(address, SocketOptions.DEFAULT)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A peer whose connection to the manager is established; the handler has had {@code Opened}. */
    final Peer accepted(Script script) {
        return accepted(ListenOptions.DEFAULT, script);
    }

    final Peer accepted(ListenOptions options, Script script) {
        return accepted(options, SocketOptions.DEFAULT, script);
    }

    final Peer accepted(ListenOptions options, SocketOptions peerOptions, Script script) {
        int before = script.count(TcpEvent.Opened.class);
        Acceptor acceptor = listen(options, script);
        Peer peer = peer(acceptor, peerOptions);
        until(
                "the connection to be accepted",
                () -> peer.isConnected() && script.count(TcpEvent.Opened.class) > before);
        acceptor.close();
        return peer;
    }

    /** A listening socket of the test's own. */
    final ListenerHandle peerListener() {
        return peerListener(SocketOptions.DEFAULT);
    }

    final ListenerHandle peerListener(SocketOptions options) {
        try {
            ListenerHandle listener = arm.peers().listen(arm.peerAddress(), options);
            listener.interest(Handle.ACCEPT);
            return listener;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String addressOf(ListenerHandle listener) {
        try {
            if (!(listener.localAddress() instanceof InetSocketAddress address)) {
                return "unix:" + listener.localAddress();
            }
            return address.getAddress().getHostAddress() + ":" + address.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int portOf(SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    static int portOf(Handle handle) {
        try {
            return portOf(handle.localAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until somebody has connected to a listener of the test's own. */
    final Peer accept(ListenerHandle listener) {
        StreamHandle[] accepted = new StreamHandle[1];
        until("somebody to connect to the peer", () -> {
            try {
                accepted[0] = listener.accept();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return accepted[0] != null;
        });
        return keep(Peer.accepted(accepted[0]));
    }

    /** An established outbound connection: who accepted it. */
    final Peer connected(Script script) {
        return connected(ConnectOptions.DEFAULT, script);
    }

    final Peer connected(ConnectOptions options, Script script) {
        return connected(options, SocketOptions.DEFAULT, script);
    }

    final Peer connected(ConnectOptions options, SocketOptions peerOptions, Script script) {
        int before = script.count(TcpEvent.Opened.class);
        ListenerHandle listener = peerListener(peerOptions);
        manager().connect(addressOf(listener), options, script);
        Peer peer = accept(listener);
        until("the connection to be made", () -> script.count(TcpEvent.Opened.class) > before);
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return peer;
    }

    final Peer keep(Peer peer) {
        peers.add(peer);
        return peer;
    }

    // ---- waiting

    final void until(String what, BooleanSupplier condition) {
        arm.until(
                what,
                () -> {
                    pump();
                    return condition.getAsBoolean();
                },
                this::report);
    }

    /** Waits until a peer sees that we have aborted. */
    final void untilAborted(Peer peer) {
        until("the reset", () -> peer.wasReset() || (arm.family() == Family.UNIX && peer.hasEnded()));
    }

    final void untilClosed(Script script) {
        until("Closed", script::isClosed);
    }

    /** Lets everything arrive that is under way: for rules about what must not happen. */
    final void settle() {
        arm.settle(this::pump);
    }

    /** Runs code inside a turn of the loop, as a posted task, and waits for its end. */
    final void inTurn(Runnable task) {
        boolean[] done = new boolean[1];
        manager().post(() -> {
            try {
                task.run();
            } finally {
                done[0] = true;
            }
        });
        until("a posted task", () -> done[0]);
    }

    final void pump() {
        peers.forEach(Peer::pump);
    }

    private String report() {
        StringBuilder text = new StringBuilder();
        Stream.of(scripts, udpScripts, peers, failures)
                .flatMap(List::stream)
                .forEach(each -> text.append("  ").append(each).append('\n'));
        for (EventManager each : managers) {
            if (each.inLoop()) {
                text.append("  ").append(each.statistics()).append('\n');
                each.connections()
                        .forEach(connection -> text.append("  ")
                                .append(connection)
                                .append(' ')
                                .append(connection.state())
                                .append('\n'));
            }
        }
        return text.toString();
    }

    // ---- small things

    /** Bytes in which every place can be told from its neighbours, so that a loss or a repetition shows. */
    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('!' + (i * 31 + (i >>> 8) * 7 + (i >>> 16)) % 90);
        }
        return bytes;
    }

    /** Small socket buffers, so that a peer that does not read is soon felt. */
    static final SocketOptions SMALL_PEER = new SocketOptions(true, true, 32 << 10, 32 << 10, 16, true, false);

    /** More than two sockets hold when their buffers are small. */
    static final int MORE_THAN_FITS = 2 << 20;

    static final Duration SHORT = Duration.ofMillis(50);

    static final Duration LONG = Duration.ofHours(1);

    static boolean sawClosed(Script script) {
        return script.has(TcpEvent.Closed.class);
    }
}
