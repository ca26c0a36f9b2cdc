package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.runtime.ListenerHandle;
import dev.meerkat.tls.TlsOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In virtual time, time-outs are exact. */
class SimTlsTest extends TlsRules {
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final SimArm sim = new SimArm();

    @Override
    Arm openArm() {
        return sim;
    }

    @Test
    void aSilentClientIsGivenUpAtTheVeryMoment() {
        Script server = script();
        Acceptor acceptor =
                listenTls(serving(server().toBuilder().handshakeTimeout(TIMEOUT).build()), server);
        Peer peer = peer(acceptor);
        until("the connection", () -> acceptor.connectionCount() == 1);
        Duration begun = sim.now();
        sim.advance(TIMEOUT.minusNanos(1));
        assertTrue(server.kinds().isEmpty());
        sim.advance(Duration.ofNanos(1));
        untilClosed(server);
        assertEquals(begun.plus(TIMEOUT), sim.now());
        assertEquals(List.of("HandshakeFailed", "Closed"), server.kinds());
        assertEquals(Kind.TLS_HANDSHAKE_TIMEOUT, server.errorKind());
        until("the end", () -> peer.hasEnded() || peer.wasReset());
    }

    @Test
    void aSilentServerIsGivenUpAtTheVeryMoment() {
        ListenerHandle listener = peerListener();
        Script client = script();
        Connection connection = manager()
                .connect(
                        "tls://" + addressOf(listener),
                        asking(client().toBuilder().handshakeTimeout(TIMEOUT).build()),
                        client);
        accept(listener);
        Duration begun = sim.now();
        until("Closed", client::isClosed);
        assertEquals(begun.plus(TIMEOUT), sim.now());
        assertEquals(List.of("ConnectFailed", "Closed"), client.kinds());
        assertEquals(Kind.TLS_HANDSHAKE_TIMEOUT, client.errorKind());
        assertTrue(connection.closeReason().isPresent());
    }

    /** Tasks wait in a queue that is bounded; those who wait are bounded in number and in time. */
    @Test
    void aHandshakeWhoseTasksFindNoWorkerEndsByItsTimeout() throws Exception {
        BusyWorkers[] workers = new BusyWorkers[1];
        use(options -> {}, runtime -> {
            workers[0] = BusyWorkers.busy(runtime);
            return workers[0].in(runtime);
        });
        TlsOptions serving = server().toBuilder().handshakeTimeout(TIMEOUT).build();
        Script server = script();
        Script client = script();
        Acceptor acceptor = listenTls(serving(serving), server);
        Duration begun = sim.now();
        Connection unused = connectTls(acceptor, asking(client()), client);
        until("the server's task to wait", () -> workers[0].waiting() > 0);
        sim.advance(TIMEOUT.minus(sim.now().minus(begun)).minusMillis(1));
        assertTrue(server.kinds().isEmpty());
        untilClosed(server);
        untilClosed(client);
        assertEquals(begun.plus(TIMEOUT), sim.now());
        assertEquals(List.of("HandshakeFailed", "Closed"), server.kinds());
        assertEquals(Kind.TLS_HANDSHAKE_TIMEOUT, server.errorKind());
        assertEquals(Kind.RESET, client.errorKind()); // the engine was away, and with it the words for an alert
        workers[0].runLate();
        settle();
        assertEquals(List.of("HandshakeFailed", "Closed"), server.kinds());
        assertEquals(0, acceptor.connectionCount());
    }
}
