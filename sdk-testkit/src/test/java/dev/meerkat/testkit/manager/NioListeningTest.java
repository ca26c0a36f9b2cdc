package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.meerkat.Acceptor;
import dev.meerkat.ListenOptions;
import dev.meerkat.runtime.Transport;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class NioListeningTest extends ListeningRules {
    @Override
    Arm openArm() {
        return new NioArm();
    }

    @Test
    void anotherThreadMayCloseAnAcceptor() {
        Acceptor acceptor = listen(script());
        Threads.elsewhere(() -> {
            acceptor.close();
            return null;
        });
        until("it to be closed", () -> manager().statistics().acceptors() == 0);
        assertFalse(acceptor.isAccepting());
    }

    @Test
    void acceptorsMayShareAPort() {
        Assumptions.assumeTrue(
                manager().runtime().transport().capabilities().contains(Transport.Capability.REUSE_PORT));
        ListenOptions shared = ListenOptions.builder().reusePort(true).build();
        Script script = script();
        Acceptor first = listen(shared, script);
        Acceptor second = manager().listen(arm.host() + ":" + first.port(), shared, script);
        for (int i = 0; i < 10; i++) {
            peer(first);
        }
        until("ten connections", () -> script.connections().size() == 10);
        assertEquals(10, first.connectionCount() + second.connectionCount());
        assertEquals(List.of(first.port()), List.of(second.port()));
    }
}
