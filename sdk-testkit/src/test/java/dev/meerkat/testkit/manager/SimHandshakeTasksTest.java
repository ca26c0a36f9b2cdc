package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.tls.HandshakeTasks;
import dev.meerkat.tls.TlsVersion;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** In virtual time a worker takes as long as a test says, and the loop takes none. */
class SimHandshakeTasksTest extends HandshakeTasksRules {
    private static final Duration EACH = Duration.ofMillis(7);

    private final SimArm sim = new SimArm();

    @Override
    Arm openArm() {
        return sim;
    }

    private Duration handshake(HandshakeTasks where, TlsVersion version) {
        sim.workerDuration(manager(), EACH);
        Script server = script();
        Script client = script();
        Acceptor acceptor = listen(server(where, version, () -> {}), server);
        Duration begun = sim.now();
        Connection unused = connect(acceptor, client(HandshakeTasks.ON_LOOP), client);
        until("both", () -> client.isOpened() && server.isOpened());
        return sim.now().minus(begun);
    }

    @Test
    void aHandshakeOnTheLoopTakesNoVirtualTime() {
        assertEquals(Duration.ZERO, handshake(HandshakeTasks.ON_LOOP, TlsVersion.TLS_1_3));
        assertEquals(Duration.ZERO, handshake(HandshakeTasks.ON_LOOP, TlsVersion.TLS_1_2));
    }

    @Test
    void aHandshakeOnWorkersTakesAsLongAsTheyDo() {
        assertEquals(EACH, handshake(HandshakeTasks.ON_WORKERS, TlsVersion.TLS_1_3));
        assertEquals(EACH.multipliedBy(2), handshake(HandshakeTasks.ON_WORKERS, TlsVersion.TLS_1_2));
    }

    /** On real sockets one that happens to take long sends others to the workers. */
    @ParameterizedTest
    @EnumSource
    void withOneProcessorAServerComputesOnTheLoop(TlsVersion version) {
        workers.haveNoProcessor();
        Script server = echo(script());
        Acceptor acceptor = listen(serving(version), server);
        for (int i = 0; i < 3; i++) {
            conversation(acceptor, client(HandshakeTasks.ON_LOOP), server);
        }
        assertEquals(0, workers.takeCount());
    }
}
