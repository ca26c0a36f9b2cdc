package dev.meerkat.examples.benchmarks.versus;

import dev.meerkat.Connection;
import dev.meerkat.EventManager;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.testkit.TestCa;
import dev.meerkat.testkit.TestCertificate;
import dev.meerkat.testkit.TestKey;
import dev.meerkat.tls.HandshakeTasks;
import dev.meerkat.tls.TlsOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.Locale;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The same encrypted echo by each of them, with an ECDSA certificate on P-256 and what else is the default of JSSE. */
final class TlsServers {
    /** Who takes part. */
    enum Contender {
        /** One selector and one {@code SSLEngine} a connection, tasks on the loop. */
        ENGINE("bare SSLEngine loop"),
        /** The same, but that it ends without the close_notify that TLS asks for. */
        ABRUPT("bare SSLEngine loop without close_notify"),
        /** Meerkat with a handler. Pinned to one processor, its loop computes what handshakes have to compute. */
        MEERKAT("Meerkat"),
        /** The same, but that workers compute it. */
        WORKERS("Meerkat, handshake tasks on workers"),
        /** The same, but that the loop computes it at once, as the bare one and Netty's do. */
        INLINE("Meerkat, handshake tasks on the loop"),
        /** Netty on its NIO transport with the JDK's provider. */
        NETTY("Netty NIO, JDK provider");

        private final String title;

        Contender(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }

        /** What it is called on the command line. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether others are compared to it. */
        boolean isMeasure() {
            return this == ENGINE || this == NETTY;
        }
    }

    private TlsServers() {}

    static EchoServer start(Contender contender) throws Exception {
        TestCertificate certificate = TestCa.create(Instant.now())
                .request("localhost")
                .key(TestKey.EC_P256)
                .issue();
        return switch (contender) {
            case ENGINE -> EngineEcho.start(context(certificate), true);
            case ABRUPT -> EngineEcho.start(context(certificate), false);
            case MEERKAT -> meerkat(certificate, HandshakeTasks.AUTOMATIC);
            case WORKERS -> meerkat(certificate, HandshakeTasks.ON_WORKERS);
            case INLINE -> meerkat(certificate, HandshakeTasks.ON_LOOP);
            case NETTY -> netty(certificate);
        };
    }

    private static SSLContext context(TestCertificate certificate) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "server", certificate.key(), new char[0], certificate.chain().toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static EchoServer meerkat(TestCertificate certificate, HandshakeTasks where) {
        EventManager manager = EventManager.create();
        ListenOptions options = ListenOptions.builder()
                .backlog(4096)
                .tls(TlsOptions.server(certificate.identity()).toBuilder()
                        .handshakeTasks(where)
                        .build())
                .build();
        int port =
                manager.listen("tls://127.0.0.1:0", options, TlsServers::echo).port();
        manager.start();
        Thread loop = manager.submit(Thread::currentThread).join();
        return new Running(port, loop);
    }

    private static void echo(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            connection.send(received.buffer());
            if (!connection.isWritable()) {
                connection.pauseReading();
            }
        } else if (event instanceof TcpEvent.Drained) {
            connection.resumeReading();
        }
    }

    private static EchoServer netty(TestCertificate certificate) throws Exception {
        SslContext ssl = SslContextBuilder.forServer(
                        certificate.key(), certificate.chain().toArray(java.security.cert.X509Certificate[]::new))
                .sslProvider(SslProvider.JDK)
                .build();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(ssl.newHandler(channel.alloc()), new NettyEchoHandler());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        return new Running(port, group.submit(Thread::currentThread).sync().getNow());
    }

    /** A server that runs. */
    private record Running(int port, Thread loop) implements EchoServer {}

    @SuppressWarnings("FutureReturnValueIgnored")
    private static final class NettyEchoHandler extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
