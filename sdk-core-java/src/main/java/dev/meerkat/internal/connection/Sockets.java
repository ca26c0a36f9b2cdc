package dev.meerkat.internal.connection;

import dev.meerkat.Address;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.ListenOptions;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.runtime.Handle;
import dev.meerkat.runtime.SocketOptions;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;

/** What connection and acceptor both need of sockets. */
final class Sockets {
    private Sockets() {}

    static SocketOptions options(ConnectionOptions options) {
        return new SocketOptions(
                options.noDelay(),
                options.keepAlive(),
                options.receiveBufferBytes(),
                options.sendBufferBytes(),
                1,
                false,
                false);
    }

    static SocketOptions options(ListenOptions options) {
        ConnectionOptions each = options.connection();
        return new SocketOptions(
                each.noDelay(),
                each.keepAlive(),
                each.receiveBufferBytes(),
                each.sendBufferBytes(),
                options.backlog(),
                options.reuseAddress(),
                options.reusePort(),
                options.socketFilePermissions());
    }

    /** The address of a Unix domain socket. */
    static UnixDomainSocketAddress unix(Address address) {
        try {
            return UnixDomainSocketAddress.of(address.path());
        } catch (InvalidPathException e) {
            throw new MalformedAddressException(
                    "address \"" + address + "\": this system has no such paths: " + e.getReason());
        }
    }

    static String text(UnixDomainSocketAddress address) {
        return "unix:" + address;
    }

    /** The address as people write it, without looking anything up. */
    static String text(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        return ip == null ? address.getHostString() + ":" + address.getPort() : text(ip, address.getPort());
    }

    static String text(InetAddress ip, int port) {
        String host = ip.getHostAddress();
        return (ip instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port;
    }

    /** Closes; a failure to close is of no use to anybody, since the handle is closed all the same. */
    static void closeQuietly(Handle handle) {
        handle.attach(null);
        try {
            handle.close();
        } catch (IOException ignored) {
            // closed all the same
        }
    }

    /** Resets; see {@link #closeQuietly}. */
    static void abortQuietly(StreamHandle handle) {
        handle.attach(null);
        try {
            handle.abort();
        } catch (IOException ignored) {
            // closed all the same
        }
    }
}
