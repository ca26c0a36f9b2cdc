package dev.meerkat.examples.benchmarks.versus;

import dev.meerkat.examples.benchmarks.versus.ServerProcess.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The same TCP echo on Meerkat, on Netty and on a bare NIO loop. Each server is a process of its own, so that one's
 * profile does not spoil the compiled code of the next. They are loaded in turns, A B C A B C, and compared with the
 * bare loop of the same round, so that a machine that grows slower does so for all.
 *
 * <p>What counts is the processor time of the loop per message, without the JIT compiler's: it does not depend on which
 * side is the limit, nor on who else uses the machine. Arguments: {@code [nio|meerkat|suspend|netty]... [--rounds N]
 * [--seconds S] [--warm S]}.
 */
public final class Versus {
    private static final String USAGE =
            "usage: Versus [nio|meerkat|suspend|netty]... [--rounds N] [--seconds S per round] [--warm S before]";

    private final Arguments arguments;
    private final List<ServerProcess> servers;

    private Versus(Arguments arguments, List<ServerProcess> servers) {
        this.arguments = arguments;
        this.servers = servers;
    }

    /** What the rounds of one contender gave. */
    private record Score(Samples loopNanos, Samples processNanos, Samples allocated, Samples perSecond) {
        Score() {
            this(new Samples(), new Samples(), new Samples(), new Samples());
        }

        void add(EchoLoad.Result result, Usage usage) {
            double messages = result.messages();
            loopNanos.add(usage.loopNanos() / messages);
            processNanos.add(usage.processNanos() / messages);
            allocated.add(usage.loopAllocatedBytes() / messages);
            perSecond.add(messages / result.nanos() * 1e9);
        }
    }

    /**
     * Runs the comparison and prints a table for each shape of load.
     *
     * @param args see above
     * @throws Exception if a server does not start or does not echo
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = new Arguments(args, USAGE, Map.of("rounds", 7.0, "seconds", 2.0, "warm", 8.0));
        Machine.keepOffFirstProcessor();
        List<ServerProcess> servers = new ArrayList<>();
        try {
            for (Contender each : arguments.contenders()) {
                servers.add(new ServerProcess(each));
            }
            System.out.println(Machine.describe() + "; " + Machine.pinning());
            Versus versus = new Versus(arguments, servers);
            versus.compare(EchoLoad.Shape.PING_PONG);
            versus.compare(EchoLoad.Shape.STREAM);
        } finally {
            servers.forEach(ServerProcess::close);
        }
    }

    private void compare(EchoLoad.Shape shape) throws IOException {
        List<EchoLoad> loads = new ArrayList<>();
        List<Score> scores = new ArrayList<>();
        try {
            for (ServerProcess server : servers) {
                EchoLoad load = new EchoLoad(shape, server.port());
                loads.add(load);
                scores.add(new Score());
                load.run(arguments.number("warm"));
            }
            for (int round = 0; round < arguments.count("rounds"); round++) {
                for (int i = 0; i < servers.size(); i++) {
                    Usage before = servers.get(i).usage();
                    EchoLoad.Result result = loads.get(i).run(arguments.number("seconds"));
                    scores.get(i).add(result, servers.get(i).usage().since(before));
                }
            }
        } finally {
            for (EchoLoad load : loads) {
                load.close();
            }
        }
        print(shape, scores);
    }

    private void print(EchoLoad.Shape shape, List<Score> scores) {
        System.out.printf(
                "%n%s, %d rounds of %s s%n", shape.title(), arguments.count("rounds"), arguments.number("seconds"));
        Table.head(
                "server",
                "CPU ns per message, loop",
                "whole process",
                "bytes allocated per message",
                "messages per second",
                "ratio to the bare loop (min..max)");
        for (int i = 0; i < servers.size(); i++) {
            Score score = scores.get(i);
            Samples ratios = new Samples();
            for (int round = 0; round < arguments.count("rounds"); round++) {
                ratios.add(
                        scores.get(0).loopNanos().get(round) / score.loopNanos().get(round));
            }
            Table.row(
                    servers.get(i).title(),
                    Table.number(score.loopNanos().median(), 0),
                    Table.number(score.processNanos().median(), 0),
                    Table.number(score.allocated().median(), 1),
                    Table.number(score.perSecond().median(), 0),
                    Table.number(ratios.median(), 2) + " (" + Table.number(ratios.min(), 2) + ".."
                            + Table.number(ratios.max(), 2) + ")");
        }
    }
}
