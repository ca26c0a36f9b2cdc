package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.Timer;
import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.ClosedBy;
import dev.meerkat.websocket.WebSocketError;
import dev.meerkat.websocket.WebSocketEvent;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The end of a WebSocket, from the first close frame on (RFC 6455 §7.1). When both sides have sent theirs the server
 * ends the connection, and the client waits for that (§7.1.1); whoever waits longer than its time-out aborts.
 */
final class Ending {
    private final CloseStatus status;
    private final ClosedBy by;
    private final @Nullable WebSocketError error;
    /** Both sides have sent a close frame. */
    private boolean complete;

    private @Nullable Timer timer;

    Ending(CloseStatus status, ClosedBy by, @Nullable WebSocketError error) {
        this.status = status;
        this.by = by;
        this.error = error;
    }

    /** Our close frame is on its way: from now on it has its time. */
    void begin(Connection connection, Duration timeout) {
        timer = connection
                .manager()
                .schedule(
                        timeout,
                        () -> connection.abort(ConnectionError.of(
                                Kind.CLOSE_TIMEOUT, "the closing handshake took longer than " + timeout)));
        if (error != null) {
            connection.close(timeout); // nothing that the peer still sends can be understood
        }
    }

    /** The peer's close frame has come. */
    void answered(Connection connection, boolean server) {
        complete = true;
        if (server) {
            connection.close(); // the client waits for that (RFC 6455 §7.1.1)
        }
    }

    WebSocketEvent.Closed over(CloseReason reason) {
        Timer armed = timer;
        if (armed != null) {
            armed.cancel();
        }
        return new WebSocketEvent.Closed(status, by, complete, Optional.ofNullable(error), reason.error());
    }

    /** There was no connection to say it on. */
    static WebSocketEvent.Closed given(CloseStatus status) {
        return new WebSocketEvent.Closed(status, ClosedBy.LOCAL, false, Optional.empty(), Optional.empty());
    }

    /** There was no connection, and there will be none. */
    static WebSocketEvent.Closed managerClosed() {
        return new WebSocketEvent.Closed(
                CloseStatus.of(CloseStatus.ABNORMAL),
                ClosedBy.MANAGER,
                false,
                Optional.empty(),
                Optional.of(ConnectionError.of(Kind.MANAGER_CLOSED, "the manager was closed")));
    }

    /** The connection has ended, and nobody has said why. */
    static WebSocketEvent.Closed withoutGoodbye(CloseReason reason) {
        ClosedBy by = switch (reason.initiator()) {
            case LOCAL -> ClosedBy.LOCAL;
            case PEER -> ClosedBy.PEER;
            case NETWORK -> ClosedBy.NETWORK;
            case MANAGER -> ClosedBy.MANAGER;
        };
        return new WebSocketEvent.Closed(
                CloseStatus.of(CloseStatus.ABNORMAL), by, false, Optional.empty(), reason.error());
    }
}
