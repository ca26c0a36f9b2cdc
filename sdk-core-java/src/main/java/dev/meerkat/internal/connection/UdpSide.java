package dev.meerkat.internal.connection;

import dev.meerkat.Address;
import dev.meerkat.ListenException;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.NotAdoptableException;
import dev.meerkat.UdpHandler;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.runtime.DatagramHandle;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes UDP sockets, and knows those that live. */
final class UdpSide {
    private final RealEventManager manager;
    private final long tickNanos;
    private @Nullable Ticker ticker;
    private final Set<RealUdpSocket> sockets = new LinkedHashSet<>();

    UdpSide(RealEventManager manager, long tickNanos) {
        this.manager = manager;
        this.tickNanos = tickNanos;
    }

    int size() {
        return sockets.size();
    }

    List<UdpSocket> all() {
        return List.copyOf(sockets);
    }

    Ticker ticker() {
        Ticker present = ticker;
        if (present == null) {
            present = new Ticker(
                    manager.loop(), tickNanos, all -> List.copyOf(sockets).forEach(RealUdpSocket::tick));
            ticker = present;
        }
        return present;
    }

    UdpSocket listen(String text, UdpOptions options, UdpHandler handler) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(handler, "handler");
        InetSocketAddress local = localAddress(text);
        manager.requireRoom("not listening on " + text);
        try {
            RealUdpSocket socket = new RealUdpSocket(manager, manager.nextId(), options, handler);
            socket.bound(open(local, options));
            sockets.add(socket);
            return socket;
        } catch (IOException e) {
            throw new ListenException("cannot listen on " + text + ": " + e.getMessage(), e);
        } catch (UnsupportedAddressTypeException e) {
            String message = "cannot listen on " + text + ": this host has no addresses of that family";
            throw new ListenException(message, new IOException(e));
        } catch (UnsupportedOperationException e) {
            String message = "cannot listen on " + text + ": this system cannot do what the options ask for";
            throw new ListenException(message, new IOException(e));
        }
    }

    UdpSocket connect(String text, UdpOptions options, UdpHandler handler) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(handler, "handler");
        Address address = parse(text);
        if (address.isWildcard() || address.port() == 0) {
            throw new MalformedAddressException("\"" + text + "\": cannot connect to "
                    + (address.port() == 0 ? "port 0" : "every interface") + "; expected host:port");
        }
        manager.requireRoom("not connected to " + text);
        RealUdpSocket socket = new RealUdpSocket(manager, manager.nextId(), options, handler);
        sockets.add(socket);
        socket.connect(address);
        return socket;
    }

    UdpSocket adopt(DatagramChannel channel, UdpOptions options, UdpHandler handler) {
        Objects.requireNonNull(channel, "channel");
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(handler, "handler");
        manager.requireRoom("not adopted: " + channel);
        try {
            DatagramHandle handle = manager.runtime().transport().adopt(channel, asked(options));
            RealUdpSocket socket = new RealUdpSocket(manager, manager.nextId(), options, handler);
            socket.adopted(handle, (InetSocketAddress) handle.connectedTo());
            sockets.add(socket);
            return socket;
        } catch (IllegalArgumentException | IOException e) {
            throw new NotAdoptableException("cannot adopt " + channel + ": " + e.getMessage(), e);
        }
    }

    private static SocketOptions asked(UdpOptions options) {
        return new SocketOptions(
                true, true, options.receiveBufferBytes(), options.sendBufferBytes(), 1, false, options.reusePort());
    }

    /** Opens a socket as the options say. */
    DatagramHandle open(InetSocketAddress local, UdpOptions options) throws IOException {
        DatagramHandle handle = manager.runtime().transport().datagram(local, asked(options));
        boolean done = false;
        try {
            setUp(handle, options);
            done = true;
            return handle;
        } finally {
            if (!done) {
                Sockets.closeQuietly(handle);
            }
        }
    }

    /** Nothing is asked for that is the default anyway: not every transport knows groups. */
    private static void setUp(DatagramHandle handle, UdpOptions options) throws IOException {
        UdpOptions ordinary = UdpOptions.DEFAULT;
        if (options.broadcast()) {
            handle.broadcast(true);
        }
        if (!options.multicastInterface().isEmpty()) {
            handle.multicastInterface(options.multicastInterface());
        }
        if (options.multicastTtl() != ordinary.multicastTtl()) {
            handle.multicastTtl(options.multicastTtl());
        }
        if (options.multicastLoopback() != ordinary.multicastLoopback()) {
            handle.multicastLoopback(options.multicastLoopback());
        }
    }

    void ended(UdpLife socket) {
        sockets.remove(socket);
        manager.listening().roomAgain();
    }

    /** The manager closes. */
    void endWithManager() {
        List.copyOf(sockets).forEach(RealUdpSocket::endWithManager);
    }

    private static Address parse(String text) {
        Address address = Address.parse(text);
        boolean named = text.contains("://") || address.isUnix();
        return named ? address.requireScheme("udp") : new Address("udp", address.host(), address.port());
    }

    private static InetSocketAddress localAddress(String text) {
        Address address = parse(text);
        if (address.isWildcard()) {
            return new InetSocketAddress(address.port());
        }
        if (address.host().equals("localhost")) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), address.port());
        }
        InetAddress ip = address.literal()
                .orElseThrow(() -> new MalformedAddressException("\"" + text + "\": cannot listen on the name \""
                        + address.host() + "\"; expected an IP address of this host, or none for all of them"));
        return new InetSocketAddress(ip, address.port());
    }
}
