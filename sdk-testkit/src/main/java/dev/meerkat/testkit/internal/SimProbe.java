package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.Probe;
import java.util.HashMap;
import java.util.Map;

/** Watches and decides for one manager: notes the life of its connections, and has borrowed bytes poisoned. */
final class SimProbe implements Probe {
    private final Simulation simulation;
    private final Entity manager;
    private final String connectionOwner;
    private final Map<String, Oracle.Stream> sites = new HashMap<>();

    SimProbe(Simulation simulation, Entity manager, String connectionOwner) {
        this.simulation = simulation;
        this.manager = manager;
        this.connectionOwner = connectionOwner;
    }

    @Override
    public void event(String kind, long connection, long detail) {
        long now = simulation.scheduler().now();
        switch (kind) {
            case "opened", "input-closed", "closed" ->
                simulation
                        .trace()
                        .record(
                                now,
                                new Entity(manager.id(), connectionOwner, "conn", connection),
                                kind,
                                detail,
                                connection);
            default -> simulation.trace().mix(now, manager.id(), kind, detail, connection);
        }
    }

    @Override
    public int choose(String site, long entity, int count) {
        return stream(site).choose(count);
    }

    @Override
    public boolean buggify(String site) {
        return stream(site).choose(4) == 1;
    }

    private Oracle.Stream stream(String site) {
        return sites.computeIfAbsent(site, name -> simulation.oracle().stream(name, manager.name()));
    }

    @Override
    public void sync(String name) {
        simulation.trace().record(simulation.scheduler().now(), manager, "sync " + name, 0, 0);
    }

    @Override
    public boolean poisonsBorrowedBytes() {
        return true;
    }
}
