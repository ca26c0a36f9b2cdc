package dev.meerkat.internal.nio;

import dev.meerkat.runtime.DatagramHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.nio.channels.NotYetConnectedException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A datagram socket: a {@link DatagramChannel} in non-blocking mode. */
final class NioDatagram extends NioHandle implements DatagramHandle {
    /** A group as it was asked for. */
    private record Membership(InetAddress group, String networkInterface) {}

    /** Whose datagrams count, if the kernel may have let others in. */
    private @Nullable SocketAddress onlySender;

    private final Map<Membership, MembershipKey> memberships = new HashMap<>(2);

    NioDatagram(NioTransport transport, DatagramChannel channel) {
        super(transport, channel, 0);
    }

    @Override
    DatagramChannel channel() {
        return (DatagramChannel) super.channel();
    }

    @Override
    public @Nullable SocketAddress receive(ByteBuffer target) throws IOException {
        int start = target.position();
        SocketAddress sender = channel().receive(target);
        SocketAddress only = onlySender;
        if (only != null) {
            while (sender != null && !sender.equals(only)) {
                sender = channel().receive(target.position(start));
            }
        }
        return sender;
    }

    @Override
    public int send(ByteBuffer source, SocketAddress target) throws IOException {
        return channel().send(source, target);
    }

    @Override
    public void connect(SocketAddress remote) throws IOException {
        channel().connect(remote);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        if (!source.hasRemaining()) {
            writeEmpty();
            return 0;
        }
        return channel().write(source);
    }

    /**
     * The JDK takes an empty write to a connected socket for nothing to do, yet sends an empty datagram from one that
     * is not connected. What strangers send in between is thrown away by {@link #receive}.
     */
    private void writeEmpty() throws IOException {
        SocketAddress remote = channel().getRemoteAddress();
        if (remote == null) {
            throw new NotYetConnectedException();
        }
        onlySender = remote;
        channel().disconnect();
        try {
            channel().send(ByteBuffer.allocate(0), remote);
        } finally {
            channel().connect(remote);
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return channel().read(target);
    }

    @Override
    public void broadcast(boolean allowed) throws IOException {
        channel().setOption(StandardSocketOptions.SO_BROADCAST, allowed);
    }

    @Override
    public void join(InetAddress group, String networkInterface) throws IOException {
        Membership wanted = new Membership(group, networkInterface);
        if (!memberships.containsKey(wanted)) {
            NetworkInterface where = networkInterface.isEmpty()
                    ? NetworkInterfaces.forMulticast()
                    : NetworkInterfaces.named(networkInterface);
            try {
                memberships.put(wanted, channel().join(group, where));
            } catch (IllegalArgumentException e) { // the socket or the interface is of the other family
                throw new SocketException(e.getMessage());
            }
        }
    }

    @Override
    public void leave(InetAddress group, String networkInterface) {
        MembershipKey key = memberships.remove(new Membership(group, networkInterface));
        if (key != null) {
            key.drop();
        }
    }

    @Override
    public void multicastInterface(String name) throws IOException {
        channel().setOption(StandardSocketOptions.IP_MULTICAST_IF, NetworkInterfaces.named(name));
    }

    @Override
    public void multicastTtl(int hops) throws IOException {
        channel().setOption(StandardSocketOptions.IP_MULTICAST_TTL, hops);
    }

    @Override
    public void multicastLoopback(boolean enabled) throws IOException {
        channel().setOption(StandardSocketOptions.IP_MULTICAST_LOOP, enabled);
    }

    @Override
    public @Nullable SocketAddress connectedTo() throws IOException {
        return channel().getRemoteAddress();
    }

    @Override
    public SocketAddress localAddress() throws IOException {
        return channel().getLocalAddress();
    }

    @Override
    public void close() throws IOException {
        if (isOpen()) {
            closeChannel();
            transport.watch().releaseNow();
        }
    }
}
