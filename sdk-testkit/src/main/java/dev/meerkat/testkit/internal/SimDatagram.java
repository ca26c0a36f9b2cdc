package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.DatagramHandle;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A virtual UDP socket: whole datagrams, no promise that they arrive. */
public final class SimDatagram extends SimHandle implements DatagramHandle {
    /** What Linux keeps for a socket (net.core.rmem_default); what comes when it is full is lost. */
    private static final int RECEIVE_CAPACITY = 212_992;

    /** No header of IPv6 counts against the length of a datagram (RFC 8200 §3), only its own of 8 bytes. */
    public static final int MOST_OVER_IPV6 = 65_527;

    /** The two interfaces that every virtual host has. */
    private static final String LOOPBACK = "lo";

    private static final String NETWORK = "eth0";

    private static final InetAddress EVERYBODY = address(255, 255, 255, 255);
    private static final InetAddress EVERYBODY_HERE = address(127, 255, 255, 255);

    private final ArrayDeque<Packet> received = new ArrayDeque<>(2);
    private int receivedBytes;
    private @Nullable InetSocketAddress peer;
    private boolean unreachable;
    private Oracle.@Nullable Stream choices;
    private final Set<Membership> memberships = new LinkedHashSet<>(1);
    private boolean mayBroadcast;
    private boolean reachesOwnHost = true;
    private boolean leavesByLoopback;
    private int hops = 1;

    /** A group as it was joined. */
    private record Membership(InetAddress group, String networkInterface) {}

    SimDatagram(Host host, InetSocketAddress local) {
        super(host, local, "udp", host.nextDatagram());
    }

    @Override
    public @Nullable SocketAddress receive(ByteBuffer target) throws IOException {
        checkOpen();
        Packet packet = take();
        if (packet == null) {
            return null;
        }
        packet.copyTo(target);
        return packet.sender;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        checkOpen();
        if (peer == null) {
            throw new NotYetConnectedException();
        }
        Packet packet = take();
        return packet == null ? 0 : packet.copyTo(target);
    }

    /**
     * Tells whether a datagram waits.
     *
     * @return whether {@link #receive} would return one
     */
    public boolean hasReceived() {
        return !received.isEmpty();
    }

    private @Nullable Packet take() throws PortUnreachableException {
        Packet packet = received.poll();
        if (packet != null) {
            receivedBytes -= packet.payload.length;
        } else if (unreachable) {
            unreachable = false;
            throw new PortUnreachableException();
        }
        return packet;
    }

    @Override
    public int send(ByteBuffer source, SocketAddress target) throws IOException {
        checkOpen();
        return transmit(source, Host.inet(target));
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        checkOpen();
        InetSocketAddress fixed = peer;
        if (fixed == null) {
            throw new NotYetConnectedException();
        }
        if (unreachable) {
            unreachable = false;
            throw new PortUnreachableException();
        }
        return transmit(source, fixed);
    }

    @Override
    public @Nullable SocketAddress connectedTo() throws IOException {
        checkOpen();
        return peer;
    }

