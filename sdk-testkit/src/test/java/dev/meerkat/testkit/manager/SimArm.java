package dev.meerkat.testkit.manager;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerOptions;
import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Transport;
import dev.meerkat.testkit.internal.Host;
import dev.meerkat.testkit.internal.ManagerDriver;
import dev.meerkat.testkit.internal.SimTransport;
import dev.meerkat.testkit.internal.Simulation;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Two hosts of a simulated world, the managers' and the peers', on virtual time and without latency. */
final class SimArm implements Arm {
    /** How much virtual time a test may wait for one thing. */
    private static final long PATIENCE_NANOS = Duration.ofHours(3).toNanos();

    /** How much virtual time is enough for everything that is under way. */
    private static final long SETTLING_NANOS = Duration.ofMillis(5).toNanos();

    private final Simulation simulation = new Simulation(0, false, Simulation.DEFAULT_WALL_START);
    private final Host host = simulation.network().host("manager");
    private final Host peerHost = simulation.network().host("peers");
    private final SimTransport peers = new SimTransport(peerHost, "peers", 0, new SimTransport.Waker() {
        @Override
        public void onReady() {}

        @Override
        public void onWake() {}
    });
    private final SimTransport localPeers = new SimTransport(host, "local peers", 0, new SimTransport.Waker() {
        @Override
        public void onReady() {}

        @Override
        public void onWake() {}
    });
    private final Family family;
    private int paths;
    private final Map<EventManager, ManagerDriver> drivers = new IdentityHashMap<>();

    SimArm() {
        this(Family.TCP);
    }

    SimArm(Family family) {
        this.family = family;
    }

    @Override
    public EventManager manager(ManagerOptions options, UnaryOperator<ManagerRuntime> change) {
        ManagerDriver driver = ManagerDriver.create(simulation, host, options, change);
        drivers.put(driver.manager(), driver);
        return driver.manager();
    }

    @Override
    public void leaveAlone(EventManager manager) {
        throw new UnsupportedOperationException("the world drives every manager");
    }

    @Override
    public String host() {
        return host.ipv4().getHostAddress();
    }

    @Override
    public String listenAddress() {
        return family == Family.UNIX ? "unix:" + unixPath("manager") : host() + ":0";
    }

    @Override
    public String host6() {
        return "[" + host.ipv6().getHostAddress() + "]";
    }

    @Override
    public String foreignHost() {
        return peerHost.ipv4().getHostAddress();
    }

    @Override
    public Transport peers() {
        return family == Family.UNIX ? localPeers : peers;
    }

    @Override
    public SocketAddress peerAddress() {
        return family == Family.UNIX
                ? UnixDomainSocketAddress.of(unixPath("peer"))
                : new InetSocketAddress(peerHost.ipv4(), 0);
    }

    @Override
    public Transport localPeers() {
        return localPeers;
    }

    @Override
    public Family family() {
        return family;
    }

    @Override
    public String unixPath(String name) {
        return "/run/" + name + "-" + ++paths;
    }

    @Override
    public void makeFile(String path) {
        host.files().makeFile(path);
    }

    @Override
    public void makeStaleSocket(String path) {
        host.files().makeStaleSocket(path);
    }

    @Override
    public void deleteFile(String path) {
        host.files().delete(path);
    }

    @Override
    public Optional<String> permissions(String path) {
        return host.files().mode(path).map(PosixFilePermissions::toString);
    }

    /** The manager's host, for what only a simulator can do. */
    Host managerHost() {
        return host;
    }

    @Override
    public void until(String what, BooleanSupplier condition, Supplier<String> report) {
        Simulation.Outcome outcome = simulation.await(condition, PATIENCE_NANOS);
        if (outcome != Simulation.Outcome.HAPPENED) {
            throw simulation.failure("waited in vain for " + what + ": " + Simulation.why(outcome, PATIENCE_NANOS)
                    + "\n" + report.get());
        }
    }

    @Override
    public void settle(Runnable pump) {
        simulation.await(
                () -> {
                    pump.run();
                    return false;
                },
                SETTLING_NANOS);
    }

    @Override
    public boolean isVirtual() {
        return true;
    }

    @Override
    public void advance(Duration time) {
        simulation.scheduler().advanceTo(simulation.scheduler().now() + time.toNanos());
    }

    /** Has a manager do nothing for a while, as if it computed. */
    void busy(EventManager manager, Duration time) {
        ManagerDriver driver = drivers.get(manager);
        if (driver == null) {
            throw new IllegalArgumentException("not made here: " + manager);
        }
        driver.busy(time.toNanos());
    }

    /** How long every further task of a manager's workers takes. */
    void workerDuration(EventManager manager, Duration time) {
        ManagerDriver driver = drivers.get(manager);
        if (driver == null) {
            throw new IllegalArgumentException("not made here: " + manager);
        }
        driver.workerDuration(time.toNanos());
    }

    /** The peers' host is gone without a word. */
    void vanishPeers() {
        peerHost.vanish();
    }

    /** The virtual time since the world began. */
    Duration now() {
        return Duration.ofNanos(simulation.scheduler().now());
    }

    void setWallTime(Instant instant) {
        simulation.scheduler().setWallTime(instant);
    }

    @Override
    public void close() {
        simulation.takeMishaps(); // the rules have looked at them already
    }
}
