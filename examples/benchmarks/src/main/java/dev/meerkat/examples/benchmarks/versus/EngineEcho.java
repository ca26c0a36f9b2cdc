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
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/**
 * The least that an encrypted echo on the JDK can do: a selector, an {@code SSLEngine} a connection, its tasks on the
 * loop, buffers that all share. What a connection has not read whole is kept; what the system does not take ends it. No
 * limits, no time-outs: nothing that could be used, but what everything else is measured by.
 *
 * <p>It answers a close_notify by its own, as everybody must who writes no more (RFC 8446 §6.1), or, if it is told to,
 * goes without a word, which is less than TLS asks for and shows what that word costs.
 */
final class EngineEcho implements EchoServer {
    private static final int CIPHER_BYTES = 256 * 1024;

    private final SSLContext context;
    private final boolean polite;
    private final Selector selector = Selector.open();
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final ByteBuffer in = ByteBuffer.allocateDirect(CIPHER_BYTES);
    private final ByteBuffer plain = ByteBuffer.allocateDirect(CIPHER_BYTES);
    private final ByteBuffer out = ByteBuffer.allocateDirect(CIPHER_BYTES);
    private final Thread loop = new Thread(this::run, "engine-echo");

    private static final class Peer {
        final SSLEngine engine;
        byte[] kept = {};

        Peer(SSLEngine engine) {
            this.engine = engine;
        }
    }

    private EngineEcho(SSLContext context, boolean polite) throws IOException {
        this.context = context;
        this.polite = polite;
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    static EchoServer start(SSLContext context, boolean polite) throws IOException {
        EngineEcho server = new EngineEcho(context, polite);
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
            } else {
                echo((SocketChannel) key.channel(), (Peer) key.attachment());
            }
        } catch (IOException gone) {
            close(key);
        }
    }

    private void accept() throws IOException {
        for (SocketChannel accepted; (accepted = listener.accept()) != null; ) {
            accepted.configureBlocking(false);
            accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            accepted.register(selector, SelectionKey.OP_READ, new Peer(engine));
        }
    }

    private void echo(SocketChannel channel, Peer peer) throws IOException {
        SSLEngine engine = peer.engine;
        in.clear().put(peer.kept);
        if (channel.read(in) < 0) {
            throw new IOException("end of input");
        }
        in.flip();
        plain.clear();
        out.clear();
        while (true) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
                    task.run();
                }
            } else if (status == HandshakeStatus.NEED_WRAP) {
                SSLEngineResult unused = engine.wrap(plain.duplicate().limit(plain.position()), out);
            } else {
                SSLEngineResult result = engine.unwrap(in, plain);
                if (result.getStatus() == Status.CLOSED) {
                    end(channel, engine);
                    return;
                }
                if (result.getStatus() != Status.OK) {
                    break;
                }
            }
        }
        peer.kept = new byte[in.remaining()];
        in.get(peer.kept);
        plain.flip();
        while (plain.hasRemaining()) {
            SSLEngineResult unused = engine.wrap(plain, out);
        }
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out); // spins if the peer does not read, which a loop worth using would not
        }
    }

    private void end(SocketChannel channel, SSLEngine engine) throws IOException {
        if (polite) {
            engine.closeOutbound();
            SSLEngineResult unused = engine.wrap(plain.clear().limit(0), out);
            channel.write(out.flip());
        }
        channel.close();
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException ignored) {
            // it is gone either way
        }
    }
}
