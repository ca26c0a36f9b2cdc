package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Connection;
import dev.meerkat.Timer;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.http.client.ClientRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Every step of a call ends at the exact nanosecond of its time-out. */
class SimHttpTimeoutTest extends HttpClientRulesBase {
    /** All buffers of both ends are full, and something waits. */
    private static final int MORE_THAN_IS_TAKEN = 8 << 20;

    @Override
    Arm openArm() {
        return new SimArm();
    }

    private Duration elapsed(Runnable task) {
        Duration before = ((SimArm) arm).now();
        task.run();
        return ((SimArm) arm).now().minus(before);
    }

    @Test
    void aHeadHasItsTimeFromTheEndOfTheRequest() {
        String uri = serve(new CannedServer((connection, request) -> {}));
        assertEquals(Duration.ofSeconds(60), elapsed(() -> fails(Kind.HEAD_TIMEOUT, ClientRequest.get(uri + "/1"))));
        ClientBody body = ClientBody.text("body");
        assertEquals(
                Duration.ofSeconds(61),
                elapsed(() ->
                        fails(Kind.HEAD_TIMEOUT, ClientRequest.put(uri, body).expectingContinue())),
                "a second for 100");
    }

    @Test
    void aHeadThatDripsInHasNoMoreTime() {
        String uri = serve(new CannedServer((connection, request) -> {
            connection.send("HTTP/1.1 200 OK\r\nX-Slow: ");
            every(Duration.ofSeconds(7), connection, () -> connection.send("x"));
        }));
        assertEquals(Duration.ofSeconds(60), elapsed(() -> fails(Kind.HEAD_TIMEOUT, ClientRequest.get(uri))));
        ClientBody body = ClientBody.text("body");
        assertEquals(Duration.ofSeconds(60), elapsed(() -> fails(Kind.HEAD_TIMEOUT, ClientRequest.put(uri, body))));
    }

    @Test
    void aHeadHasItsTimeFromWhenTheLastOfTheRequestHasLeft() {
        String uri = serve(new CannedServer((connection, request) -> {}) {
            @Override
            public void onEvent(Connection connection, Event event) {
                if (event instanceof TcpEvent.Opened) {
                    connection.pauseReading();
                    connection.manager().schedule(Duration.ofSeconds(20), connection::resumeReading);
                }
                super.onEvent(connection, event);
            }
        });
        ClientBody body = ClientBody.bytes("text/plain", Bytes.copyOf(new byte[MORE_THAN_IS_TAKEN]));
        assertEquals(Duration.ofSeconds(80), elapsed(() -> fails(Kind.HEAD_TIMEOUT, ClientRequest.put(uri, body))));
    }

    @Test
    void whoTakesNothingHasNoMoreTimeForTalking() {
        String uri = serve(new CannedServer((connection, request) -> {}) {
            @Override
            public void onEvent(Connection connection, Event event) {
                if (event instanceof TcpEvent.Opened) {
                    connection.pauseReading();
                    every(Duration.ofSeconds(7), connection, () -> connection.send("HTTP/1.1 103 Early Hints\r\n\r\n"));
                }
                super.onEvent(connection, event);
            }
        });
        ClientBody body = ClientBody.bytes("text/plain", Bytes.copyOf(new byte[MORE_THAN_IS_TAKEN]));
        assertEquals(Duration.ofSeconds(30), elapsed(() -> fails(Kind.SEND_TIMEOUT, ClientRequest.put(uri, body))));
    }

    @Test
    void aBodyHasItsTimeFromItsLastBytes() {
        String uri = serve(new CannedServer((connection, request) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbeg");
            connection.manager().schedule(Duration.ofSeconds(29), () -> connection.send("un"));
        }));
        assertEquals(Duration.ofSeconds(59), elapsed(() -> fails(Kind.BODY_TIMEOUT, ClientRequest.get(uri))));
    }

    @Test
    void aCallHasItsTimeInAll() {
        String uri = serve(new CannedServer((connection, request) -> drip(connection)));
        assertEquals(Duration.ofMinutes(10), elapsed(() -> fails(Kind.CALL_TIMEOUT, ClientRequest.get(uri))));
    }

    private static void drip(Connection connection) {
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        every(Duration.ofSeconds(20), connection, () -> connection.send("x"));
    }

    private static void every(Duration period, Connection connection, Runnable task) {
        connection.manager().scheduleAtFixedRate(period, period, Timer.Overrun.SKIP, () -> {
            if (connection.isOpen()) {
                task.run();
            }
        });
    }

    @Test
    void anIdleConnectionIsKeptForItsTimeOrTheServers() {
        CannedServer server = CannedServer.text("x");
        String uri = serve(server);
        assertEquals(Duration.ofSeconds(30), elapsed(() -> {
            get(uri);
            until("the end", () -> client().statistics().connections() == 0);
        }));
        String hinting = serve(new CannedServer((connection, request) ->
                connection.send("HTTP/1.1 200 OK\r\nKeep-Alive: max=5, timeout=10\r\nContent-Length: 0\r\n\r\n")));
        assertEquals(Duration.ofSeconds(8), elapsed(() -> {
            get(hinting);
            until("the end", () -> client().statistics().connections() == 0);
        }));
    }

    @Test
    void whoWaitsForAConnectionHasItsTime() {
        client(options -> options.connectionsPerOrigin(1).headTimeout(Duration.ofMinutes(2)));
        String uri = serve(new CannedServer((connection, request) -> {}));
        var first = client().send(ClientRequest.get(uri));
        assertEquals(Duration.ofSeconds(30), elapsed(() -> fails(Kind.WAIT_TIMEOUT, ClientRequest.get(uri))));
        first.cancel(true);
    }

    @Test
    void connectingHasItsTime() {
        String uri = serve(CannedServer.text("x"));
        ((SimArm) arm).vanishPeers();
        String nowhere = "http://" + arm.foreignHost() + ":80";
        assertEquals(Duration.ofSeconds(10), elapsed(() -> fails(Kind.CONNECT_FAILED, ClientRequest.get(nowhere))));
        assertEquals("x", get(uri).text());
        assertEquals(Bytes.utf8("x"), get(uri).bytes());
    }
}
