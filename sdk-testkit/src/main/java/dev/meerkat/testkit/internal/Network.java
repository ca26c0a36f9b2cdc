package dev.meerkat.testkit.internal;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The virtual network: hosts by name and by address, and the routes between them. */
public final class Network {
    /**
     * What a socket's buffers hold when nothing else is asked for. On Linux they begin with less and grow to megabytes;
     * the one for sending is the larger, so that what was written may still have to wait for room at the receiver.
     */
    private static final int DEFAULT_SEND_CAPACITY = 256 << 10;

    private static final int DEFAULT_RECEIVE_CAPACITY = 128 << 10;

    private static final int LARGEST_CAPACITY = 4 << 20;
    private static final int LARGEST_HOST_INDEX = 0xFFFF;

    private final Scheduler scheduler;
    private final Trace trace;
    private final Oracle oracle;
    private final RingPool rings = new RingPool();
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Map<InetAddress, Host> addresses = new HashMap<>();
    private final List<Route> allRoutes = new ArrayList<>();
    private final Map<Integer, ByteBuffer> scratch = new HashMap<>();
    private ChunkPolicy defaultDeliveries = ChunkPolicy.WHOLE;
    private long defaultLeastLatency;
    private long defaultMostLatency;
    private int entities;
    private @Nullable NetworkCapture capture;
    private @Nullable FrameTrace frames;

    /**
     * Makes an empty network.
     *
     * @param scheduler its time
     * @param trace where it notes what happens
     * @param oracle what decides
     */
    public Network(Scheduler scheduler, Trace trace, Oracle oracle) {
        this.scheduler = scheduler;
        this.trace = trace;
        this.oracle = oracle;
        if (oracle.explores()) {
            defaultDeliveries = ChunkPolicy.EXPLORED;
        }
    }

    Scheduler scheduler() {
        return scheduler;
    }

    Oracle oracle() {
        return oracle;
    }

    RingPool rings() {
        return rings;
    }

    ChunkPolicy defaultDeliveries() {
        return defaultDeliveries;
    }

    /**
     * Sets the latency of every link made from now on.
     *
     * @param least the smallest, in nanoseconds
     * @param most the largest, in nanoseconds
     */
    public void defaultLatency(long least, long most) {
        defaultLeastLatency = least;
        defaultMostLatency = most;
    }

    /**
     * The next number for something that a trace speaks of.
     *
     * @return a number that nothing else has
     */
    public int nextEntity() {
        return ++entities;
    }

    /**
     * Writes all that arrives from now on as a packet capture.
     *
     * @param target where to; closed in the end
     * @return the capture, to be closed
     */
    public NetworkCapture capture(OutputStream target) {
        NetworkCapture made = new NetworkCapture(scheduler, trace, target);
        capture = made;
        return made;
    }

    /** Puts WebSocket frames into the trace from now on. */
    public void traceFrames() {
        if (frames == null) {
            frames = new FrameTrace(scheduler, trace);
        }
    }

    @Nullable
    FrameTrace frames() {
        return frames;
    }

    @Nullable
    NetworkCapture capture() {
        return capture;
    }

    void record(Entity entity, String kind, long length, long checksum) {
        trace.record(scheduler.now(), entity, kind, length, checksum);
    }

    void mix(Entity entity, String kind, long length) {
        trace.mix(scheduler.now(), entity.id(), kind, length, 0);
    }

    /**
     * Finds a host, or makes it.
     *
     * @param name its name
     * @return the host
     */
    public Host host(String name) {
        Host known = hosts.get(name);
        return known != null ? known : add(name);
    }

    private Host add(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a host needs a name");
        }
        int number = hosts.size() + 1;
        if (number > LARGEST_HOST_INDEX) {
            throw new IllegalStateException("too many hosts: " + number);
        }
        byte high = (byte) (number >> 8);
        byte low = (byte) number;
        Host host = new Host(
                this,
                name,
                number - 1,
                address(name, 10, 0, high, low),
                address(name, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, high, low));
        hosts.put(name, host);
        addresses.put(host.ipv4(), host);
        addresses.put(host.ipv6(), host);
        return host;
    }

    private static InetAddress address(String name, int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(name, bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(octets.length + " octets are no address", e);
        }
    }

    /**
     * The host of a name.
     *
     * @param name a name
     * @return the host, or null if there is none
     */
    public @Nullable Host find(String name) {
        return hosts.get(name);
    }

    @Nullable
    Host find(InetAddress address) {
        return addresses.get(address);
    }

    /**
     * All hosts.
     *
     * @return a copy, in the order in which they were made
     */
    public List<Host> hosts() {
        return new ArrayList<>(hosts.values());
    }

    @Nullable
    Host hostAt(Host from, InetAddress address) {
        return address.isLoopbackAddress() ? from : addresses.get(address);
    }

    /**
     * The way from one host to another.
     *
     * @param from where it begins
     * @param to where it ends
     * @return the route, always the same
     */
    public Route route(Host from, Host to) {
        Route known = from.routes().get(to.index());
        if (known == null) {
            known = newRoute(from, to);
            from.routes().put(to.index(), known);
        }
        return known;
    }

    private Route newRoute(Host from, Host to) {
        Route route = new Route(this, from, to);
        if (from != to) {
            route.latency(defaultLeastLatency, defaultMostLatency);
        }
        allRoutes.add(route);
        return route;
    }

    /**
     * The routes that were used or set up.
     *
     * @return a copy, in the order in which they were made
     */
    public List<Route> routes() {
        return new ArrayList<>(allRoutes);
    }

    /** Has every connection find out whether its peer can still answer. */
    void reachabilityChanged() {
        for (Host host : hosts.values()) {
            for (SimHandle handle : host.openHandles()) {
                if (handle instanceof SimStream stream) {
                    stream.reachabilityChanged();
                }
            }
        }
    }

    int sendCapacity(int asked) {
        return asked == 0 ? DEFAULT_SEND_CAPACITY : Math.min(asked, LARGEST_CAPACITY);
    }

    int receiveCapacity(int asked) {
        return asked == 0 ? DEFAULT_RECEIVE_CAPACITY : Math.min(asked, LARGEST_CAPACITY);
    }

    /**
     * The buffer that all loops of a world read through: only one of them runs at a time.
     *
     * @param bytes its size
     * @return always the same buffer for a size, cleared
     */
    public ByteBuffer scratch(int bytes) {
        return scratch.computeIfAbsent(bytes, ByteBuffer::allocate).clear();
    }

    String text(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? text(inet) : "unix:" + address;
    }

    private static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }
}
