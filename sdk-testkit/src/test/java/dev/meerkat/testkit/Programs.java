package dev.meerkat.testkit;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionOptions;
import dev.meerkat.Handler;
import dev.meerkat.ListenOptions;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import java.util.List;

/** Small programs that several tests run. */
final class Programs {
    static final ListenOptions HALF_CLOSE = ListenOptions.builder()
            .connection(ConnectionOptions.builder().halfClose(true).build())
            .build();

    private Programs() {}

    /** Sends back what it receives. */
    static void echo(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            connection.send(received.buffer());
        }
    }

    /** Does nothing at all. */
    static void ignore(Connection connection, Event event) {
        if (event instanceof TcpEvent.Received received) {
            received.buffer().discard(received.buffer().size());
        }
    }

    /** Notes the kinds of events. */
    static Handler recorder(List<String> log) {
        return (connection, event) -> {
            log.add(
                    event instanceof TcpEvent.Closed closed
                            ? "Closed " + closed.reason()
                            : event.getClass().getSimpleName());
            ignore(connection, event);
        };
    }
}
