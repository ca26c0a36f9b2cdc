package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.Probe;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Watches and decides for one manager: notes the life of its connections, checks that each opens and closes once and in
 * this order, and has borrowed bytes poisoned.
 */
final class SimProbe implements Probe {
    private final Simulation simulation;
    private final Entity manager;
    private final String connectionOwner;
    private final LongSupplier spent;
    private final Map<String, Oracle.Stream> sites = new HashMap<>();
    private final BitSet opened = new BitSet();
    private final BitSet closed = new BitSet();

    SimProbe(Simulation simulation, Entity manager, String connectionOwner, LongSupplier spent) {
        this.simulation = simulation;
        this.manager = manager;
        this.connectionOwner = connectionOwner;
        this.spent = spent;
    }

    @Override
    public void event(String kind, long connection, long detail) {
        int index = (int) connection;
        switch (kind) {
            case "opened", "udp-opened" -> {
                note(kind, connection, detail);
                require(!opened.get(index) && !closed.get(index), kind, connection);
                opened.set(index);
            }
            case "input-closed" -> {
                note(kind, connection, detail);
                require(opened.get(index) && !closed.get(index), kind, connection);
            }
            case "closed", "udp-closed" -> {
                note(kind, connection, detail);
                require(!closed.get(index), kind, connection);
                closed.set(index);
            }
            default -> simulation.trace().mix(simulation.scheduler().now(), manager.id(), kind, detail, connection);
        }
    }

    private void note(String kind, long connection, long detail) {
        boolean udp = kind.startsWith("udp-");
        Entity entity = new Entity(manager.id(), connectionOwner, udp ? "udp" : "conn", connection);
        String what = udp ? kind.substring("udp-".length()) : kind;
        simulation.trace().record(simulation.scheduler().now(), entity, what, detail, connection);
    }

    private void require(boolean inOrder, String kind, long connection) {
        if (!inOrder) {
            simulation.violation(connectionOwner + "/conn-" + connection + ": \"" + kind + "\" out of order");
        }
    }

    /** Notes which connections were opened and never closed; for when the manager is closed. */
    void checkEnded() {
        BitSet unfinished = (BitSet) opened.clone();
        unfinished.andNot(closed);
        unfinished.stream()
                .forEach(id -> simulation.violation(connectionOwner + "/conn-" + id + ": opened and never closed"));
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
    public long spentNanos() {
        return spent.getAsLong();
    }

    @Override
    public boolean poisonsBorrowedBytes() {
        return true;
    }
}
