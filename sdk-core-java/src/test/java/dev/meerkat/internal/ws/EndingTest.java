package dev.meerkat.internal.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.event.CloseReason;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.ClosedBy;
import dev.meerkat.websocket.WebSocketEvent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is said of an end that nobody has announced. */
class EndingTest {
    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"TLS_TRUNCATED", "TLS_VIOLATION", "TLS_ALERT", "RESET"})
    void whatEndsAnOpenWebSocketIsNoFailedHandshakeOfTls(Kind kind) {
        ConnectionError error = ConnectionError.of(kind, "expected");
        WebSocketEvent.Closed closed = Ending.withoutGoodbye(CloseReason.failed(CloseReason.Initiator.PEER, error));
        assertEquals(CloseStatus.of(CloseStatus.ABNORMAL), closed.status());
        assertEquals(ClosedBy.PEER, closed.by());
        assertEquals(kind, closed.connectionError().orElseThrow().kind());
    }
}
