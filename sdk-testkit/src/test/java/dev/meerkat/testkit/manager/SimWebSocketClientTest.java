package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.ConnectOptions;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.websocket.CloseStatus;
import dev.meerkat.websocket.WebSocketOptions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How long handshakes may take, to the nanosecond. */
class SimWebSocketClientTest extends WebSocketClientRules {
    @Override
    Arm openArm() {
        return new SimArm();
    }

    private void advanceUntil(Duration time, Kind kind) {
        arm.advance(time.minusNanos(1));
        assertEquals("[]", told.toString());
        arm.advance(Duration.ofNanos(1));
        over("Closed 1006 by MANAGER, not clean");
        assertEquals(Optional.of(kind), closed.connectionError().map(error -> error.kind()));
        assertEquals(0, manager().statistics().timers(), "timers");
    }

    @Test
    void aServerHasSoMuchTimeToAnswer() {
        connect(client(options -> options.handshakeTimeout(Duration.ofSeconds(3))), listenByHand());
        asked();
        advanceUntil(Duration.ofSeconds(3), Kind.HANDSHAKE_TIMEOUT);
    }

    @Test
    void aServerThatDripsHasNoMoreTime() {
        connect(client(options -> options.handshakeTimeout(Duration.ofSeconds(3))), listenByHand());
        Peer server = asked();
        for (int i = 0; i < 2; i++) {
            arm.advance(Duration.ofSeconds(1));
            server.send("H");
        }
        advanceUntil(Duration.ofSeconds(1), Kind.HANDSHAKE_TIMEOUT);
    }

    @Test
    void theBodyOfARefusalHasThatTimeOnceMore() {
        connect(client(options -> options.handshakeTimeout(Duration.ofSeconds(3))), listenByHand());
        Peer server = asked();
        server.send("HTTP/1.1 403 No\r\nContent-Length: 100\r\n\r\nso ");
        settle();
        Duration spent = Duration.ofMillis(5);
        arm.advance(Duration.ofSeconds(2));
        server.send("far");
        arm.advance(Duration.ofSeconds(1).minus(spent).minusNanos(1));
        assertEquals("[]", told.toString());
        arm.advance(Duration.ofNanos(1));
        over("Refused 403", "Closed 1006 by PEER, not clean");
        assertEquals("so far", refused.body().utf8());
    }

    @Test
    void aHostThatDoesNotAnswerHasTheTimeOfConnecting() {
        ((SimArm) arm).vanishPeers();
        connect(
                client(options -> options.connect(ConnectOptions.builder()
                        .connectTimeout(Duration.ofSeconds(2))
                        .build())),
                "ws://" + arm.foreignHost() + ":80/");
        advanceUntil(Duration.ofSeconds(2), Kind.CONNECT_TIMEOUT);
    }

    @Test
    void whoWaitsForItsTurnMayWaitForever() {
        String uri = listenByHand();
        var client = client(options -> options.handshakeTimeout(Duration.ofMinutes(30))
                .webSocket(WebSocketOptions.builder()
                        .pingInterval(Duration.ZERO)
                        .idleTimeout(Duration.ZERO)
                        .build()));
        connect(client, uri);
        Peer first = asked();
        connect(client, uri);
        arm.advance(Duration.ofMinutes(29));
        first.send(yes(first));
        Peer second = asked();
        arm.advance(Duration.ofMinutes(29));
        second.send(yes(second));
        until("both", () -> told.size() == 2);
        assertEquals("[Opened, Opened]", told.toString());
    }

    @Test
    void aServerThatDoesNotEndTheConnectionIsWaitedForThatLong() {
        connect(
                client(options -> {}),
                listenByHand(),
                onOpened(webSocket -> webSocket.close(CloseStatus.of(1000), Duration.ofSeconds(7))));
        Peer server = asked();
        server.send(yes(server));
        settle();
        arm.advance(Duration.ofSeconds(7).minusMillis(5).minusNanos(1));
        assertEquals("[Opened]", told.toString());
        arm.advance(Duration.ofNanos(1));
        over("Opened", "Closed 1000 by LOCAL, not clean");
        assertEquals(Optional.of(Kind.CLOSE_TIMEOUT), closed.connectionError().map(error -> error.kind()));
    }
}
