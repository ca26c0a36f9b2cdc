package dev.meerkat.http.proxy;

import dev.meerkat.Connection;
import dev.meerkat.Handler;
import dev.meerkat.Timer;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Two connections that were switched to another protocol, of which this knows nothing: bytes go across, and the end of
 * each direction by itself. When one direction has ended the other has only so long without a byte, since who has gone
 * and who still listens look alike.
 */
final class Relay {
    private final Duration patience;
    private @Nullable Connection upstream;
    private @Nullable Connection downstream;
    private @Nullable Timer watch;
    private boolean upstreamEnded;
    private boolean over;

    /**
     * Makes a relay.
     *
     * @param patience how long nothing may come when one side has ended its direction
     */
    Relay(Duration patience) {
        this.patience = patience;
    }

    /** The handler of the connection to the server behind, which is there first and waits. */
    Handler upstream() {
        return (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                upstream = connection;
                begin(connection);
                connection.pauseReading();
                if (over) {
                    connection.abort();
                }
            } else {
                upstreamEnded |= event instanceof TcpEvent.InputClosed;
                pass(event, connection, downstream);
            }
        };
    }

    /** The handler of the peer's connection. */
    Handler downstream() {
        return (connection, event) -> {
            if (event instanceof TcpEvent.Opened) {
                downstream = connection;
                begin(connection);
                join(connection);
            } else {
                pass(event, connection, upstream);
            }
        };
    }

    private static void begin(Connection connection) {
        connection.configure(connection.options().toBuilder().halfClose(true).build());
    }

    /** The second is there: what the first has said meanwhile is said to it, its end too. */
    private void join(Connection second) {
        Connection first = upstream;
        if (first == null || !first.isOpen()) {
            second.close();
            return;
        }
        ReceiveBuffer early = first.receiveBuffer();
        if (!early.isEmpty()) {
            second.send(early);
        }
        if (upstreamEnded) {
            end(second);
        } else {
            first.resumeReading();
        }
    }

    private void pass(Event event, Connection from, @Nullable Connection to) {
        if (to == null) {
            return; // what has come waits where it is
        }
        if (event instanceof TcpEvent.Received received) {
            if (!to.isOpen()) {
                received.buffer().discard(received.buffer().size());
                return;
            }
            to.send(received.buffer());
            if (!to.isWritable()) {
                from.pauseReading();
            }
        } else if (event instanceof TcpEvent.Drained) {
            if (to.isOpen()) {
                to.resumeReading();
            }
        } else if (event instanceof TcpEvent.InputClosed) {
            end(to);
        } else if (event instanceof TcpEvent.Closed closed) {
            if (closed.reason().isClean()) {
                to.close();
            } else {
                to.abort();
            }
        }
    }

    /** One side has ended its direction. */
    private void end(Connection to) {
        if (to.isOpen()) {
            to.shutdownOutput();
            look(to, patience);
        }
    }

    private void look(Connection either, Duration next) {
        if (watch == null) {
            watch = either.manager().schedule(next, () -> looked(either));
        }
    }

    private void looked(Connection either) {
        watch = null;
        Connection first = upstream;
        Connection second = downstream;
        if (first == null || second == null || !first.isOpen() || !second.isOpen()) {
            return; // the end of one ends the other
        }
        var last = first.lastIo().isAfter(second.lastIo()) ? first.lastIo() : second.lastIo();
        Duration left = patience.minus(Duration.between(last, either.manager().wallTime()));
        if (left.isNegative() || left.isZero()) {
            first.close();
            second.close();
        } else {
            look(either, left);
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
