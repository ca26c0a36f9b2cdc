package dev.meerkat.examples.benchmarks.versus;

import dev.meerkat.BlockingConnection;
import dev.meerkat.BlockingOptions;
import dev.meerkat.EventManager;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.TcpEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Whether blocked handlers slow other connections: the round trip of one fast echo connection, alone and beside a
 * hundred connections of the same manager whose handlers block on threads of their own, in turns. And what a round trip
 * costs on such a thread, against one on the loop.
 *
 * <p>Each blocked handler waits as for a slow database: a second of sleep, one byte to its peer, and again.
 *
 * <p>Arguments: {@code [--blocked N] [--trips N a round] [--rounds N]}.
 */
public final class BesideBlocked {
    private static final String USAGE = "usage: BesideBlocked [--blocked N] [--trips N] [--rounds N]";

    private static final int MESSAGE = 64;

    private final int fastPort;
    private final int threadedPort;
    private final int blockedPort;

    private BesideBlocked(EventManager manager) {
        Handler echo = (connection, event) -> {
            if (event instanceof TcpEvent.Received received) {
                connection.send(received.buffer());
            }
        };
        ListenOptions threads =
                ListenOptions.builder().blocking(BlockingOptions.DEFAULT).build();
        fastPort = manager.listen("127.0.0.1:0", echo).port();
        threadedPort = manager.listen("127.0.0.1:0", threads, echo).port();
        blockedPort =
                manager.listenBlocking("127.0.0.1:0", BesideBlocked::block).port();
        manager.start();
    }

    private static void block(BlockingConnection connection) throws Exception {
        while (true) {
            Thread.sleep(1_000); // not connection.sleep: what blocks in truth knows nothing of connections
            connection.out().write('.');
        }
    }

    /**
     * Measures and prints a table.
     *
     * @param args see above
     * @throws Exception if a connection fails
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = new Arguments(args, USAGE, Map.of("blocked", 100.0, "trips", 20_000.0, "rounds", 9.0));
        System.out.println(Machine.describe());
        try (EventManager manager = EventManager.create()) {
            new BesideBlocked(manager)
                    .measure(arguments.count("blocked"), arguments.count("trips"), arguments.count("rounds"));
        }
    }

    private void measure(int blocked, int trips, int rounds) throws IOException {
        Samples[] medians = {new Samples(), new Samples(), new Samples()};
        Samples[] worst = {new Samples(), new Samples(), new Samples()};
        Samples[] ratios = {new Samples(), new Samples(), new Samples()};
        try (SocketChannel fast = connect(fastPort);
                SocketChannel threaded = connect(threadedPort)) {
            for (int round = -2; round < rounds; round++) {
                Samples[] found = new Samples[3];
                found[0] = roundTrips(fast, trips);
                List<SocketChannel> peers = new ArrayList<>();
                for (int i = 0; i < blocked; i++) {
                    peers.add(connect(blockedPort));
                }
                found[1] = roundTrips(fast, trips);
                for (SocketChannel peer : peers) {
                    peer.setOption(StandardSocketOptions.SO_LINGER, 0);
                    peer.close();
                }
                found[2] = roundTrips(threaded, trips);
                for (int i = 0; round >= 0 && i < found.length; i++) {
                    medians[i].add(found[i].median() / 1_000);
                    worst[i].add(found[i].at(0.99) / 1_000);
                    ratios[i].add(found[i].at(0.99) / found[0].at(0.99));
                }
            }
        }
        System.out.printf("%nechoes of %d bytes, one at a time; medians of %d rounds of %,d%n", MESSAGE, rounds, trips);
        Table.head("the echo connection", "p50 µs", "p99 µs", "p99, ratio to alone (min..max)");
        String[] titles = {"alone", "beside " + blocked + " blocked handlers", "its handler on a thread of its own"};
        for (int i = 0; i < titles.length; i++) {
            Table.row(
                    titles[i],
                    Table.number(medians[i].median(), 1),
                    Table.number(worst[i].median(), 1),
                    Table.number(ratios[i].median(), 2) + " (" + Table.number(ratios[i].min(), 2) + ".."
                            + Table.number(ratios[i].max(), 2) + ")");
        }
    }

    private static SocketChannel connect(int port) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    private static Samples roundTrips(SocketChannel channel, int count) throws IOException {
        double[] nanos = new double[count];
        ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE);
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            channel.write(message.clear());
            message.clear();
            while (message.hasRemaining()) {
                if (channel.read(message) < 0) {
                    throw new IOException("the server has closed the connection");
                }
            }
            nanos[i] = System.nanoTime() - begin;
        }
        return Samples.of(nanos);
    }
}
