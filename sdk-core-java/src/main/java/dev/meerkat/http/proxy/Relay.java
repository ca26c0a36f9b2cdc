package dev.meerkat.http.proxy;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import org.jspecify.annotations.Nullable;

/** Two connections that were switched to another protocol, of which this knows nothing: bytes go across. */
final class Relay {
    private @Nullable Connection upstream;
    private @Nullable Connection downstream;
    private boolean over;

    /** The handler of the connection to the server behind, which is there first and waits. */
    Handler upstream() {
        return (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                upstream = connection;
                connection.pauseReading();
                if (over) {
                    connection.abort();
                }
            } else {
                pass(event, connection, downstream);
            }
        };
    }

    /** The handler of the peer's connection. */
    Handler downstream() {
        return (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                downstream = connection;
                Connection other = upstream;
                if (other == null || !other.isOpen()) {
                    connection.close();
                } else {
                    other.resumeReading();
                }
            } else {
                pass(event, connection, upstream);
            }
        };
    }

    private static void pass(Event event, Connection from, @Nullable Connection to) {
        if (event instanceof TcpEvent.Received received) {
            if (to == null || !to.isOpen()) {
                received.buffer().discard(received.buffer().size());
                return;
            }
            to.send(received.buffer());
            if (!to.isWritable()) {
                from.pauseReading();
            }
        } else if (event instanceof TcpEvent.Drained) {
            if (to != null && to.isOpen()) {
                to.resumeReading();
            }
        } else if (event instanceof TcpEvent.Closed closed && to != null) {
            if (closed.reason().isClean()) {
                to.close();
            } else {
                to.abort();
            }
        }
    }

    /** The peer has gone before it was told. */
    void abandon() {
        over = true;
        Connection other = upstream;
        if (other != null && downstream == null) {
            other.abort();
        }
    }
}
