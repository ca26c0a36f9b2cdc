package dev.meerkat.internal.nio;

import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import dev.meerkat.runtime.Transport;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The transport on the JDK's channels: one {@link NioHandle} per socket, and a {@link Watch} that knows which are
 * ready.
 *
 * <p>A socket starts without interest in anything, but for a connecting stream, which is interested in
 * {@link Handle#CONNECT}.
 *
 * <p>An interrupted thread does not wait: {@link #poll} returns at once and leaves the interrupt status as it is,
 * because it belongs to whoever drives the loop. Sockets work on.
 */
public final class NioTransport implements Transport {
    private final Watch watch;
    private final Set<Capability> capabilities;
    private final ByteBuffer oneByte = ByteBuffer.allocateDirect(1);
    private final Set<Closeable> socketFiles = new LinkedHashSet<>();
    /** How many there have been, until that makes no difference any more. */
    private int sockets;

    private NioTransport(Watch watch) {
        this.watch = watch;
        Set<Capability> all = EnumSet.copyOf(Ability.CAPABILITIES);
        if (!watch.canWait()) {
            all.remove(Capability.BLOCKING_POLL);
        }
        this.capabilities = Collections.unmodifiableSet(all);
    }

    /**
     * Opens a transport.
     *
     * @return a new transport without sockets
     * @throws IOException if the system is out of descriptors
     */
    public static NioTransport open() throws IOException {
        NioTransport made = new NioTransport(new SelectorWatch(Selector.open()));
        FirstUses.soon();
        return made;
    }

    /** A transport whose sockets somebody else watches. */
    static NioTransport watchedBy(Watch watch) {
        return new NioTransport(watch);
    }

    Watch watch() {
        return watch;
    }

    @Override
    public void poll(long waitNanos, ReadySink target) throws IOException {
        watch.poll(waitNanos, target);
    }

    @Override
    public void wake() {
        watch.wake();
    }

    @Override
    public StreamHandle connect(SocketAddress remote, SocketOptions options) throws IOException {
        if (remote instanceof UnixDomainSocketAddress path) {
            return UnixSockets.connect(this, path, options);
        }
        return opened(SocketChannel.open(), channel -> {
            setUpNew(channel, options);
            boolean connected = channel.connect(remote);
            return watched(
                    new NioStream(this, channel, Handle.CONNECT),
                    connected ? SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT);
        });
    }

    /**
     * Makes a handle of what a listener accepted. Closes the channel if that fails.
     *
     * @param inherits whether the listener came from elsewhere and may have passed options on
     */
    StreamHandle accepted(SocketChannel accepted, SocketOptions options, boolean inherits) throws IOException {
        boolean done = false;
        try { // no lambda on the way of every server, decision 0067
            if (inherits) {
                setUp(accepted, options);
            } else {
                setUpNew(accepted, options);
            }
            StreamHandle handle = watched(new NioStream(this, accepted, 0));
            done = true;
            return handle;
        } finally {
            if (!done) {
                accepted.close();
            }
        }
    }

    @Override
    public ListenerHandle listen(SocketAddress local, SocketOptions options) throws IOException {
        if (local instanceof UnixDomainSocketAddress path) {
            return UnixSockets.listen(this, path, options);
        }
        ServerSocketChannel channel = ServerSocketChannel.open();
        boolean done = false;
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, options.reuseAddress());
            sharePort(channel, options);
            // Accepted streams inherit this one, and only before the handshake does it still shape the TCP window.
            receiveBuffer(channel, options);
            channel.bind(local, options.backlog());
            ListenerHandle handle = watched(new NioListener(this, channel, options, false));
            done = true;
            return handle;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>SO_REUSEADDR is left alone. For datagrams it means something else: a second socket could take the port away
     * from the first without either noticing.
     */
    @Override
    public DatagramHandle datagram(SocketAddress local, SocketOptions options) throws IOException {
        return opened(openDatagram(local), channel -> {
            channel.configureBlocking(false);
            sharePort(channel, options);
            receiveBuffer(channel, options);
            sendBuffer(channel, options);
            channel.bind(local);
            return watched(new NioDatagram(this, channel));
        });
    }

    /** For an IPv4 address an IPv4 socket: options of multicast mean the family that the socket has. */
    private static DatagramChannel openDatagram(SocketAddress local) throws IOException {
        boolean ipv4 = local instanceof InetSocketAddress inet
                && inet.getAddress() instanceof Inet4Address address
                && !address.isAnyLocalAddress();
        return ipv4 ? DatagramChannel.open(StandardProtocolFamily.INET) : DatagramChannel.open();
    }

    private <H extends NioHandle> H watched(H handle) throws IOException {
        return watched(handle, 0);
    }

    <H extends NioHandle> H watched(H handle, int ops) throws IOException {
        if (sockets < FirstUses.SOCKETS && ++sockets == FirstUses.SOCKETS) {
            FirstUses.now();
        }
        watch.add(handle, ops);
        return handle;
    }

    /** Room for a byte that nobody will miss. */
    ByteBuffer oneByte() {
        return oneByte;
    }

    /** What is to be removed before the sockets are closed, if nobody has done it by then. */
    Set<Closeable> socketFiles() {
        return socketFiles;
    }

    @Override
    public StreamHandle adopt(SocketChannel channel, SocketOptions options) throws IOException {
        return Adoption.stream(this, channel, options);
    }

    @Override
    public ListenerHandle adopt(ServerSocketChannel channel, SocketOptions options) throws IOException {
        return Adoption.listener(this, channel, options);
    }

    @Override
    public DatagramHandle adopt(DatagramChannel channel, SocketOptions options) throws IOException {
        return Adoption.datagram(this, channel, options);
    }

    @Override
    public @Nullable ListenerHandle inherited(SocketOptions options) throws IOException {
        return Adoption.inherited(this, options);
    }

    /** What is left to do after a channel was opened: set up, bind or connect, register. */
    interface Opening<C, H> {
        H handle(C channel) throws IOException;
    }

    /** Answers a handle that is being watched, or closes the channel if it does not come to that. */
    static <C extends Channel, H extends NioHandle> H opened(C channel, Opening<C, H> opening) throws IOException {
        boolean done = false;
        try {
            H handle = opening.handle(channel);
            done = true;
            return handle;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    static void setUp(SocketChannel channel, SocketOptions options) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, options.noDelay());
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, options.keepAlive());
        receiveBuffer(channel, options);
        sendBuffer(channel, options);
    }

    /** As {@link #setUp} for a socket of our own, which has both switches off: that saves a call for each. */
    private static void setUpNew(SocketChannel channel, SocketOptions options) throws IOException {
        channel.configureBlocking(false);
        if (options.noDelay()) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        if (options.keepAlive()) {
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        }
        receiveBuffer(channel, options);
        sendBuffer(channel, options);
    }

    static void receiveBuffer(NetworkChannel channel, SocketOptions options) throws IOException {
        if (options.receiveBufferBytes() > 0) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBufferBytes());
        }
    }

    static void sendBuffer(NetworkChannel channel, SocketOptions options) throws IOException {
        if (options.sendBufferBytes() > 0) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, options.sendBufferBytes());
        }
    }

    /** Throws an {@link UnsupportedOperationException} where the system has no such option. */
    private static void sharePort(NetworkChannel channel, SocketOptions options) throws IOException {
        if (options.reusePort()) {
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        }
    }

    /** {@inheritDoc} Direct, because the JDK copies anything else before it goes to the kernel. */
    @Override
    public ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public boolean spreadsPort() {
        return capabilities.contains(Capability.REUSE_PORT) && SharedPortProbe.spreads();
    }

    /** What the system can do. It takes a socket to find out, hence only those are asked that may not be able to. */
    private static final class Ability {
        static final Set<Capability> CAPABILITIES = ask();

        private static Set<Capability> ask() {
            Set<Capability> all = EnumSet.allOf(Capability.class);
            if (File.separatorChar != '/') {
                if (!sharesPorts()) {
                    all.remove(Capability.REUSE_PORT);
                }
                if (!opensUnixSockets()) {
                    all.remove(Capability.UNIX);
                }
            }
            return Collections.unmodifiableSet(all);
        }

        /** Windows cannot. */
        private static boolean sharesPorts() {
            try (ServerSocketChannel channel = ServerSocketChannel.open()) {
                return channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT);
            } catch (IOException noSocket) {
                return false;
            }
        }

        /** Older Windows has none. A JDK that opens one loads its security providers, so others are not asked. */
        private static boolean opensUnixSockets() {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                return channel.isOpen();
            } catch (IOException | UnsupportedOperationException noSuchSockets) {
                return false;
            }
        }
    }

    @Override
    public void close() throws IOException {
        List<Closeable> closing = new ArrayList<>(socketFiles); // first: as long as the sockets are open, they are ours
        socketFiles.clear();
        closing.addAll(watch.end());
        IOException failure = null;
        for (Closeable each : closing) {
            try {
                each.close();
            } catch (IOException thrown) {
                if (failure == null) {
                    failure = thrown;
                } else {
                    failure.addSuppressed(thrown);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
