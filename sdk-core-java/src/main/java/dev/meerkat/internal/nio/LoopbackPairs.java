package dev.meerkat.internal.nio;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Connected pairs on loopback. For the moment in which a port is open, every program of the host may use it; so each
 * end is checked to be the other's.
 */
public final class LoopbackPairs {
    /** How many strangers, or datagrams of strangers, are thrown out before it is given up. */
    static final int MAX_STRANGERS = 64;

    /** How long the host may take for what it does in microseconds; a backlog full of strangers costs seconds. */
    private static final int PATIENCE_MILLIS = 5_000;

    private static final int TOKEN_BYTES = 16;

    /** What a stranger does; nothing, but in tests. */
    @FunctionalInterface
    interface Stranger {
        Stranger NOBODY = address -> {};

        void meets(SocketAddress address) throws IOException;
    }

    private LoopbackPairs() {}

    /**
     * Makes a pair of TCP sockets.
     *
     * @return two blocking channels, each connected to the other
     * @throws IOException if the system fails, or more than 64 strangers came in between
     */
    public static SocketChannel[] stream() throws IOException {
        return stream(Stranger.NOBODY);
    }

    static SocketChannel[] stream(Stranger stranger) throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(anyPort(), 2 * MAX_STRANGERS);
            stranger.meets(server.getLocalAddress());
            SocketChannel near = SocketChannel.open();
            boolean done = false;
            try {
                near.socket().connect(server.getLocalAddress(), PATIENCE_MILLIS);
                SocketChannel far = acceptPeerOf(near, server);
                done = true;
                return new SocketChannel[] {near, far};
            } finally {
                closeUnless(done, near);
            }
        }
    }

    private static SocketChannel acceptPeerOf(SocketChannel near, ServerSocketChannel server) throws IOException {
        for (int strangers = 0; strangers <= MAX_STRANGERS; strangers++) {
            SocketChannel accepted = server.accept();
            boolean ours = false;
            try {
                // the four numbers of a TCP connection are its identity on this host
                ours = near.getLocalAddress().equals(accepted.getRemoteAddress())
                        && near.getRemoteAddress().equals(accepted.getLocalAddress());
            } finally {
                closeUnless(ours, accepted);
            }
            if (ours) {
                return accepted;
            }
        }
        throw new IOException("more than " + MAX_STRANGERS + " strangers connected in between");
    }

    /**
     * Makes a pair of UDP sockets.
     *
     * @return two blocking channels, each connected to the other
     * @throws IOException if the system fails, or more than 64 datagrams of strangers came in between
     */
    public static DatagramChannel[] datagram() throws IOException {
        return datagram(Stranger.NOBODY);
    }

    static DatagramChannel[] datagram(Stranger stranger) throws IOException {
        DatagramChannel near = DatagramChannel.open();
        boolean done = false;
        try {
            DatagramChannel far = DatagramChannel.open();
            try {
                near.bind(anyPort());
                far.bind(anyPort());
                stranger.meets(near.getLocalAddress());
                stranger.meets(far.getLocalAddress());
                near.connect(far.getLocalAddress());
                far.connect(near.getLocalAddress());
                meet(near, far);
                meet(far, near);
                done = true;
                return new DatagramChannel[] {near, far};
            } finally {
                closeUnless(done, far);
            }
        } finally {
            closeUnless(done, near);
        }
    }

    /**
     * A connected socket hears nobody but its peer, save for what came before it was connected; the JDK throws that
     * away, but promises nothing. So one end sends what nobody can guess, and the other throws away all before it.
     */
    static void meet(DatagramChannel from, DatagramChannel to) throws IOException {
        byte[] token = new byte[TOKEN_BYTES];
        RandomGenerator random = SystemEntropy.INSTANCE.stream("connected pair");
        ByteBuffer.wrap(token).putLong(random.nextLong()).putLong(random.nextLong());
        DatagramSocket receiver = to.socket();
        receiver.setSoTimeout(PATIENCE_MILLIS);
        from.write(ByteBuffer.wrap(token));
        DatagramPacket packet = new DatagramPacket(new byte[TOKEN_BYTES + 1], TOKEN_BYTES + 1);
        for (int strangers = 0; strangers <= MAX_STRANGERS; strangers++) {
            try {
                receiver.receive(packet);
            } catch (SocketTimeoutException lost) {
                throw new IOException("the ends cannot hear each other", lost);
            }
            if (Arrays.equals(token, Arrays.copyOf(packet.getData(), packet.getLength()))) {
                receiver.setSoTimeout(0);
                return;
            }
            packet.setLength(TOKEN_BYTES + 1);
        }
        throw new IOException("more than " + MAX_STRANGERS + " datagrams of strangers came in between");
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static void closeUnless(boolean needed, Closeable channel) throws IOException {
        if (!needed) {
            channel.close();
        }
    }
}
