package dev.meerkat.internal.blocking;

import dev.meerkat.BlockingConnection;
import dev.meerkat.BlockingHandler;
import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import java.util.Objects;

/**
 * A blocking handler as a handler of events: the whole conversation takes place inside {@code Opened}.
 *
 * @param handler the program's
 */
public record StreamCall(BlockingHandler handler) implements Handler {
    // Rejects a missing handler.
    public StreamCall {
        Objects.requireNonNull(handler, "handler");
    }

    @Override
    public void onEvent(Connection connection, Event event) throws Exception {
        if (event instanceof TcpEvent.Opened) {
            handler.handle((BlockingConnection) connection);
            connection.close();
        } else if (event instanceof TcpEvent.ConnectFailed failed) {
            handler.connectFailed((BlockingConnection) connection, failed.error());
        }
    }
}
