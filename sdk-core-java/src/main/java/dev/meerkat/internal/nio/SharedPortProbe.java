package dev.meerkat.internal.nio;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures, once per process, whether the system spreads connections over sockets that share a port. That it has the
 * option says little: on some systems the socket that was bound last is given all of them.
 */
final class SharedPortProbe {
    /** Chance alone brings all of them to the same socket once in half a million times. */
    private static final int CONNECTIONS = 20;

    private SharedPortProbe() {}

    /** Loaded with the first question. */
    private static final class Answer {
        static final boolean SPREADS = measure();
    }

    static boolean spreads() {
        return Answer.SPREADS;
    }

    private static boolean measure() {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        List<SocketChannel> clients = new ArrayList<>();
        try (ServerSocketChannel one = open(new InetSocketAddress(loopback, 0));
                ServerSocketChannel two = open(one.getLocalAddress())) {
            try {
                for (int i = 0; i < CONNECTIONS; i++) {
                    clients.add(SocketChannel.open(one.getLocalAddress()));
                }
                return accepted(one) > 0 && accepted(two) > 0;
            } finally {
                for (SocketChannel client : clients) {
                    client.setOption(StandardSocketOptions.SO_LINGER, 0); // leaves nothing behind in TIME_WAIT
                    client.close();
                }
            }
        } catch (IOException | UnsupportedOperationException no) {
            return false;
        }
    }

    private static ServerSocketChannel open(SocketAddress address) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        boolean bound = false;
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            channel.bind(address, CONNECTIONS);
            bound = true;
            return channel;
        } finally {
            if (!bound) {
                channel.close();
            }
        }
    }

    private static int accepted(ServerSocketChannel listener) throws IOException {
        int count = 0;
        for (SocketChannel each = listener.accept(); each != null; each = listener.accept()) {
            each.close();
            count++;
        }
        return count;
    }
}
