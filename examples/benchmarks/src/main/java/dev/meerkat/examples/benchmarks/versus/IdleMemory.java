package dev.meerkat.examples.benchmarks.versus;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an idle connection costs in heap: the difference between two histograms of live objects, before and after so
 * many connections were opened and each has echoed one message. The server is a process of its own, so that only its
 * end counts.
 *
 * <p>Arguments: {@code [nio|meerkat|suspend|netty]... [--connections N] [--classes N]}.
 */
public final class IdleMemory {
    private static final String USAGE =
            "usage: IdleMemory [nio|meerkat|suspend|netty]... [--connections N] [--classes N to list]";

    private IdleMemory() {}

    /**
     * Measures and prints a table.
     *
     * @param args see above
     * @throws Exception if a server does not start or does not echo, or the system grants too few descriptors
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = new Arguments(args, USAGE, Map.of("connections", 10_000.0, "classes", 6.0));
        int connections = arguments.count("connections");
        System.out.println(Machine.describe());
        System.out.println("live heap of " + connections + " idle connections, after one echoed message each");
        Table.head(
                "server", "bytes per connection", "more than the bare loop", "largest classes, bytes per connection");
        double floor = 0;
        for (Contender each : arguments.contenders()) {
            Map<String, Double> growth = growth(each, connections);
            double bytes =
                    growth.values().stream().mapToDouble(Double::doubleValue).sum();
            floor = each == Contender.NIO ? bytes : floor;
            Table.row(
                    each.title(),
                    Table.number(bytes, 0),
                    Table.number(bytes - floor, 0),
                    largest(growth, arguments.count("classes")));
        }
    }

    private static Map<String, Double> growth(Contender contender, int connections) throws IOException {
        try (ServerProcess server = new ServerProcess(contender)) {
            closeAll(open(server.port(), 200)); // loads the classes that serving and closing need
            Map<String, Long> before = server.liveBytes();
            List<SocketChannel> idle = open(server.port(), connections);
            Map<String, Double> growth = new TreeMap<>();
            server.liveBytes().forEach((type, bytes) -> {
                double more = bytes - before.getOrDefault(type, 0L);
                growth.put(type, more / connections);
            });
            closeAll(idle);
            return growth;
        }
    }

    private static List<SocketChannel> open(int port, int count) throws IOException {
        List<SocketChannel> channels = new ArrayList<>();
        ByteBuffer hello = ByteBuffer.allocateDirect(64);
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channels.add(channel);
            channel.write(hello.clear());
            hello.clear();
            while (hello.hasRemaining()) {
                if (channel.read(hello) < 0) {
                    throw new IOException("the server has closed connection " + i);
                }
            }
        }
        return channels;
    }

    private static void closeAll(List<SocketChannel> channels) throws IOException {
        for (SocketChannel channel : channels) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.close();
        }
    }

    private static String largest(Map<String, Double> growth, int count) {
        List<String> shown = new ArrayList<>();
        growth.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(count)
                .forEach(each ->
                        shown.add(each.getKey().replaceFirst("^.*[./]", "") + " " + Table.number(each.getValue(), 0)));
        return String.join(", ", shown);
    }
}
