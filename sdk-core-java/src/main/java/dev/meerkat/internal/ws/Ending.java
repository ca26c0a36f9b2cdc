package dev.meerkat.internal.ws;

import dev.meerkat.Connection;
import dev.meerkat.Timer;
import dev.meerkat.event.CloseReason;
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
    private final RealWebSocket webSocket;
    private final CloseStatus status;
    private final ClosedBy by;
    private final @Nullable WebSocketError error;
    /** Both sides have sent a close frame. */
    private boolean complete;

    private @Nullable Timer timer;

    Ending(RealWebSocket webSocket, CloseStatus status, ClosedBy by, @Nullable WebSocketError error) {
        this.webSocket = webSocket;
        this.status = status;
        this.by = by;
        this.error = error;
    }

    /** Our close frame is on its way. */
    void begin(Connection connection, Duration timeout) {
        timer = connection.manager().schedule(timeout, connection::abort);
        if (error != null) {
            connection.close(timeout); // nothing that the peer still sends can be understood
        } else if (connection.isReadingPaused()) {
            connection.resumeReading();
        }
    }

    /** The peer's close frame has come. */
    void answered(Connection connection) {
        complete = true;
        if (webSocket.protocol().isPresent()) {
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