    @Override
    public void connect(SocketAddress remote) throws IOException {
        checkOpen();
        InetSocketAddress address = Host.inet(remote);
        if (address.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        peer = address;
    }

    private int transmit(ByteBuffer source, InetSocketAddress target) throws SocketException {
        if (target.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        boolean six = target.getAddress() instanceof Inet6Address;
        InetAddress bound = boundAddress().getAddress();
        if (!bound.isAnyLocalAddress() && bound instanceof Inet6Address != six) {
            throw new SocketException("Network is unreachable"); // what is bound to one family has no way to the other
        }
        int length = source.remaining();
        if (length > (six ? MOST_OVER_IPV6 : MAX_PAYLOAD_BYTES)) {
            throw new SocketException("Message too long");
        }
        byte[] payload = new byte[length];
        source.get(payload);
        network.record(this, "send datagram", length, Checksum.of(0, payload, 0, length));
        if (target.getAddress().isMulticastAddress()) {
            transmitToGroup(payload, target);
            return length;
        }
        if (isBroadcast(target.getAddress())) {
            broadcast(payload, target);
            return length;
        }
        Host receiver = network.hostAt(host, target.getAddress());
        if (receiver != null) { // otherwise nothing is known about it, as beyond the first router of every network
            transmit(payload, target, network.route(host, receiver), null);
        }
        return length;
    }

    private void transmit(byte[] payload, InetSocketAddress target, Route way, @Nullable SimDatagram member) {
        int length = payload.length;
        Oracle.Stream drawn = way.isRandom() ? choices() : null;
        if (way.losesDatagram(drawn)) {
            new Packet(payload, target, way, member).captured(host, true, ", lost");
            return;
        }
        long departure = way.departure(network.scheduler().now(), length);
        byte[] arriving = way.suffered(payload, drawn);
        launch(new Packet(arriving, target, way, member), departure + way.latency(drawn));
        if (way.duplicatesDatagram(drawn)) {
            launch(new Packet(arriving, target, way, member), departure + way.latency(drawn));
        }
    }

    // ---- groups and broadcast

    private void transmitToGroup(byte[] payload, InetSocketAddress target) {
        for (Host each : network.hosts()) {
            boolean own = each == host;
            if (own ? !reachesOwnHost && !leavesByLoopback : hops == 0 || leavesByLoopback) {
                continue;
            }
            for (SimDatagram member : each.datagramsOn(target.getPort())) {
                if (member.hears(target.getAddress(), leavesByLoopback)) {
                    transmit(payload, target, network.route(host, each), member);
                }
            }
        }
    }

    private boolean hears(InetAddress group, boolean byLoopback) {
        InetAddress bound = boundAddress().getAddress();
        if (!bound.isAnyLocalAddress() && !bound.equals(group)) {
            return false;
        }
        for (Membership each : memberships) {
            if (each.group.equals(group) && isLoopback(each.networkInterface) == byLoopback) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLoopback(String networkInterface) {
        return networkInterface.equals(LOOPBACK);
    }

    private static boolean isBroadcast(InetAddress address) {
        return address.equals(EVERYBODY) || address.equals(EVERYBODY_HERE);
    }

    private static InetAddress address(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(octets.length + " octets are no address", e);
        }
    }

    private void broadcast(byte[] payload, InetSocketAddress target) throws SocketException {
        if (!mayBroadcast) {
            throw new SocketException("Permission denied");
        }
        boolean hereOnly = target.getAddress().equals(EVERYBODY_HERE);
        for (Host each : network.hosts()) {
            if (each != host && hereOnly) {
                continue;
            }
            for (SimDatagram socket : each.datagramsOn(target.getPort())) {
                InetAddress bound = socket.boundAddress().getAddress();
                if (bound.isAnyLocalAddress() || bound.equals(target.getAddress())) {
                    transmit(payload, target, network.route(host, each), socket);
                }
            }
        }
    }

    @Override
    public void broadcast(boolean allowed) throws IOException {
        checkOpen();
        mayBroadcast = allowed;
    }

    @Override
    public void join(InetAddress group, String networkInterface) throws IOException {
        checkOpen();
        checkInterface(networkInterface);
        memberships.add(new Membership(group, networkInterface));
    }

    @Override
    public void leave(InetAddress group, String networkInterface) throws IOException {
        checkOpen();
        memberships.remove(new Membership(group, networkInterface));
    }

    @Override
    public void multicastInterface(String name) throws IOException {
        checkOpen();
        checkInterface(name);
        leavesByLoopback = isLoopback(name);
    }

    private static void checkInterface(String name) throws SocketException {
        if (!name.isEmpty() && !name.equals(NETWORK) && !isLoopback(name)) {
            throw new SocketException("No such interface: " + name);
        }
    }

    @Override
    public void multicastTtl(int value) throws IOException {
        checkOpen();
        hops = value;
    }

    @Override
    public void multicastLoopback(boolean enabled) throws IOException {
        checkOpen();
        reachesOwnHost = enabled;
    }

    private void launch(Packet packet, long arrival) {
        network.scheduler().at(packet, arrival);
    }

    private Oracle.Stream choices() {
        Oracle.Stream opened = choices;
        if (opened == null) {
            opened = network.oracle().stream("datagram", name());
            choices = opened;
        }
        return opened;
    }

    private void accept(Packet packet) {
        InetSocketAddress fixed = peer;
        boolean wanted = fixed == null || fixed.equals(packet.sender);
        if (!wanted || receivedBytes + packet.payload.length > RECEIVE_CAPACITY) {
            network.record(this, "datagram dropped", packet.payload.length, 0);
            return;
        }
        received.add(packet);
        receivedBytes += packet.payload.length;
        network.record(this, "receive datagram", packet.payload.length, 0);
        changed();
    }

    private void portUnreachable(InetSocketAddress target) {
        if (isOpen() && target.equals(peer)) {
            unreachable = true;
            changed();
        }
    }

    @Override
    public void close() {
        if (markClosed()) {
            received.clear();
        }
    }

    @Override
    int readiness() {
        return WRITE | (received.isEmpty() && !unreachable ? 0 : READ);
    }

    @Override
    String describe() {
        return name() + "  " + host.text(boundAddress()) + (received.isEmpty() ? "" : "  unread " + received.size())
                + (isHeldByTest() ? "  (the test's)" : "");
    }

    /** One datagram on its way; the task is its arrival. */
    private final class Packet extends SimTask {
        private final byte[] payload;
        private final InetSocketAddress target;
        private final InetSocketAddress sender;
        private final Route way;
        /** Who receives it, if it was sent to several. */
        private final @Nullable SimDatagram member;

        Packet(byte[] payload, InetSocketAddress target, Route way, @Nullable SimDatagram member) {
            this.payload = payload;
            this.target = target;
            this.way = way;
            this.member = member;
            this.sender = senderAddress();
        }

        private InetSocketAddress senderAddress() {
            InetSocketAddress local = boundAddress();
            return local.getAddress().isAnyLocalAddress()
                    ? new InetSocketAddress(host.addressLike(target.getAddress()), local.getPort())
                    : local;
        }

        int copyTo(ByteBuffer buffer) {
            int count = Math.min(payload.length, buffer.remaining());
            buffer.put(payload, 0, count);
            return count;
        }

        private void captured(Host seenAt, boolean outbound, String what) {
            NetworkCapture capture = network.capture();
            if (capture != null) {
                capture.datagram(seenAt, outbound, sender, target, payload, SimDatagram.this, what);
            }
        }

        @Override
        protected void run() {
            if (way.isBlocked()) {
                way.counts().blocked++;
                captured(host, true, ", lost on a blocked link");
                return;
            }
            captured(way.to(), false, "");
            SimDatagram receiver = member != null ? member : way.to().datagramFor(target);
            if (member != null && !member.isOpen()) {
                return;
            }
            if (receiver != null) {
                receiver.accept(this);
            } else {
                portUnreachable(target);
            }
        }

        @Override
        public String describe() {
            return SimDatagram.this.name() + ": datagram to " + network.text(target);
        }
    }
}
