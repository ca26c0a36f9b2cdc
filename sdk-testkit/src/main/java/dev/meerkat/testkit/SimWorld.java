package dev.meerkat.testkit;

import dev.meerkat.Handler;
import dev.meerkat.testkit.internal.Host;
import dev.meerkat.testkit.internal.Leaks;
import dev.meerkat.testkit.internal.Mishap;
import dev.meerkat.testkit.internal.NetworkCapture;
import dev.meerkat.testkit.internal.Report;
import dev.meerkat.testkit.internal.Route;
import dev.meerkat.testkit.internal.SimRandom;
import dev.meerkat.testkit.internal.Simulation;
import dev.meerkat.testkit.internal.Times;
import dev.meerkat.testkit.internal.WallStarts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A virtual network with hosts, links and one time for all of them, driven by the thread of the test. The programs on
 * the hosts are real: their event managers differ from those in production in nothing but the runtime below them.
 *
 * <pre>{@code
 * SimWorld.run(world -> {
 *     world.host("srv").listen(7, new EchoHandler());
 *     world.link("srv", "cli").latency(Duration.ofMillis(10));
 *     StreamEnd client = world.host("cli").stream("srv", 7);
 *     client.send("hello").expectText("hello");
 * });
 * }</pre>
 *
 * <p>A run fails if the test does; if a handler, task or timer threw and the test did not {@linkplain #takeErrors take}
 * it; if events came against their grammar; or if something is left in the end. What is left is found so: the sockets
 * of the test are closed; connections whose peer is gone, look-ups and jobs get a while to come to an end; then the
 * managers are closed, and nothing may be open or armed any more.
 *
 * <p>The same seed makes the same run, event by event, on every JDK. Belongs to the thread that makes it.
 */
public final class SimWorld implements AutoCloseable {
    private final SimConfig config;
    private final Simulation simulation;
    private final FakeClock clock;
    private final Map<String, SimHost> hosts = new LinkedHashMap<>();
    private final List<GrammarChecker> checkers = new ArrayList<>();
    private @Nullable NetworkCapture capture;
    private boolean closed;

    /** A test. */
    @FunctionalInterface
    public interface Body {
        /**
         * Runs the test.
         *
         * @param world a fresh world
         * @throws Exception if it fails
         */
        void run(SimWorld world) throws Exception;
    }

    private SimWorld(SimConfig config) {
        this.config = config;
        this.simulation =
                new Simulation(config.seed(), config.explore(), WallStarts.of(config.seed(), config.explore()));
        this.clock = new FakeClock(simulation);
        simulation.scheduler().limits(config.maxEvents(), Times.nanos(config.maxVirtual()));
        simulation.reportedElsewhere();
    }

    /**
     * Runs a test once, first come, first served.
     *
     * @param body the test
     * @throws SimFailure if it fails, with the whole report
     */
    public static void run(Body body) {
        run(SimConfig.DEFAULT, body);
    }

    /**
     * Runs a test for every seed, and twice if it is to be verified. Stops at the first run that fails.
     *
     * @param config how to run
     * @param body the test; called once for every run, with a fresh world each time
     * @throws SimFailure if a run fails, with the whole report
     */
    public static void run(SimConfig config, Body body) {
        for (SimRun run : SimRun.each(config)) {
            try {
                body.run(run.world());
            } catch (Exception | AssertionError e) {
                throw run.failure(e);
            }
            run.finish();
        }
    }

    /**
     * Makes a world, for a test or a framework that drives it by itself. {@link #close()} checks it.
     *
     * @param config how to run; of several seeds the first counts
     * @return a new world
     */
    public static SimWorld open(SimConfig config) {
        return new SimWorld(config);
    }

    Simulation simulation() {
        return simulation;
    }

    // ---- places

    /**
     * Finds a host, or makes it.
     *
     * @param name its name
     * @return always the same host for a name
     */
    public SimHost host(String name) {
        SimHost known = hosts.get(name);
        if (known == null) {
            known = new SimHost(this, simulation.network().host(name));
            hosts.put(name, known);
        }
        return known;
    }

    /**
     * Both directions of the link between two hosts.
     *
     * @param a a host's name
     * @param b another's, or the same for its own loopback
     * @return the link
     */
    public Link link(String a, String b) {
        Host one = host(a).host();
        Host other = host(b).host();
        List<Route> routes = new ArrayList<>();
        routes.add(simulation.network().route(one, other));
        if (one != other) {
            routes.add(simulation.network().route(other, one));
        }
        return new Link(simulation, routes, a + " <-> " + b);
    }

    /**
     * One direction of the link between two hosts.
     *
     * @param from the name of the host that sends
     * @param to the name of the host that receives
     * @return the link
     */
    public Link oneWay(String from, String to) {
        Route route = simulation.network().route(host(from).host(), host(to).host());
        return new Link(simulation, List.of(route), from + " -> " + to);
    }

    /**
     * Cuts every link between two groups of hosts.
     *
     * @param left names of hosts
     * @param right names of others
     */
    public void partition(List<String> left, List<String> right) {
        for (String a : left) {
            for (String b : right) {
                link(a, b).partition();
            }
        }
    }

    /** Mends every cut link and lets go of everything held. */
    public void heal() {
        simulation.record("heal everything", 0);
        for (Route route : simulation.network().routes()) {
            route.partitioned(false);
            route.held(false);
        }
    }

    // ---- names

    /**
     * What a name means: addresses, time to live, and how a name server answers who asks for it.
     *
     * @param name the name, in lower case
     * @return the name, to be changed at any time
     */
    public SimName name(String name) {
        return new SimName(simulation.names().zone(name));
    }

    /**
     * What name an address has (PTR record).
     *
     * @param address an IP address
     * @return the pointer, to be changed at any time
     * @throws dev.meerkat.MalformedAddressException if that is not an IP address
     */
    public SimPointer pointer(String address) {
        return new SimPointer(simulation.names().pointer(SimName.literal(address)));
    }

    /**
     * Gives a name to one or several hosts, in the order in which a connect tries them: short for
     * {@link SimName#hosts}. Without hosts, looking the name up fails.
     *
     * @param name the name
     * @param targets the hosts
     */
    public void alias(String name, SimHost... targets) {
        name(name).hosts(targets);
    }

    /**
     * Has looking up a name take time: short for {@link SimName#takes}.
     *
     * @param name the name
     * @param span how long
     */
    public void lookupTakes(String name, Duration span) {
        name(name).takes(span);
    }

    // ---- time

    /**
     * The clock of the world.
     *
     * @return always the same clock
     */
    public FakeClock clock() {
        return clock;
    }

    /**
     * The time since the world began.
     *
     * @return the time
     */
    public Duration elapsed() {
        return clock.elapsed();
    }

    /**
     * Lets everything happen that is due within a span of time, its end included.
     *
     * @param span how far
     */
    public void advance(Duration span) {
        clock.advance(span);
    }

    /**
     * Lets everything happen that is due until an instant, that instant included, and moves the clock there.
     *
     * @param nanos the instant, in nanoseconds since the world began
     */
    public void advanceTo(long nanos) {
        simulation.scheduler().advanceTo(nanos);
    }

    /** Lets everything happen that is due at this instant. */
    public void runCurrent() {
        clock.runCurrent();
    }

    /**
     * Lets one event happen.
     *
     * @return false if there is none
     */
    public boolean step() {
        return clock.step();
    }

    /** Lets events happen until none is left; see {@link FakeClock#untilIdle()}. */
    public void untilIdle() {
        clock.untilIdle();
    }

    /**
     * Lets events happen until something holds. Asks after each event.
     *
     * @param condition what to wait for
     * @param limit how much virtual time that may take
     * @return whether it holds; if not, the whole limit has passed
     */
    public boolean runUntil(BooleanSupplier condition, Duration limit) {
        return clock.runUntil(condition, limit);
    }

    /**
     * Lets events happen until something holds, for at most 60 s of virtual time.
     *
     * @param what what is waited for, for the message
     * @param condition what to wait for
     * @throws AssertionError if it does not come to hold
     */
    public void await(String what, BooleanSupplier condition) {
        simulation.require(what, condition, Simulation.DEFAULT_WAIT_NANOS);
    }

    /**
     * Lets events happen until something holds.
     *
     * @param what what is waited for, for the message
     * @param condition what to wait for
     * @param limit how much virtual time that may take
     * @throws AssertionError if it does not come to hold
     */
    public void await(String what, BooleanSupplier condition, Duration limit) {
        simulation.require(what, condition, Times.nanos(limit));
    }

    /**
     * Lets events happen until a future is done, for at most 60 s of virtual time.
     *
     * @param future what to wait for; nothing outside the world may complete it
     * @param <T> the type of its result
     * @return its result
     * @throws java.util.concurrent.CompletionException if it failed
     * @throws AssertionError if it is not done in time
     */
    public <T> T await(CompletableFuture<T> future) {
        await("a future", future::isDone);
        return future.join();
    }

    /**
     * When the next event happens.
     *
     * @return nanoseconds since the world began, not in the past; empty if nothing is left
     */
    public OptionalLong nextEventAt() {
        long next = simulation.scheduler().nextTime();
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    /**
     * Plans something, a partition for instance.
     *
     * @param elapsed when, as the time since the world began
     * @param action what to do then
     */
    public void at(Duration elapsed, Runnable action) {
        simulation.at(Times.nanos(elapsed), "planned action", action);
    }

    // ---- what happened

    /**
     * The seed of this run.
     *
     * @return the seed
     */
    public long seed() {
        return config.seed();
    }

    /**
     * Random numbers for the test itself, decided by the seed and the name.
     *
     * @param name what they are for
     * @return a new stream; the same numbers for the same seed and name
     */
    public RandomGenerator random(String name) {
        return new SimRandom(SimRandom.seedOf(SimRandom.seedOf(seed(), "test"), name));
    }

    /**
     * A hash of everything that has happened: when, to whom, what, in which order, with which bytes.
     *
     * @return the hash
     */
    public long hash() {
        return simulation.trace().hash();
    }

    /**
     * The last events, one line each: the time, who, what, and how many bytes.
     *
     * @return up to 4,096 lines, oldest first; the same in every run of this seed
     */
    public List<String> trace() {
        return simulation.trace().last(Integer.MAX_VALUE).stream()
                .map(Object::toString)
                .toList();
    }

    /**
     * How many events have happened.
     *
     * @return the count of deliveries, turns of loops, deadlines and planned actions
     */
    public long eventCount() {
        return simulation.scheduler().events();
    }

    /**
     * Hands over what handlers, tasks and timers have thrown. It no longer fails the run.
     *
     * @return what was thrown since the last call, oldest first
     */
    public List<Throwable> takeErrors() {
        return simulation.takeMishaps().stream().map(Mishap::failure).toList();
    }

    /**
     * Everything that is open, armed or under way at this instant, whether it is a leak or not.
     *
     * @return one line each
     */
    public List<String> holdings() {
        return new Leaks(simulation).everything();
    }

    /**
     * The faults that were asked for and have not happened.
     *
     * @return one line for each direction of a link
     */
    public List<String> unusedFaults() {
        return simulation.network().routes().stream()
                .flatMap(route -> route.unusedFaults().stream())
                .toList();
    }

    /**
     * Puts a failure into the report that {@link #run} makes, for whoever drives a world by itself.
     *
     * @param cause what failed
     * @return the failure with the whole report, to be thrown
     */
    public SimFailure failure(Throwable cause) {
        if (cause instanceof SimFailure failure) {
            return failure;
        }
        String headline = cause instanceof AssertionError ? String.valueOf(cause.getMessage()) : cause.toString();
        return new SimFailure(
                Report.of(simulation, config.name(), headline, config.rerunCommand()), config.seed(), cause);
    }

    /**
     * Writes what arrives on any host from now on as a packet capture (pcapng), which Wireshark and its kin open. Every
     * host is an interface, times are the world's; comments name the socket and the number of the event in the trace.
     * The bytes and their times are those of the run, the packets around them are made up: segments, sequence numbers,
     * the handshake. The file is complete when the world is closed; it ends at 1 GiB.
     *
     * @param file overwritten if it exists
     * @throws UncheckedIOException if it cannot be opened for writing
     * @throws IllegalStateException if this world is captured already
     */
    public void capture(Path file) {
        if (capture != null) {
            throw new IllegalStateException(this + " is captured already");
        }
        try {
            capture = simulation.network().capture(Files.newOutputStream(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Has the trace tell WebSocket frames from now on, beside the bytes: {@code ->} when an end sends one, {@code <-}
     * when it has come whole, with opcode, reserved bits, length, and the beginning of a text or the code of a goodbye.
     * Frames that break rules are told like others. The hash of the run stays what it is. Of a WebSocket whose
     * handshake has passed before, and of one over TLS, nothing is told; {@link dev.meerkat.testkit.websocket.FrameLog}
     * sees the latter.
     */
    public void traceWebSockets() {
        clock.traceWebSockets();
    }

    // ---- the end

    Handler checked(Handler handler) {
        GrammarChecker checker = GrammarChecker.of(handler);
        checkers.add(checker);
        return checker;
    }

    /**
     * Ends the run: closes what the test holds, lets the world settle, closes the managers and looks for what is left.
     * A second call does nothing.
     *
     * @throws SimFailure if something was thrown and not taken, or something is left
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            new WorldEnd(simulation, checkers).check(Times.nanos(config.leakGrace()));
        } catch (AssertionError e) {
            throw failure(e);
        } finally {
            if (capture != null) {
                capture.close();
            }
        }
    }

    @Override
    public String toString() {
        return "world with seed 0x" + Long.toHexString(seed()) + " at "
                + Times.text(simulation.scheduler().now());
    }
}
