package dev.meerkat.testkit;

import dev.meerkat.testkit.internal.ConnectFault;
import dev.meerkat.testkit.internal.FaultCounts;
import dev.meerkat.testkit.internal.Route;
import dev.meerkat.testkit.internal.Simulation;
import dev.meerkat.testkit.internal.Times;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * The link between two hosts: how it behaves, and what goes wrong on it. {@link SimWorld#link} means both directions,
 * {@link SimWorld#oneWay} one of them. Everything may be changed at any time, also from {@link SimWorld#at}; it holds
 * for what is sent from then on, and a partition or a hold also for what is under way.
 *
 * <p>A link is ideal at first: no latency, no limit, nothing lost. A stream never loses, doubles or reorders bytes,
 * whatever the link does; what it suffers is time, and in the end a reset or a time-out.
 */
public final class Link {
    /** Among so many pieces the one is drawn that {@link #resetOnce()} resets. */
    private static final int RESET_WITHIN_PIECES = 16;

    private final Simulation simulation;
    private final List<Route> routes;
    private final String name;

    Link(Simulation simulation, List<Route> routes, String name) {
        this.simulation = simulation;
        this.routes = routes;
        this.name = name;
    }

    private Link each(Consumer<Route> change) {
        routes.forEach(change);
        return this;
    }

    private void requireNetwork(String fault) {
        for (Route route : routes) {
            if (route.isLoopback()) {
                throw new UnsupportedFaultException(
                        fault + " between " + name + ": a host cannot lose touch with itself");
            }
        }
    }

    // ---- how it behaves

    /**
     * Sets how long a packet takes one way.
     *
     * @param latency always the same
     * @return this link
     */
    public Link latency(Duration latency) {
        return latency(latency, latency);
    }

    /**
     * Sets how long a packet takes one way: anything between two values, as the seed decides.
     *
     * @param least the shortest
     * @param most the longest
     * @return this link
     */
    public Link latency(Duration least, Duration most) {
        return each(route -> route.latency(Times.nanos(least), Times.nanos(most)));
    }

    /**
     * Sets how wide each direction is, for all its connections together.
     *
     * @param bytesPerSecond how many bytes a second, or 0 for no limit
     * @return this link
     */
    public Link bandwidth(long bytesPerSecond) {
        return each(route -> route.bandwidth(bytesPerSecond));
    }

    /**
     * Sets into which pieces streams are cut when they arrive.
     *
     * @param chunks how to cut
     * @return this link
     */
    public Link chunks(Chunks chunks) {
        return each(route -> route.deliveries(chunks.policy()));
    }

    /**
     * Sets how much of what is written a socket takes at once; the rest has to be written again.
     *
     * @param chunks how to cut
     * @return this link
     */
    public Link partialWrites(Chunks chunks) {
        return each(route -> route.writes(chunks.policy()));
    }

    /**
     * Sets how many packets are lost. A lost datagram is gone. A lost batch of a stream is repeated after 200 ms, and
     * again after twice as long, and holds up what follows it; after 15 vain repetitions the connection times out.
     *
     * @param probability 0 to 1
     * @return this link
     */
    public Link loss(double probability) {
        requireNetwork("loss");
        return each(route -> route.loss(probability));
    }

    /**
     * Sets how many datagrams arrive twice.
     *
     * @param probability 0 to 1
     * @return this link
     */
    public Link duplicates(double probability) {
        requireNetwork("duplicates");
        return each(route -> route.duplication(probability));
    }

    /**
     * Sets how many datagrams arrive with one bit changed, the seed decides which. A checksum of the program's own has
     * to find it: that of UDP has only 16 bits and is often switched off.
     *
     * @param probability 0 to 1
     * @return this link
     */
    public Link corruption(double probability) {
        requireNetwork("corruption");
        return each(route -> route.corruption(probability));
    }

    /**
     * Sets how much of a datagram arrives; the end of a longer one is cut off, as by a careless tunnel.
     *
     * @param bytes the most
     * @return this link
     */
    public Link truncateDatagrams(int bytes) {
        requireNetwork("truncation");
        return each(route -> route.longestDatagram(bytes));
    }

    // ---- what goes wrong

    /**
     * Cuts the link. Datagrams are lost, streams repeat themselves until they give up after 924.6 s, attempts to
     * connect too, after 127 s.
     *
     * @return this link
     */
    public Link partition() {
        requireNetwork("a partition");
        simulation.record("partition " + name, 0);
        return each(route -> route.partitioned(true));
    }

    /**
     * Mends a cut link. What streams had to keep arrives in order.
     *
     * @return this link
     */
    public Link heal() {
        simulation.record("heal " + name, 0);
        return each(route -> route.partitioned(false));
    }

    /**
     * Keeps what streams send on the way, without losing it.
     *
     * @return this link
     */
    public Link hold() {
        requireNetwork("a hold");
        simulation.record("hold " + name, 0);
        return each(route -> route.held(true));
    }

    /**
     * Lets go of what was kept, in order.
     *
     * @return this link
     */
    public Link release() {
        simulation.record("release " + name, 0);
        return each(route -> route.held(false));
    }

    /**
     * Resets one connection, once, at a moment that the seed decides: when one of the next 16 pieces is delivered.
     *
     * @return this link
     */
    public Link resetOnce() {
        int index = (int) simulation.oracle().stream("reset once", name).sample(0, routes.size() - 1L);
        int pieces = (int) simulation.oracle().stream("reset at", name).sample(1, RESET_WITHIN_PIECES);
        routes.get(index).resetOnce(pieces);
        return this;
    }

    /**
     * Resets every connection once so many bytes have arrived in a direction. They are delivered, and nothing after.
     *
     * @param bytes how many
     * @return this link
     */
    public Link resetAfter(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("a connection is reset after at least 1 byte: " + bytes);
        }
        return each(route -> route.resetAfterBytes(bytes));
    }

    /**
     * Refuses attempts to connect, as if nobody listened.
     *
     * @param times how many in each direction
     * @return this link
     */
    public Link refuseConnects(int times) {
        return each(route -> route.connectFault(ConnectFault.REFUSE, times));
    }

    /**
     * Leaves attempts to connect without an answer. Each of their repetitions counts.
     *
     * @param times how many in each direction
     * @return this link
     */
    public Link swallowConnects(int times) {
        return each(route -> route.connectFault(ConnectFault.BLACK_HOLE, times));
    }

    /**
     * Lets attempts to connect succeed and resets the connections at once, at both ends.
     *
     * @param times how many in each direction
     * @return this link
     */
    public Link resetAccepted(int times) {
        return each(route -> route.connectFault(ConnectFault.RESET_WHEN_ACCEPTED, times));
    }

    /**
     * Lets attempts to connect pass again.
     *
     * @return this link
     */
    public Link passConnects() {
        return each(route -> route.connectFault(ConnectFault.NONE, 0));
    }

    // ---- what happened

    /**
     * How many packets were lost at random, repetitions included.
     *
     * @return the count
     */
    public long lost() {
        return sum(FaultCounts::lost);
    }

    /**
     * How many datagrams arrived twice.
     *
     * @return the count
     */
    public long duplicated() {
        return sum(FaultCounts::duplicated);
    }

    /**
     * How many datagrams arrived with a bit changed.
     *
     * @return the count
     */
    public long corrupted() {
        return sum(FaultCounts::corrupted);
    }

    /**
     * How many datagrams arrived without their end.
     *
     * @return the count
     */
    public long truncated() {
        return sum(FaultCounts::truncated);
    }

    /**
     * How many connections were reset by the link.
     *
     * @return the count
     */
    public long resets() {
        return sum(FaultCounts::resets);
    }

    /**
     * How many attempts to connect met a fault.
     *
     * @return the count
     */
    public long disturbedConnects() {
        return sum(FaultCounts::connects);
    }

    private long sum(ToLongFunction<FaultCounts> count) {
        return routes.stream()
                .mapToLong(route -> count.applyAsLong(route.counts()))
                .sum();
    }

    @Override
    public String toString() {
        return "link " + name;
    }
}
