package dev.meerkat.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.EventManager;
import dev.meerkat.EventManagerGroup;
import dev.meerkat.Spread;
import dev.meerkat.event.TcpEvent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A group on a host of a world: {@link SimHost#newGroup}. */
class GroupWorldTest {
    private static final int CONNECTIONS = 32;

    /** Which manager, by its place in the group, was given each connection. */
    private static List<Integer> spread(SimConfig config, Spread spread) {
        List<Integer> given = new ArrayList<>();
        SimWorld.run(config, world -> {
            EventManagerGroup group = world.host("server").newGroup(2, spread);
            group.listen(":80", (connection, event) -> {
                if (event instanceof TcpEvent.Opened) {
                    given.add(group.managers().indexOf(connection.manager()));
                }
            });
            for (int i = 0; i < CONNECTIONS; i++) {
                int served = i + 1;
                StreamEnd end = world.host("client").stream("server", 80);
                world.await("it to be served", () -> given.size() == served);
                end.close();
            }
            group.close();
        });
        return given;
    }

    @Test
    void theManagersAreOnTheHostAndDrivenByTheWorld() {
        SimWorld.run(world -> {
            SimHost host = world.host("server");
            EventManagerGroup group = host.newGroup(3, Spread.HAND_OVER);
            assertEquals(3, new HashSet<>(group.managers()).size());
            List<EventManager> ran = new ArrayList<>();
            group.managers().forEach(each -> each.post(() -> ran.add(each)));
            world.await("the tasks", () -> ran.size() == 3);
            assertEquals(group.managers(), ran);
            group.listen(":80", (connection, event) -> {});
            host.stream("server", 80).close(); // from the host to itself
            group.close();
            assertEquals(0, host.openSockets());
        });
    }

    @Test
    void withoutExploringTheyTakeTurns() {
        List<Integer> inTurn = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            inTurn.add(i % 2);
        }
        for (Spread each : Spread.values()) {
            assertEquals(inTurn, spread(SimConfig.DEFAULT, each));
        }
    }

    @Test
    void exploringASharedPortServesBothInAnOrderOfItsOwn() {
        Set<List<Integer>> orders = new HashSet<>();
        for (long seed = 1; seed <= 8; seed++) {
            SimConfig config = SimConfig.builder().seed(seed).explore(true).build();
            List<Integer> order = spread(config, Spread.REUSE_PORT);
            assertEquals(Set.of(0, 1), Set.copyOf(order), "seed " + seed);
            assertEquals(order, spread(config, Spread.REUSE_PORT), "the same again, seed " + seed);
            orders.add(order);
        }
        assertTrue(orders.size() > 4, "eight seeds, different orders: " + orders.size());
        assertNotEquals(Set.of(spread(SimConfig.DEFAULT, Spread.REUSE_PORT)), orders);
    }
}
