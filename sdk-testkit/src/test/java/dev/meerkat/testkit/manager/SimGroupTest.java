package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Connection;
import dev.meerkat.ErrorHook;
import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.GroupAcceptor;
import dev.meerkat.Spread;
import dev.meerkat.event.TcpEvent;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimGroupTest extends GroupRules {
    private final SimArm world = new SimArm();

    @Override
    Arm openArm() {
        return world;
    }

    @Override
    void holdUp(EventManager manager) {
        world.busy(manager, Duration.ofHours(1));
    }

    @Override
    void letGo(EventManager manager) {
        world.advance(Duration.ofHours(1));
    }

    /** Whoever of the managers has lost the connection: the one that accepts for all goes on at once. */
    @Test
    void whoHandsOverGoesOnWhenAConnectionEnds() {
        Script script = script();
        EventManagerGroup made = group(Spread.HAND_OVER);
        GroupAcceptor acceptor = listening(made, script);
        peers(acceptor, script, 3);
        world.managerHost().descriptorLimit(world.managerHost().openHandles().size());
        for (Connection each : script.connections()) {
            Peer waiting = peer(acceptor.acceptors().get(0));
            waiting.send("late");
            settle();
            assertEquals(ErrorHook.Source.ACCEPT, takeFailure().source());
            int before = script.count(TcpEvent.Opened.class);
            Duration ended = world.now();
            each.abort();
            until("the late one", () -> script.count(TcpEvent.Opened.class) > before);
            assertTrue(
                    world.now().minus(ended).toMillis() < 50,
                    () -> "after " + world.now().minus(ended));
        }
        world.managerHost().descriptorLimit(Integer.MAX_VALUE);
    }

    /** Half of the descriptors are gone: who is connected is served, who waits is let in when there is room. */
    @Test
    void aGroupServesOnWithoutDescriptors() {
        for (Spread spread : List.of(Spread.HAND_OVER, Spread.REUSE_PORT)) {
            Script script = script().on(TcpEvent.Received.class, (connection, event) -> connection.send(event.take()));
            EventManagerGroup made = group(spread);
            GroupAcceptor acceptor = listening(made, script);
            peers(acceptor, script, 6);
            world.managerHost()
                    .descriptorLimit(world.managerHost().openHandles().size());
            Peer waiting = peer(acceptor.acceptors().get(0));
            waiting.send("late");
            settle();
            assertEquals(6, script.count(TcpEvent.Opened.class));
            takeFailures().forEach(each -> assertEquals(ErrorHook.Source.ACCEPT, each.source()));
            Connection served = script.connections().get(0);
            inTurn(() -> served.send("still here"));
            script.connections().get(1).abort();
            until("the late one to be served", () -> waiting.text().equals("late"));
            assertTrue(served.isOpen());
            world.managerHost().descriptorLimit(Integer.MAX_VALUE);
            made.close();
        }
    }
}
