package dev.meerkat.internal.connection;

import dev.meerkat.Address;
import dev.meerkat.ConnectOptions;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionState;
import dev.meerkat.Handler;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.NotAdoptableException;
import dev.meerkat.internal.httpclient.ClientStage;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Objects;

/** Where a manager's outbound connections begin: by an address, or from a channel that somebody else has made. */
final class Outgoing {
    private final RealEventManager manager;

    Outgoing(RealEventManager manager) {
        this.manager = manager;
    }

    Connection connect(String text, ConnectOptions connectOptions, Handler handler) {
        manager.checkThread("EventManager.connect");
        Objects.requireNonNull(handler, "handler");
        manager.requireOpen("connect");
        Address address = Address.parse(text).requireScheme("tcp", "tls", "unix", "http", "https");
        if (!address.isUnix() && (address.isWildcard() || address.port() == 0)) {
            throw new MalformedAddressException("\"" + text + "\": cannot connect to "
                    + (address.port() == 0 ? "port 0" : "every interface") + "; expected host:port");
        }
        if (address.scheme().startsWith("http")) {
            return connectHttp(address, connectOptions, handler);
        }
        manager.requireRoom("not connected to " + text);
        if (address.isUnix()) {
            UnixDomainSocketAddress path = Sockets.unix(address);
            RealConnection connection = newOutbound(handler, connectOptions, ConnectionState.CONNECTING, text);
            Lifecycle life = connection.life();
            life.connectWith(new UnixConnector(life, manager, path, connectOptions), path);
            return connection;
        }
        boolean named = address.literal().isEmpty();
        ConnectionState state = named ? ConnectionState.RESOLVING : ConnectionState.CONNECTING;
        RealConnection connection = newOutbound(handler, connectOptions, state, text);
        InetSocketAddress target = named
                ? InetSocketAddress.createUnresolved(address.host(), address.port())
                : new InetSocketAddress(address.literal().get(), address.port());
        if (address.scheme().equals("tls")) {
            connection
                    .life()
                    .secureWith(Securing.client(manager, connectOptions.tls(), address.host(), address.port()));
        }
        connection.life().connectWith(new Connector(connection, manager, address, connectOptions), target);
        return connection;
    }

    private Connection connectHttp(Address address, ConnectOptions connectOptions, Handler handler) {
        if (connectOptions.blocking() != null) {
            throw new IllegalArgumentException("cannot connect to " + address
                    + " in blocking code: HTTP is made of events; use tcp:// or HttpClient");
        }
        boolean secure = address.scheme().equals("https");
        Address below = new Address(secure ? "tls" : "tcp", address.host(), address.port());
        return connect(below.toString(), connectOptions, ClientStage.handler(address, handler));
    }

    Connection adopt(SocketChannel channel, ConnectOptions connectOptions, Handler handler) {
        manager.checkThread("EventManager.adopt");
        Objects.requireNonNull(channel, "channel");
        Objects.requireNonNull(handler, "handler");
        manager.requireOpen("adopt");
        Securing how = connectOptions.hasTls() ? Securing.adopted(manager, connectOptions.tls(), channel) : null;
        manager.requireRoom("not adopted: " + channel);
        try {
            StreamHandle handle =
                    manager.runtime().transport().adopt(channel, Sockets.options(connectOptions.connection()));
            RealConnection connection =
                    newOutbound(handler, connectOptions, ConnectionState.CONNECTING, channel.toString());
            Lifecycle life = connection.life();
            if (how != null) {
                life.secureWith(how);
            }
            life.connectWith(new AdoptedStream(life, manager, handle), handle.remoteAddress());
            return connection;
        } catch (IllegalArgumentException | IOException e) {
            throw new NotAdoptableException("cannot adopt " + channel + ": " + e.getMessage(), e);
        }
    }

    private RealConnection newOutbound(
            Handler handler, ConnectOptions connectOptions, ConnectionState state, String text) {
        return connectOptions.blocking() == null
                ? manager.newConnection(handler, connectOptions.connection(), null, state)
                : manager.blocking().outbound(handler, connectOptions, connectOptions.blocking(), state, text);
    }
}
