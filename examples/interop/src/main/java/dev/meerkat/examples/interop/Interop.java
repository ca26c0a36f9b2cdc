package dev.meerkat.examples.interop;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.EventManager;
import dev.meerkat.ListenException;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The server that clients nobody here wrote, and load generators, are pointed at. One loop, loopback only:
 *
 * <pre>
 *   port       nothing to say yet: accepts and closes, by which a client that waits for the server knows it is up
 *   port + 1   raw TCP echo with back-pressure
 * </pre>
 *
 * <p>The port comes from {@code --port} or else from the environment variable {@code PORT}. When all is ready a line
 * says so on standard output. SIGTERM and ctrl-C close every connection and end the program.
 */
public final class Interop {
    private static final String USAGE = "usage: java -jar interop.jar [--port N]   (or PORT=N; N from 1 to 65534)";

    /**
     * What a load generator needs and an ordinary server has not: a backlog for thousands that connect at once, and
     * time without limit to fetch the rest of an echo.
     */
    static final ListenOptions LISTEN = ListenOptions.builder()
            .backlog(4096)
            .connection(ConnectionOptions.builder()
                    .closeTimeout(Duration.ofMinutes(10))
                    .build())
            .build();

    private Interop() {}

    /**
     * Serves until the process is told to end.
     *
     * @param args {@code --port N}
     */
    public static void main(String[] args) {
        int port = port(args, System.getenv("PORT"));
        if (port < 0) {
            System.err.println(USAGE);
            System.exit(2);
        }
        try (EventManager manager = EventManager.create()) {
            manager.listen("tcp://127.0.0.1:" + port, LISTEN, Interop::hangUp);
            Acceptor echo = manager.listen("tcp://127.0.0.1:" + (port + 1), LISTEN, new EchoHandler());
            // Closing from another thread returns when every connection has been told.
            Runtime.getRuntime().addShutdownHook(new Thread(manager::close, "interop-shutdown"));
            System.out.println("listening on 127.0.0.1:" + echo.port() + " (tcp echo)");
            manager.run();
        } catch (ListenException refused) {
            System.err.println(refused.getMessage());
            System.exit(1);
        }
    }

    private static void hangUp(Connection connection, Event event) {
        if (event instanceof TcpEvent.Opened) {
            connection.close();
        }
    }

    /** The port that was asked for, or -1 if that cannot be understood. */
    static int port(String[] args, @Nullable String environment) {
        String text = args.length == 2 && args[0].equals("--port") ? args[1] : args.length == 0 ? environment : null;
        if (text == null) {
            return -1;
        }
        try {
            int port = Integer.parseInt(text);
            return port >= 1 && port <= 65_534 ? port : -1;
        } catch (NumberFormatException notANumber) {
            return -1;
        }
    }
}
