package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A virtual host: a name, an IPv4 and an IPv6 address, ports, sockets. */
public final class Host extends Entity {
    /** The end that connected has no path. */
    private static final UnixDomainSocketAddress UNNAMED = UnixDomainSocketAddress.of("");

    private final Network network;
    private final InetAddress ipv4;
    private final InetAddress ipv6;
    private final PortTable<SimListener> tcp;
    private final PortTable<SimDatagram> udp;
    private final SocketFiles files = new SocketFiles();
    private final Set<SimHandle> open = new LinkedHashSet<>();
    private final Map<Integer, Route> routes = new HashMap<>();
    private final int index;
    private int descriptorLimit = Integer.MAX_VALUE;
    private long streams;
    private long listeners;
    private long datagrams;
    private long managers;
    private boolean down;

    Host(Network network, String name, int index, InetAddress ipv4, InetAddress ipv6) {
        super(network.nextEntity(), "", name, 0);
        this.network = network;
        this.index = index;
        this.tcp = new PortTable<>(network.oracle().stream("shared port", name + " tcp"));
        this.udp = new PortTable<>(network.oracle().stream("shared port", name + " udp"));
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    Network network() {
        return network;
    }

    int index() {
        return index;
    }

    /** The routes from here, by the index of the host they lead to. */
    Map<Integer, Route> routes() {
        return routes;
    }

    /**
     * The IPv4 address.
     *
     * @return the address, which bears the host's name
     */
    public InetAddress ipv4() {
        return ipv4;
    }

    /**
     * The IPv6 address.
     *
     * @return the address, which bears the host's name
     */
    public InetAddress ipv6() {
        return ipv6;
    }

    InetAddress addressLike(InetAddress other) {
        return other.isLoopbackAddress() ? other : other instanceof Inet6Address ? ipv6 : ipv4;
    }

    // ---- sockets

    /**
     * Begins to connect.
     *
     * @param remote whom to connect to
     * @param options how to set the socket up
     * @param transport who watches it, or null if a test does
     * @return the new stream, connecting
     * @throws IOException if the attempt fails at once
     */
    public SimStream connect(SocketAddress remote, SocketOptions options, @Nullable SimTransport transport)
            throws IOException {
        if (remote instanceof UnixDomainSocketAddress path) {
            checkDescriptors(0);
            SimListener listener = files.listener(path);
            SimStream stream = new SimStream(this, UNNAMED, path, options);
            stream.watchedBy(transport);
            stream.connectUnix(listener);
            return stream;
        }
        InetSocketAddress target = inet(remote);
        if (target.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        checkDescriptors(0);
        InetAddress to = target.getAddress();
        if (to.isAnyLocalAddress()) {
            target = new InetSocketAddress(InetAddress.getLoopbackAddress(), target.getPort());
            to = target.getAddress();
        }
        InetSocketAddress local = new InetSocketAddress(addressLike(to), tcp.takeEphemeral());
        SimStream stream = new SimStream(this, local, target, options);
        stream.watchedBy(transport);
        stream.connect();
        return stream;
    }

    /**
     * Opens a listening socket.
     *
     * @param local where to listen
     * @param options how to set the socket up
     * @param transport who watches it, or null if a test does
     * @return the new listener
     * @throws IOException if the address cannot be bound
     */
    public SimListener listen(SocketAddress local, SocketOptions options, @Nullable SimTransport transport)
            throws IOException {
        if (local instanceof UnixDomainSocketAddress path) {
            return listen(path, options, transport);
        }
        InetSocketAddress address = bindable(local, tcp, options.reusePort());
        SimListener listener = new SimListener(this, address, options);
        listener.watchedBy(transport);
        tcp.bind(listener);
        network.record(listener, "listen", address.getPort(), 0);
        return listener;
    }

    private SimListener listen(UnixDomainSocketAddress path, SocketOptions options, @Nullable SimTransport transport)
            throws IOException {
        checkDescriptors(0);
        SimListener listener = new SimListener(this, path, options);
        listener.watchedBy(transport);
        boolean bound = false;
        try {
            files.bind(path, listener, options);
            bound = true;
        } finally {
            if (!bound) {
                listener.markClosed();
            }
        }
        network.record(listener, "listen", 0, 0);
        return listener;
    }

    /**
     * The files of Unix domain sockets.
     *
     * @return always the same
     */
    public SocketFiles files() {
        return files;
    }

    /**
     * Opens a datagram socket.
     *
     * @param local where to bind
     * @param options how to set the socket up
     * @param transport who watches it, or null if a test does
     * @return the new socket
     * @throws IOException if the address cannot be bound
     */
    public SimDatagram datagram(SocketAddress local, SocketOptions options, @Nullable SimTransport transport)
            throws IOException {
        InetSocketAddress address = bindable(local, udp, options.reusePort());
        SimDatagram socket = new SimDatagram(this, address);
        socket.watchedBy(transport);
        udp.bind(socket);
        network.record(socket, "bind", address.getPort(), 0);
        return socket;
    }

    private InetSocketAddress bindable(SocketAddress local, PortTable<?> ports, boolean shares) throws IOException {
        InetSocketAddress address = inet(local);
        if (address.isUnresolved()) {
            throw new UnresolvedAddressException();
        }
        InetAddress ip = address.getAddress();
        if (!ip.isAnyLocalAddress() && !ip.isLoopbackAddress() && !ip.equals(ipv4) && !ip.equals(ipv6)) {
            throw new BindException("Cannot assign requested address");
        }
        checkDescriptors(0);
        if (address.getPort() == 0) {
            return new InetSocketAddress(ip, ports.takeEphemeral());
        }
        ports.check(address, shares);
        return address;
    }

    static InetSocketAddress inet(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            return inet;
        }
        throw new UnsupportedAddressTypeException();
    }

    @Nullable
    SimListener listenerFor(InetSocketAddress target) {
        return tcp.find(target);
    }

    /** Everybody who is bound to a UDP port. */
    List<SimDatagram> datagramsOn(int port) {
        return udp.all(port);
    }

    @Nullable
    SimDatagram datagramFor(InetSocketAddress target) {
        return udp.find(target);
    }

    void opened(SimHandle handle) {
        open.add(handle);
    }

    void closed(SimHandle handle) {
        open.remove(handle);
        if (handle.isUnix()) {
            return; // no port
        }
        if (handle instanceof SimListener listener) {
            tcp.unbind(listener);
        } else if (handle instanceof SimDatagram socket) {
            udp.unbind(socket);
        } else if (handle instanceof SimStream stream && stream.isInitiator()) {
            tcp.release(handle.boundAddress().getPort());
        }
    }

    /**
     * The open sockets.
     *
     * @return a copy, in the order in which they were opened
     */
    public List<SimHandle> openHandles() {
        return new ArrayList<>(open);
    }

    /** Closes the listeners and datagram sockets that a test holds; its streams close by themselves. */
    public void closeHeldByTest() {
        for (SimHandle handle : openHandles()) {
            if (handle instanceof SimListener listener && listener.isHeldByTest()) {
                listener.close();
            } else if (handle instanceof SimDatagram socket && socket.isHeldByTest()) {
                socket.close();
            }
        }
    }

    // ---- what goes wrong

    /**
     * Limits how many sockets the host may have open.
     *
     * @param limit the most; what goes beyond fails with "Too many open files"
     */
    public void descriptorLimit(int limit) {
        descriptorLimit = limit;
    }

    void checkDescriptors(int notCounted) throws SocketException {
        if (open.size() - notCounted >= descriptorLimit) {
            throw new SocketException("Too many open files");
        }
    }

    /** Has the host vanish: its sockets are gone, nobody is told, nothing reaches it any more. */
    public void vanish() {
        down = true;
        network.record(this, "vanish", 0, 0);
        for (SimHandle handle : openHandles()) {
            if (handle instanceof SimStream stream) {
                stream.vanish();
            } else {
                handle.markClosed();
            }
        }
        network.reachabilityChanged();
    }

    /**
     * Tells whether the host has vanished.
     *
     * @return whether nothing reaches it
     */
    public boolean isDown() {
        return down;
    }

    // ---- names for the trace

    long nextStream() {
        return ++streams;
    }

    long nextListener() {
        return ++listeners;
    }

    long nextDatagram() {
        return ++datagrams;
    }

    long nextManager() {
        return ++managers;
    }

    String text(SocketAddress local) {
        return local instanceof InetSocketAddress inet ? text(inet) : name() + " unix:" + local;
    }

    private String text(InetSocketAddress local) {
        InetAddress ip = local.getAddress();
        String where = ip.isAnyLocalAddress() || ip.isLoopbackAddress() ? name() : local.getHostString();
        return where + ":" + local.getPort();
    }
}
