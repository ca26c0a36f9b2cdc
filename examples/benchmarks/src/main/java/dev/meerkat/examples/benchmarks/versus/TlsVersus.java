package dev.meerkat.examples.benchmarks.versus;

import dev.meerkat.examples.benchmarks.versus.ServerProcess.Usage;
import dev.meerkat.examples.benchmarks.versus.TlsServers.Contender;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * The same encrypted echo on a bare {@code SSLEngine} loop, on Meerkat with the tasks of handshakes where the default
 * has them (pinned to one processor: on the loop, one a turn), on workers and on the loop, and on Netty with the JDK's
 * provider: echoes of 1 KiB and 64 KiB, handshakes with and without a session to resume, and what an idle connection
 * holds. Handshakes end with close_notify from both sides, on the bare loop as well; once more without shows what that
 * answer costs. Each server is a process of its own; they are loaded in turns and compared within a round, as
 * {@link Versus} does.
 *
 * <p>What counts is the processor time per echo or handshake of the whole process, without the JIT compiler's. But what
 * it has not compiled yet is interpreted, and that counts: a few hundred handshakes a second on one processor need 40 s
 * of warming ({@code --warm 40}) until they cost what they always will.
 *
 * <p>Arguments: {@code [--rounds N] [--seconds S] [--warm S] [--idle connections] [--full 1]}.
 */
public final class TlsVersus {
    private static final String USAGE = "usage: TlsVersus [abrupt] [meerkat] [workers] [inline] [--rounds N]"
            + " [--seconds S per round] [--warm S] [--idle N] [--full 1: full handshakes alone]"
            + " [--resumed 1: resumed ones alone] [--clients N: handshakes, N at a time alone]";

    private final Arguments arguments;
    private final List<ServerProcess> servers = new ArrayList<>();

    private TlsVersus(Arguments arguments) {
        this.arguments = arguments;
    }

    /** A kind of load: does something to a server for a time and answers how often. */
    private interface Load {
        long run(int port, double seconds) throws Exception;
    }

    /**
     * Runs the comparison and prints a table for each shape of load.
     *
     * @param args see above
     * @throws Exception if a server does not start or does not echo
     */
    public static void main(String[] args) throws Exception {
        TlsVersus versus = new TlsVersus(new Arguments(
                args,
                USAGE,
                Map.of(
                        "rounds", 5.0, "seconds", 1.0, "warm", 20.0, "idle", 1000.0, "full", 0.0, "resumed", 0.0,
                        "clients", 0.0)));
        Machine.keepOffFirstProcessor();
        try {
            for (Contender each : Contender.values()) {
                if (each.isMeasure() || versus.arguments.names(each.word())) {
                    versus.servers.add(new ServerProcess(each.title(), "tls-" + each.name()));
                }
            }
            System.out.println(Machine.describe() + "; " + Machine.pinning());
            boolean full = versus.arguments.count("full") > 0;
            boolean resumed = versus.arguments.count("resumed") > 0;
            if (!full && !resumed) {
                versus.idle();
                versus.compare("echo of 1 KiB, 8 connections", (port, seconds) -> echoes(port, seconds, 8, 1024));
                versus.compare("echo of 64 KiB, 4 connections", (port, seconds) -> echoes(port, seconds, 4, 64 * 1024));
            }
            int chosen = versus.arguments.count("clients");
            for (int clients : chosen > 0 ? new int[] {chosen} : new int[] {8, 1}) {
                String shape = " handshakes, " + clients + " at a time";
                if (full || !resumed) {
                    versus.compare("full" + shape, (port, seconds) -> handshakes(port, seconds, clients, false));
                }
                if (resumed || !full) {
                    versus.compare("resumed" + shape, (port, seconds) -> handshakes(port, seconds, clients, true));
                }
            }
        } finally {
            versus.servers.forEach(ServerProcess::close);
        }
    }

