package dev.meerkat.examples.benchmarks.versus;

import com.sun.management.ThreadMXBean;
import dev.meerkat.EventManager;
import dev.meerkat.UdpOptions;
import dev.meerkat.UdpSocket;
import dev.meerkat.event.UdpEvent;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The same UDP echo of 64 bytes on a bare NIO loop, on Meerkat and on Netty's NIO datagram channel, each on one thread,
 * loaded in turns A B C A B C by one client that keeps a window of datagrams under way. What counts is the processor
 * time of the echo's thread for each datagram. Arguments: {@code [--rounds N] [--seconds S] [--warm S]}.
 */
public final class UdpVersus {
    private static final int PAYLOAD = 64;
    private static final int WINDOW = 64;
    private static final long GIVE_UP_NANOS = 50_000_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private UdpVersus() {}

    /** An echo in this process, and the thread that it runs on. */
    private record Echo(String title, int port, Thread loop) {}

    private record Score(Samples nanos, Samples allocated, Samples perSecond) {
        Score() {
            this(new Samples(), new Samples(), new Samples());
        }
    }

    /**
     * Runs the comparison and prints a table.
     *
     * @param args see above
     * @throws Exception if an echo does not start
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = new Arguments(
                args,
                "usage: UdpVersus [--rounds N] [--seconds S per round] [--warm S before]",
                Map.of("rounds", 9.0, "seconds", 1.0, "warm", 4.0));
        List<Echo> echoes = List.of(bare(), meerkat(), netty());
        List<Score> scores = new ArrayList<>();
        System.out.println(Machine.describe());
        for (Echo echo : echoes) {
            scores.add(new Score());
            load(echo, arguments.number("warm"), new Score());
        }
        for (int round = 0; round < arguments.count("rounds"); round++) {
            for (int i = 0; i < echoes.size(); i++) {
                load(echoes.get(i), arguments.number("seconds"), scores.get(i));
            }
        }
        Table.head(
                "UDP echo, 64 B",
                "CPU ns per datagram, loop",
                "bytes allocated per datagram",
                "datagrams per second",
                "ratio to the bare loop (min..max)",
                "ratio to Netty (min..max)");
        for (int i = 0; i < echoes.size(); i++) {
            Score score = scores.get(i);
            Table.row(
                    echoes.get(i).title(),
                    Table.number(score.nanos().median(), 0),
                    Table.number(score.allocated().median(), 1),
                    Table.number(score.perSecond().median(), 0),
                    ratio(scores.get(0), score, arguments.count("rounds")),
                    ratio(scores.get(2), score, arguments.count("rounds")));
        }
        System.exit(0); // the echoes' threads run for ever
    }

    private static String ratio(Score base, Score score, int rounds) {
        Samples ratios = new Samples();
        for (int round = 0; round < rounds; round++) {
            ratios.add(base.nanos().get(round) / score.nanos().get(round));
        }
        return Table.number(ratios.median(), 2) + " (" + Table.number(ratios.min(), 2) + ".."
                + Table.number(ratios.max(), 2) + ")";
    }

    /** Keeps a window of datagrams under way; what is lost is not waited for. */
    private static void load(Echo echo, double seconds, Score score) throws IOException {
        try (Selector selector = Selector.open();
                DatagramChannel client = DatagramChannel.open()) {
            client.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), echo.port()));
            client.configureBlocking(false);
            client.register(selector, SelectionKey.OP_READ);
            ByteBuffer payload = ByteBuffer.allocateDirect(PAYLOAD);
            ByteBuffer answer = ByteBuffer.allocateDirect(2 * PAYLOAD);
            long id = echo.loop().getId();
            long cpu = THREADS.getThreadCpuTime(id);
            long allocated = THREADS.getThreadAllocatedBytes(id);
            long begin = System.nanoTime();
            long end = begin + (long) (seconds * 1e9);
            long echoed = 0;
            int underWay = 0;
            long last = begin;
            for (long now = begin; now < end; now = System.nanoTime()) {
                for (; underWay < WINDOW; underWay++) {
                    client.write(payload.clear());
                }
                selector.selectNow();
                selector.selectedKeys().clear();
                int got = 0;
                while (client.read(answer.clear()) == PAYLOAD) {
                    got++;
                }
                if (got > 0) {
                    last = now;
                } else if (now - last > GIVE_UP_NANOS) {
                    underWay = 0;
                    last = now;
                }
                underWay = Math.max(0, underWay - got);
                echoed += got;
            }
            long nanos = System.nanoTime() - begin;
            score.nanos().add((THREADS.getThreadCpuTime(id) - cpu) / (double) echoed);
            score.allocated().add((THREADS.getThreadAllocatedBytes(id) - allocated) / (double) echoed);
            score.perSecond().add(echoed * 1e9 / nanos);
        }
    }

    private static Echo meerkat() {
        EventManager manager = EventManager.create();
        UdpOptions options = UdpOptions.builder().receiveBufferBytes(1 << 20).build();
        UdpSocket socket = manager.listenUdp("udp://127.0.0.1:0", options, (from, event) -> {
            if (event instanceof UdpEvent.Received datagram) {
                from.sendTo(datagram.sender(), datagram.buffer());
            }
        });
        int port = socket.port();
        manager.start();
        return new Echo("Meerkat", port, manager.submit(Thread::currentThread).join());
    }

    private static Echo netty() throws InterruptedException {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel channel = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .option(io.netty.channel.ChannelOption.SO_RCVBUF, 1 << 20)
                .handler(new NettyDatagrams())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        int port = ((InetSocketAddress) channel.localAddress()).getPort();
        return new Echo(
                "Netty NIO", port, group.submit(Thread::currentThread).sync().getNow());
    }

    // As in NettyEcho: no future to look at.
    @SuppressWarnings("FutureReturnValueIgnored")
    private static final class NettyDatagrams extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramPacket datagram) {
            context.write(new DatagramPacket(datagram.content().retain(), datagram.sender()), context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }

    private static Echo bare() throws IOException {
        Selector selector = Selector.open();
        DatagramChannel channel = DatagramChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
        Thread loop = new Thread(() -> echo(selector, channel), "bare-udp");
        loop.setDaemon(true);
        loop.start();
        return new Echo("bare NIO loop", channel.socket().getLocalPort(), loop);
    }

    private static void echo(Selector selector, DatagramChannel channel) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
        try {
            while (true) {
                selector.select(key -> {
                    try {
                        for (SocketAddress sender; (sender = channel.receive(buffer.clear())) != null; ) {
                            channel.send(buffer.flip(), sender);
                        }
                    } catch (IOException broken) {
                        throw new UncheckedIOException(broken);
                    }
                });
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
