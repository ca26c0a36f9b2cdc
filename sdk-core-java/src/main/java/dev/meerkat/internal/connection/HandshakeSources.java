package dev.meerkat.internal.connection;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * From where the connections come that an acceptor has in their handshake, so that nobody takes all the places. Of IPv6
 * the first 64 bits count: whoever has one address there has them all (RFC 4291 §2.5.4).
 */
final class HandshakeSources {
    private final int most;
    private final Map<Object, Integer> counts = new HashMap<>();
    private final IdentityHashMap<RealConnection, Object> sources = new IdentityHashMap<>();

    HandshakeSources(int most) {
        this.most = most;
    }

    private static Object source(InetAddress address) {
        return address instanceof Inet6Address six
                ? (Object) ByteBuffer.wrap(six.getAddress()).getLong()
                : address;
    }

    /** Whether one more would be too many. Sockets of the file system have no source. */
    boolean isFull(SocketAddress remote) {
        return remote instanceof InetSocketAddress inet && counts.getOrDefault(source(inet.getAddress()), 0) >= most;
    }

    void begins(RealConnection connection, SocketAddress remote) {
        if (remote instanceof InetSocketAddress inet) {
            Object source = source(inet.getAddress());
            sources.put(connection, source);
            counts.merge(source, 1, Integer::sum);
        }
    }

    void over(RealConnection connection) {
        Object source = sources.remove(connection);
        if (source != null) {
            counts.computeIfPresent(source, (any, count) -> count == 1 ? null : count - 1);
        }
    }
}
