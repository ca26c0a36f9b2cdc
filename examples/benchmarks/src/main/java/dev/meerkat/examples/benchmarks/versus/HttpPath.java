package dev.meerkat.examples.benchmarks.versus;

import com.sun.management.ThreadMXBean;
import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.examples.benchmarks.jmh.NullWorld;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.Response;
import dev.meerkat.http.Router;
import dev.meerkat.testkit.FakeClock;
import dev.meerkat.testkit.SocketPair;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What a request and its answer cost without the system: {@code GET /} as {@code wrk} sends it, answered with 13 bytes
 * by a router. Processor time and allocation of the one thread that does everything, in turns.
 *
 * <pre>
 *   manager        64 peers that always have a request, through a transport that does nothing: all that is ours
 *   pipelined      the same with 16 requests in each read
 *   socket pair    one request and its answer at a time over the simulator's pair, its client's side included
 *   echo           a message of the same length there and back over such a pair: what the pair itself costs
 * </pre>
 *
 * <p>Arguments: {@code [--requests N a round] [--rounds N]}.
 */
public final class HttpPath {
    private static final String USAGE = "usage: HttpPath [--requests N] [--rounds N]";
    private static final int WARM_UP_ROUNDS = 5;
    private static final int PEERS = 64;
    private static final int TOGETHER = 16;
    private static final String GET = "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private HttpPath() {}

    /** Serves so many requests at once; answers how many. */
    @FunctionalInterface
    private interface Requests {
        int serve();
    }

    private record Contestant(String title, Requests requests, Samples nanos, Samples bytes) {
        Contestant(String title, Requests requests) {
            this(title, requests, new Samples(), new Samples());
        }
    }

    /**
     * Measures and prints a table.
     *
     * @param args see above
     */
    public static void main(String[] args) {
        Arguments arguments = new Arguments(args, USAGE, Map.of("requests", 300_000.0, "rounds", 9.0));
        System.out.println(Machine.describe());
        List<Contestant> all = List.of(
                new Contestant("manager", manager(GET, 1)),
                new Contestant("manager, pipelined", manager(GET.repeat(TOGETHER), TOGETHER)),
                new Contestant("socket pair", pair(http())),
                new Contestant("socket pair, echo", pair(HttpPath::echo)));
        measure(all, arguments.count("requests"), arguments.count("rounds"));
    }

    private static void measure(List<Contestant> all, int count, int rounds) {
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            for (Contestant each : all) {
                long bytes = THREADS.getCurrentThreadAllocatedBytes();
                long begin = THREADS.getCurrentThreadCpuTime();
                int served = 0;
                while (served < count) {
                    served += each.requests.serve();
                }
                long nanos = THREADS.getCurrentThreadCpuTime() - begin;
                if (round >= 0) {
                    each.nanos.add(nanos / (double) served);
                    each.bytes.add((THREADS.getCurrentThreadAllocatedBytes() - bytes) / (double) served);
                }
            }
        }
        Table.head("path", "CPU ns a request", "min..max", "bytes allocated a request");
        for (Contestant each : all) {
            Table.row(
                    each.title,
                    Table.number(each.nanos.median(), 0),
                    Table.number(each.nanos.min(), 0) + ".." + Table.number(each.nanos.max(), 0),
                    Table.number(each.bytes.median(), 0));
        }
    }

    private static Handler http() {
        Response hello = Response.text("Hello, World!");
        HttpServerOptions options = HttpServerOptions.builder()
                .limits(HttpLimits.builder()
                        .requestsPerConnection(HttpLimits.NONE)
                        .connectionsPerIp(HttpLimits.NONE)
                        .build())
                .build();
        return HttpServer.handler(options, Router.create().get("/", request -> hello));
    }

    private static Requests manager(String sent, int requests) {
        NullWorld world = new NullWorld(
                PEERS,
                sent.getBytes(StandardCharsets.ISO_8859_1),
                manager -> manager.listen("tcp://127.0.0.1:0", http()));
        return () -> {
            world.turn();
            return PEERS * requests;
        };
    }

    private static Requests pair(Handler handler) {
        SocketPair pair = SocketPair.stream(new FakeClock(), handler);
        byte[] sent = GET.getBytes(StandardCharsets.ISO_8859_1);
        int answered = pair.send(sent).receive(1).length() + pair.take().length();
        return () -> {
            pair.send(sent).receive(answered);
            return 1;
        };
    }

    private static void echo(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            connection.send(received.buffer());
        }
    }
}
