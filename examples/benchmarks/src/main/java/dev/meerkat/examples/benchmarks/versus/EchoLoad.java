package dev.meerkat.examples.benchmarks.versus;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * The client of an echo: some connections on the calling thread, each with a bounded number of bytes under way. With
 * one message of room it plays ping-pong, with room for many it streams. Every byte that comes back is compared.
 */
final class EchoLoad implements AutoCloseable {
    /**
     * What a load looks like.
     *
     * @param title what the tables call it
     * @param connections how many
     * @param messageBytes how many bytes are written at once
     * @param windowBytes how many bytes a connection may have under way, a multiple of the message
     */
    record Shape(String title, int connections, int messageBytes, int windowBytes) {
        static final Shape PING_PONG = new Shape("64 B ping-pong, 64 connections", 64, 64, 64);
        static final Shape STREAM = new Shape("64 KiB streaming, 4 connections", 4, 64 * 1024, 4 * 1024 * 1024);
    }

    /** What came back in how much time. */
    record Result(long messages, long nanos) {}

    /** How long the last echoes of a run may take. */
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Shape shape;
    private final Selector selector = Selector.open();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(256 * 1024);
    private final ByteBuffer pattern;
    private boolean sending;
    private long under;
    private long returned;

    private static final class Peer {
        final ByteBuffer message;
        long sent;
        long received;

        Peer(ByteBuffer message) {
            this.message = message;
        }
    }

    EchoLoad(Shape shape, int port) throws IOException {
        this.shape = shape;
        this.pattern = ByteBuffer.allocateDirect(shape.messageBytes());
        for (int i = 0; i < shape.messageBytes(); i++) {
            pattern.put(i, (byte) (31 * i + (i >> 8)));
        }
        for (int i = 0; i < shape.connections(); i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ, new Peer(pattern.duplicate()));
        }
    }

    /**
     * Sends for some time, then waits until all has come back: whoever looks at the server afterwards finds it idle.
     */
    Result run(double seconds) throws IOException {
        long begin = System.nanoTime();
        long end = begin + (long) (seconds * 1e9);
        returned = 0;
        sending = true;
        for (SelectionKey key : selector.keys()) {
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
        while (sending || under > 0) {
            selector.select(this::serve, 1000);
            long now = System.nanoTime();
            sending = now < end;
            if (now > end + DRAIN_NANOS) {
                throw new IOException("after " + seconds + " s of load " + under + " bytes do not come back");
            }
        }
        return new Result(returned / shape.messageBytes(), System.nanoTime() - begin);
    }

    private void serve(SelectionKey key) {
        Peer peer = (Peer) key.attachment();
        try {
            if (key.isReadable()) {
                read((SocketChannel) key.channel(), peer);
            }
            boolean maySend = sending && peer.sent - peer.received < shape.windowBytes();
            boolean inMidMessage = peer.message.position() > 0;
            if (maySend || inMidMessage) {
                write((SocketChannel) key.channel(), peer);
                maySend = sending && peer.sent - peer.received < shape.windowBytes();
            }
            boolean wantsToWrite = maySend || peer.message.position() > 0;
            key.interestOps(wantsToWrite ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
        } catch (IOException broken) {
            throw new IllegalStateException("the server does not echo: " + broken.getMessage(), broken);
        }
    }

    private void read(SocketChannel channel, Peer peer) throws IOException {
        int count = channel.read(scratch.clear());
        if (count < 0) {
            throw new IOException("end of input");
        }
        compare(scratch.flip(), peer.received);
        peer.received += count;
        returned += count;
        under -= count;
    }

    private void write(SocketChannel channel, Peer peer) throws IOException {
        int count = channel.write(peer.message);
        if (!peer.message.hasRemaining()) {
            peer.message.clear();
        }
        peer.sent += count;
        under += count;
    }

    private void compare(ByteBuffer echo, long offset) throws IOException {
        int from = (int) (offset % shape.messageBytes());
        while (echo.hasRemaining()) {
            int length = Math.min(echo.remaining(), shape.messageBytes() - from);
            ByteBuffer expected = pattern.slice(from, length);
            if (!expected.equals(echo.slice(echo.position(), length))) {
                throw new IOException("the echo differs from what was sent");
            }
            echo.position(echo.position() + length);
            from = 0;
        }
    }

    /** Resets the connections, so that the next run does not find their ports lingering. */
    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            SocketChannel channel = (SocketChannel) key.channel();
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.close();
        }
        selector.close();
    }
}
