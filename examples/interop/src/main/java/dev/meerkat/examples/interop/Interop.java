package dev.meerkat.examples.interop;

import dev.meerkat.ConnectionOptions;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.Handler;
import dev.meerkat.ListenException;
import dev.meerkat.ListenOptions;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpServer;
import dev.meerkat.http.HttpServerOptions;
import dev.meerkat.http.HttpTimeouts;
import dev.meerkat.tls.MalformedPemException;
import dev.meerkat.tls.TlsOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The server that clients nobody here wrote, and load generators, are pointed at. Loopback only:
 *
 * <pre>
 *   port       HTTP, the paths of {@link HttpRoutes}, and WebSocket, those of {@link WebSocketRoutes}
 *   port + 1   raw TCP echo with back-pressure
 *   tls-port   HTTP through TLS
 * </pre>
 *
 * <p>The port comes from {@code --port} or else from the environment variable {@code PORT}; the file that is served
 * from {@code FILE_PATH}. When all is ready a line says so on standard output. SIGTERM and ctrl-C close every
 * connection and end the program.
 *
 * <p>With {@code --autobahn-client URL AGENT} it is no server but a client of the Autobahn test suite, see
 * {@link AutobahnClient}.
 */
public final class Interop {
    /** What may wait besides the largest message. */
    private static final int ROOM_FOR_ANSWERS = 16 << 20;

    /**
     * What a load generator needs and an ordinary server has not: a backlog for thousands that connect at once, time
     * without limit to fetch the rest of an echo, and room for the largest message that is echoed.
     */
    static final ListenOptions LISTEN = ListenOptions.builder()
            .backlog(4096)
            .connection(ConnectionOptions.builder()
                    .closeTimeout(Duration.ofMinutes(10))
                    .sendLimit(WebSocketRoutes.MOST_BYTES + ROOM_FOR_ANSWERS)
                    .build())
            .build();

    /** Limits as by default, but connections that wait for hours and ask for ever, since benchmarks do. */
    static final HttpServerOptions HTTP = HttpServerOptions.builder()
            .timeouts(HttpTimeouts.builder().keepAlive(Duration.ofHours(1)).build())
            .limits(HttpLimits.builder()
                    .requestsPerConnection(HttpLimits.NONE)
                    .connectionsPerIp(HttpLimits.NONE)
                    .bodyBytes(Long.MAX_VALUE)
                    .build())
            .build();

    private Interop() {}

    /**
     * Serves until the process is told to end.
     *
     * @param args see {@link InteropArguments}
     * @throws Exception if the program is interrupted
     */
    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals(InteropArguments.AUTOBAHN)) {
            if (args.length != 3) {
                System.err.println(InteropArguments.USAGE);
                System.exit(2);
            }
            try {
                System.out.println(AutobahnClient.run(args[1], args[2]) + " cases");
            } catch (ExecutionException failed) {
                System.err.println(failed.getCause());
                System.exit(1);
            }
            return;
        }
        InteropArguments arguments = null;
        try {
            arguments = InteropArguments.parse(args, System.getenv("PORT"));
        } catch (IllegalArgumentException unclear) {
            System.err.println(unclear.getMessage());
            System.err.println(InteropArguments.USAGE);
            System.exit(2);
        }
        if (arguments != null) {
            serve(arguments, System.getenv("FILE_PATH"));
        }
    }

    private static void serve(InteropArguments arguments, @Nullable String file) throws InterruptedException {
        EventManagerGroup group =
                EventManagerGroup.builder().managers(arguments.threads()).build();
        try (group) {
            Handler http = HttpServer.handler(HTTP, HttpRoutes.create(file == null ? null : Path.of(file)));
            int port = arguments.port();
            group.start();
            Path certificate = arguments.certificate();
            if (certificate != null) {
                group.listen("https://127.0.0.1:" + arguments.tlsPort(), secure(certificate, arguments.key()), http);
            }
            group.listen("tcp://127.0.0.1:" + (port + 1), LISTEN, new EchoHandler());
            group.listen("http://127.0.0.1:" + port, LISTEN, http);
            CountDownLatch told = new CountDownLatch(1);
            CountDownLatch ended = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Ending(told, ended));
            System.out.println("listening on 127.0.0.1:" + port + " (http), " + (port + 1) + " (tcp echo)"
                    + (certificate == null ? "" : ", " + arguments.tlsPort() + " (https)"));
            told.await();
            group.close();
            ended.countDown();
        } catch (ListenException | MalformedPemException refused) {
            System.err.println(refused.getMessage());
            System.exit(1);
        }
    }

    /** Has the main thread close everything, and waits for that. */
    private static final class Ending extends Thread {
        private final CountDownLatch told;
        private final CountDownLatch ended;

        Ending(CountDownLatch told, CountDownLatch ended) {
            super("interop-shutdown");
            this.told = told;
            this.ended = ended;
        }

        @Override
        public void run() {
            told.countDown();
            awaitQuietly(ended);
        }
    }

    private static ListenOptions secure(Path certificate, @Nullable Path key) {
        TlsOptions tls = key == null ? TlsOptions.server(certificate) : TlsOptions.server(certificate, key);
        return LISTEN.toBuilder().tls(tls).build();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
