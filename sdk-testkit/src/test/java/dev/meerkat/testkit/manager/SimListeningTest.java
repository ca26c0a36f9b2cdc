package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.Acceptor;
import dev.meerkat.ListenOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SimListeningTest extends ListeningRules {
    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    @Test
    void acceptingPausesForAsLongAsItSays() {
        FaultyTransport transport = new FaultyTransport();
        use(options -> {}, transport::install);
        Script script = script();
        Acceptor acceptor = listen(script);
        transport.failAccepts(3);
        Duration begin = world.now();
        long turns = manager().statistics().turns();
        peer(acceptor);
        until("a connection", script::isOpened);
        assertEquals(Duration.ofMillis(300), world.now().minus(begin));
        // each failure one turn, each end of the pause one turn, and one that finds the connection
        assertEquals(7, manager().statistics().turns() - turns);
        takeFailures();
    }

    @Test
    void acceptingGoesOnAtTheVeryInstantAtWhichThereIsRoom() {
        Script script = script();
        Acceptor acceptor = listen(ListenOptions.builder().maxConnections(1).build(), script);
        peer(acceptor);
        until("the first", script::isOpened);
        peer(acceptor);
        world.advance(LONG);
        Duration begin = world.now();
        script.connection().abort();
        until("the second", () -> script.connections().size() == 2);
        assertEquals(begin, world.now());
    }
}