    private void compare(String title, Load load) throws Exception {
        List<Samples> costs = new ArrayList<>();
        List<Samples> rates = new ArrayList<>();
        for (ServerProcess server : servers) {
            load.run(server.port(), arguments.number("warm"));
            costs.add(new Samples());
            rates.add(new Samples());
        }
        for (int round = 0; round < arguments.count("rounds"); round++) {
            for (int i = 0; i < servers.size(); i++) {
                Usage before = servers.get(i).usage();
                long begin = System.nanoTime();
                long count = load.run(servers.get(i).port(), arguments.number("seconds"));
                double seconds = (System.nanoTime() - begin) / 1e9;
                costs.get(i).add(servers.get(i).usage().since(before).processNanos() / (double) count);
                rates.get(i).add(count / seconds);
            }
        }
        System.out.printf("%n%s, %d rounds of %s s%n", title, arguments.count("rounds"), arguments.number("seconds"));
        Table.head("server", "CPU µs each", "per CPU-second", "per second", "to the bare loop", "to Netty (min..max)");
        for (int i = 0; i < servers.size(); i++) {
            Table.row(
                    servers.get(i).title(),
                    Table.number(costs.get(i).median() / 1e3, 1),
                    Table.number(1e9 / costs.get(i).median(), 0),
                    Table.number(rates.get(i).median(), 0),
                    ratio(costs.get(0), costs.get(i)),
                    ratio(costs.get(servers.size() - 1), costs.get(i)));
        }
    }

    private String ratio(Samples base, Samples costs) {
        Samples ratios = new Samples();
        for (int round = 0; round < arguments.count("rounds"); round++) {
            ratios.add(base.get(round) / costs.get(round));
        }
        return Table.number(ratios.median(), 2) + " (" + Table.number(ratios.min(), 2) + ".."
                + Table.number(ratios.max(), 2) + ")";
    }

    /**
     * Live heap per idle connection, and how much of it is more than on the bare loop, which holds the engine alone.
     */
    private void idle() throws Exception {
        int count = arguments.count("idle");
        SSLContext context = trusting();
        System.out.printf("%n%d idle connections%n", count);
        Table.head("server", "live bytes a connection", "beyond the bare SSLEngine");
        double base = 0;
        for (ServerProcess server : servers) {
            echoes(server.port(), 0.5, 1, 1024);
            long before = total(server);
            List<SSLSocket> sockets = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                SSLSocket socket = connect(context, "server", server.port());
                echo(socket, new byte[1024], new byte[1024]);
                sockets.add(socket);
            }
            double each = (total(server) - before) / (double) count;
            if (base == 0) {
                base = each;
            }
            Table.row(server.title(), Table.number(each, 0), Table.number(each - base, 0));
            for (SSLSocket socket : sockets) {
                socket.close();
            }
        }
    }

    private static long total(ServerProcess server) throws IOException {
        return server.liveBytes().values().stream().mapToLong(Long::longValue).sum();
    }

    // ---------------------------------------------------------------- loads

    /** What one client does over and over, on a thread of its own. */
    private interface Client {
        long run(int number, long end) throws Exception;
    }

    private static long together(int clients, double seconds, Client client) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            List<Future<Long>> counts = new ArrayList<>();
            long end = System.nanoTime() + (long) (seconds * 1e9);
            for (int i = 0; i < clients; i++) {
                int number = i;
                counts.add(threads.submit(() -> client.run(number, end)));
            }
            long sum = 0;
            for (Future<Long> each : counts) {
                sum += each.get();
            }
            return sum;
        } finally {
            threads.shutdown();
        }
    }

    private static long echoes(int port, double seconds, int connections, int bytes) throws Exception {
        SSLContext context = trusting();
        return together(connections, seconds, (number, end) -> {
            try (SSLSocket socket = connect(context, "server", port)) {
                byte[] message = new byte[bytes];
                byte[] answer = new byte[bytes];
                long count = 0;
                while (System.nanoTime() < end) {
                    echo(socket, message, answer);
                    count++;
                }
                return count;
            }
        });
    }

    private static long handshakes(int port, double seconds, int clients, boolean resumed) throws Exception {
        SSLContext context = trusting();
        return together(clients, seconds, (number, end) -> {
            byte[] one = {1};
            long count = 0;
            while (System.nanoTime() < end) {
                // sessions are kept by the name of the server
                String name = "server-" + number + (resumed ? "" : "-" + count);
                try (SSLSocket socket = connect(context, name, port)) {
                    echo(socket, one, new byte[1]); // a ticket comes before the echo
                    count++;
                }
            }
            return count;
        });
    }

    private static SSLSocket connect(SSLContext context, String name, int port) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port);
        plain.setTcpNoDelay(true);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, name, port, true);
        socket.startHandshake();
        return socket;
    }

    private static void echo(SSLSocket socket, byte[] message, byte[] answer) throws IOException {
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream();
        out.write(message);
        if (in.readNBytes(answer, 0, answer.length) < answer.length || !Arrays.equals(message, answer)) {
            throw new IOException("the echo differs from what was sent");
        }
    }

    /** A client that trusts everybody: what it checks is not what is measured. */
    private static SSLContext trusting() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustsEverybody()}, null);
        return context;
    }

    private static final class TrustsEverybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
