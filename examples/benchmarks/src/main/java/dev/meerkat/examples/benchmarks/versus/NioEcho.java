package dev.meerkat.examples.benchmarks.versus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The least that an echo on the JDK's channels can do: one read into one direct buffer, one write out of it. What the
 * system does not take is copied and waited for; meanwhile the peer is not read. No limits, no timers, no time-outs, no
 * other thread, and an error ends it: nothing that could be used, but what everything else is measured by.
 */
final class NioEcho implements EchoServer {
    private final Selector selector = Selector.open();
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(256 * 1024);
    private final Thread loop = new Thread(this::run, "nio-echo");

    private NioEcho() throws IOException {
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    static EchoServer start() throws IOException {
        NioEcho server = new NioEcho();
        server.loop.start();
        return server;
    }

    @Override
    public int port() {
        return listener.socket().getLocalPort();
    }

    @Override
    public Thread loop() {
        return loop;
    }

    private void run() {
        try {
            while (true) {
                selector.select(this::serve);
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private void serve(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept();
            } else if (key.isWritable()) {
                flush(key);
            } else {
                echo(key);
            }
        } catch (IOException gone) {
            close(key);
        }
    }

    private void accept() throws IOException {
        for (SocketChannel accepted; (accepted = listener.accept()) != null; ) {
            accepted.configureBlocking(false);
            accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
            accepted.register(selector, SelectionKey.OP_READ);
        }
    }

    private void echo(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        if (channel.read(scratch.clear()) < 0) {
            close(key);
            return;
        }
        channel.write(scratch.flip());
        if (scratch.hasRemaining()) {
            key.attach(ByteBuffer.allocate(scratch.remaining()).put(scratch).flip());
            key.interestOps(SelectionKey.OP_WRITE);
        }
    }

    private static void flush(SelectionKey key) throws IOException {
        ByteBuffer waiting = (ByteBuffer) key.attachment();
        ((SocketChannel) key.channel()).write(waiting);
        if (!waiting.hasRemaining()) {
            key.attach(null);
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException ignored) {
            // it is gone either way
        }
    }
}
