package dev.meerkat.examples.benchmarks.versus;

import dev.meerkat.examples.benchmarks.versus.AcceptServers.Who;
import dev.meerkat.examples.benchmarks.versus.ServerProcess.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How many connections are accepted when none is kept alive: the server ends each as soon as it has accepted it. On one
 * loop and on two, bare and ours, each a process of its own, in turns.
 *
 * <p>The load is bounded by itself: each client thread connects some, waits until the server has ended them all, and
 * resets them, so that nothing is left in TIME_WAIT and no port is missing. What counts is accepts per second of the
 * loops' processor time; those per second of the clock show the clients, too, which use the same processors.
 *
 * <p>Arguments: {@code [--rounds N] [--seconds S] [--warm S] [--clients N] [--batch N]}.
 */
public final class AcceptVersus {
    private static final String USAGE = "usage: AcceptVersus [--rounds N] [--seconds S per round] [--warm S before]"
            + " [--clients N threads] [--batch N connections each]";

    private final Arguments arguments;
    private final ExecutorService clients;

    private AcceptVersus(Arguments arguments) {
        this.arguments = arguments;
        this.clients = Executors.newFixedThreadPool(arguments.count("clients"));
    }

    private record Score(Samples perCpuSecond, Samples perSecond, Samples processNanos, Samples allocated) {
        Score() {
            this(new Samples(), new Samples(), new Samples(), new Samples());
        }
    }

    /**
     * Runs the comparison and prints its tables.
     *
     * @param args see above
     * @throws Exception if a server does not start or does not accept
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = new Arguments(
                args, USAGE, Map.of("rounds", 7.0, "seconds", 1.0, "warm", 5.0, "clients", 2.0, "batch", 32.0));
        AcceptVersus versus = new AcceptVersus(arguments);
        try {
            System.out.println(Machine.describe() + "; two loops: nothing pinned");
            versus.compare(2, true, List.of());
            versus.compare(2, false, List.of());
            Machine.keepOffFirstProcessor();
            System.out.println("\n" + Machine.describe() + "; one loop: " + Machine.pinning());
            versus.compare(1, true, Machine.onFirstProcessor());
            versus.compare(1, false, Machine.onFirstProcessor());
        } finally {
            versus.clients.shutdown();
        }
    }

    private void compare(int loops, boolean polite, List<String> where) throws IOException {
        List<Who> present =
                Stream.of(Who.values()).filter(who -> who.loops() == loops).toList();
        List<ServerProcess> servers = new ArrayList<>();
        List<Score> scores = new ArrayList<>();
        int rounds = arguments.count("rounds");
        try {
            for (Who each : present) {
                ServerProcess server = new ServerProcess(each.title(), each.word(polite), where);
                servers.add(server);
                scores.add(new Score());
                load(server, arguments.number("warm"), null);
            }
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < servers.size(); i++) {
                    load(servers.get(i), arguments.number("seconds"), scores.get(i));
                }
            }
        } finally {
            servers.forEach(ServerProcess::close);
        }
        System.out.printf(
                "%nended %s, %d rounds of %s s%n",
                polite ? "politely" : "at once", rounds, arguments.number("seconds"));
        Table.head(
                "server",
                "accepts per CPU second, loops",
                "accepts per second",
                "CPU ns per accept, whole process",
                "bytes allocated per accept",
                "accepts per CPU second, ratio (min..max)",
                "accepts per second, ratio (min..max)");
        Score bare = scores.get(0);
        for (int i = 0; i < servers.size(); i++) {
            Score score = scores.get(i);
            Table.row(
                    servers.get(i).title(),
                    Table.number(score.perCpuSecond().median(), 0),
                    Table.number(score.perSecond().median(), 0),
                    Table.number(score.processNanos().median(), 0),
                    Table.number(score.allocated().median(), 0),
                    ratio(bare.perCpuSecond(), score.perCpuSecond(), rounds),
                    ratio(bare.perSecond(), score.perSecond(), rounds));
        }
    }

    private static String ratio(Samples base, Samples samples, int rounds) {
        Samples ratios = new Samples();
        for (int round = 0; round < rounds; round++) {
            ratios.add(samples.get(round) / base.get(round));
        }
        return Table.number(ratios.median(), 2) + " (" + Table.number(ratios.min(), 2) + ".."
                + Table.number(ratios.max(), 2) + ")";
    }

    private void load(ServerProcess server, double seconds, @Nullable Score score) throws IOException {
        Usage before = server.usage();
        long begin = System.nanoTime();
        long end = begin + (long) (seconds * 1e9);
        List<CompletableFuture<Long>> running = new ArrayList<>();
        for (int i = 0; i < arguments.count("clients"); i++) {
            running.add(CompletableFuture.supplyAsync(() -> connectUntil(end, server.port()), clients));
        }
        double accepted = running.stream().mapToLong(CompletableFuture::join).sum();
        long nanos = System.nanoTime() - begin;
        Usage used = server.usage().since(before);
        if (score != null) {
            score.perCpuSecond().add(accepted * 1e9 / used.loopNanos());
            score.perSecond().add(accepted * 1e9 / nanos);
            score.processNanos().add(used.processNanos() / accepted);
            score.allocated().add(used.loopAllocatedBytes() / accepted);
        }
    }

    private long connectUntil(long end, int port) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        SocketChannel[] batch = new SocketChannel[arguments.count("batch")];
        ByteBuffer nothing = ByteBuffer.allocateDirect(1);
        long accepted = 0;
        try {
            while (System.nanoTime() - end < 0) {
                for (int i = 0; i < batch.length; i++) {
                    batch[i] = SocketChannel.open();
                    batch[i].setOption(StandardSocketOptions.SO_LINGER, 0);
                    batch[i].connect(address);
                }
                for (SocketChannel each : batch) {
                    if (each.read(nothing.clear()) >= 0) {
                        throw new IOException("the server sends something");
                    }
                    each.close();
                    accepted++;
                }
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        return accepted;
    }
}
