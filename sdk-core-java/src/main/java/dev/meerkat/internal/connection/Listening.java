package dev.meerkat.internal.connection;

import dev.meerkat.Acceptor;
import dev.meerkat.Address;
import dev.meerkat.Handler;
import dev.meerkat.ListenException;
import dev.meerkat.ListenOptions;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.NotAdoptableException;
import dev.meerkat.internal.http.ServerProtocol;
import dev.meerkat.runtime.ListenerHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Where a manager listens: its acceptors, from whatever they were made. Loop thread only. */
final class Listening {
    /** A WebSocket begins as a request of HTTP (RFC 6455 §1.7). */
    private static final List<String> SPEAKING_HTTP = List.of("http", "https", "ws", "wss");

    private final RealEventManager manager;
    private final List<RealAcceptor> acceptors = new ArrayList<>();

    Listening(RealEventManager manager) {
        this.manager = manager;
    }

    Acceptor listen(String address, ListenOptions listenOptions, Handler handler) {
        manager.checkThread("EventManager.listen");
        Objects.requireNonNull(handler, "handler");
        manager.requireListening("listen");
        SocketAddress local = localAddress(address);
        Securing.requireMatch(address, listenOptions);
        Handler speaking = speaking(address, listenOptions, handler);
        ListenerHandle handle = openListener(address, local, listenOptions);
        try {
            return newAcceptor(handle, listenOptions, speaking);
        } catch (IOException e) {
            throw new ListenException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /** The protocol that the scheme names stands around a handler that does not speak it itself. */
    static Handler speaking(String address, ListenOptions listenOptions, Handler handler) {
        String scheme = Address.parse(address).scheme();
        if (!SPEAKING_HTTP.contains(scheme)) {
            return handler;
        }
        if (listenOptions.blocking() != null) {
            throw new IllegalArgumentException("cannot listen on " + address
                    + " with ListenOptions.blocking: handlers of HTTP are called on the loop thread");
        }
        return ServerProtocol.isSpokenBy(handler) ? handler : ServerProtocol.handler(handler);
    }

    /** For a group: who listens hands over, see {@link HandOver}. */
    ListenerHandle openListener(String address, ListenOptions listenOptions) {
        manager.requireListening("listen");
        SocketAddress local = localAddress(address);
        Securing.requireMatch(address, listenOptions);
        return openListener(address, local, listenOptions);
    }

    /** For a group: who is handed over to. */
    Acceptor acceptFrom(FedListener listener, ListenOptions listenOptions, Handler handler) throws IOException {
        manager.requireListening("listen");
        return newAcceptor(listener, listenOptions, handler);
    }

    private ListenerHandle openListener(String address, SocketAddress local, ListenOptions listenOptions) {
        try {
            return manager.runtime().transport().listen(local, Sockets.options(listenOptions));
        } catch (IOException e) {
            throw new ListenException("cannot listen on " + address + ": " + e.getMessage(), e);
        } catch (UnsupportedAddressTypeException | UnsupportedOperationException e) {
            String message = "cannot listen on " + address + ": this host has no addresses of that family";
            throw new ListenException(message, new IOException(e));
        }
    }

    Acceptor adopt(ServerSocketChannel channel, ListenOptions listenOptions, Handler handler) {
        manager.checkThread("EventManager.adopt");
        Objects.requireNonNull(channel, "channel");
        Objects.requireNonNull(handler, "handler");
        manager.requireListening("adopt");
        try {
            ListenerHandle handle = manager.runtime().transport().adopt(channel, Sockets.options(listenOptions));
            return newAcceptor(handle, listenOptions, handler);
        } catch (IllegalArgumentException | IOException e) {
            throw new NotAdoptableException("cannot adopt " + channel + ": " + e.getMessage(), e);
        }
    }

    Optional<Acceptor> adoptInherited(ListenOptions listenOptions, Handler handler) {
        manager.checkThread("EventManager.adoptInherited");
        Objects.requireNonNull(handler, "handler");
        manager.requireListening("adoptInherited");
        try {
            ListenerHandle handle = manager.runtime().transport().inherited(Sockets.options(listenOptions));
            return handle == null ? Optional.empty() : Optional.of(newAcceptor(handle, listenOptions, handler));
        } catch (IllegalArgumentException | IOException e) {
            throw new NotAdoptableException("cannot adopt the inherited socket: " + e.getMessage(), e);
        }
    }

    private RealAcceptor newAcceptor(ListenerHandle handle, ListenOptions listenOptions, Handler handler)
            throws IOException {
        RealAcceptor acceptor = new RealAcceptor(manager, handle, handle.localAddress(), listenOptions, handler);
        acceptors.add(acceptor);
        return acceptor;
    }

    private static SocketAddress localAddress(String text) {
        Address address = Address.parse(text).requireScheme("tcp", "tls", "unix", "http", "https", "ws", "wss");
        if (address.isUnix()) {
            return Sockets.unix(address);
        }
        if (address.isWildcard()) {
            return new InetSocketAddress(address.port());
        }
        if (address.host().equals("localhost")) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), address.port());
        }
        Optional<InetAddress> ip = address.literal();
        if (ip.isEmpty()) {
            throw new MalformedAddressException("\"" + text + "\": cannot listen on the name \"" + address.host()
                    + "\"; expected an IP address of this host, or none for all of them");
        }
        return new InetSocketAddress(ip.get(), address.port());
    }

    /** Something that counts against the limit has ended. */
    void roomAgain() {
        for (int i = 0; i < acceptors.size(); i++) {
            acceptors.get(i).roomAgain();
        }
    }

    void closed(RealAcceptor acceptor) {
        acceptors.remove(acceptor);
    }

    int count() {
        return acceptors.size();
    }

    /** Accepts nothing more; what was handed over already is served. */
    void endInOrder() {
        for (RealAcceptor acceptor : List.copyOf(acceptors)) {
            acceptor.closeInOrder();
        }
    }

    void close() {
        for (RealAcceptor acceptor : List.copyOf(acceptors)) {
            acceptor.closeHere();
        }
    }
}
