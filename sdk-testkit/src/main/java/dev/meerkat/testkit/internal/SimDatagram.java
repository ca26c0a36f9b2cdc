package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.DatagramHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A virtual UDP socket: whole datagrams, no promise that they arrive. */
public final class SimDatagram extends SimHandle implements DatagramHandle {
    /** What Linux keeps for a socket (net.core.rmem_default); what comes when it is full is lost. */
    private static final int RECEIVE_CAPACITY = 212_992;

    private final ArrayDeque<Packet> received = new ArrayDeque<>(2);
    private int receivedBytes;
    private @Nullable InetSocketAddress peer;
    private boolean unreachable;
    private Oracle.@Nullable Stream choices;

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
        int length = source.remaining();
        if (length > MAX_PAYLOAD_BYTES) {
            throw new SocketException("Message too long");
        }
        byte[] payload = new byte[length];
        source.get(payload);
        network.record(this, "send datagram", length, Checksum.of(0, payload, 0, length));
        Host receiver = network.hostAt(host, target.getAddress());
        if (receiver == null) {
            return length; // nobody there: nothing is known about it, as with every network beyond the first router
        }
        Route way = network.route(host, receiver);
        Oracle.Stream drawn = way.isRandom() ? choices() : null;
        if (way.losesDatagram(drawn)) {
            new Packet(payload, target, way).captured(host, true, ", lost");
            return length;
        }
        long departure = way.departure(network.scheduler().now(), length);
        launch(new Packet(payload, target, way), departure + way.latency(drawn));
        if (way.duplicatesDatagram(drawn)) {
            launch(new Packet(payload, target, way), departure + way.latency(drawn));
        }
        return length;
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
        private final InetSocketAddress sender = senderAddress();
        private final Route way;

        Packet(byte[] payload, InetSocketAddress target, Route way) {
            this.payload = payload;
            this.target = target;
            this.way = way;
        }

        private InetSocketAddress senderAddress() {
            InetSocketAddress local = boundAddress();
            return local.getAddress().isAnyLocalAddress()
                    ? new InetSocketAddress(host.addressLike(local.getAddress()), local.getPort())
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
            SimDatagram receiver = way.to().datagramFor(target);
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
