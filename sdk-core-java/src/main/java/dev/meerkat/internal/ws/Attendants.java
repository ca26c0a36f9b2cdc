package dev.meerkat.internal.ws;

import java.util.ArrayList;
import java.util.List;

/** Those who attend to a WebSocket. Loop thread. Whoever is told may leave. */
final class Attendants {
    private final List<Attendant> all = new ArrayList<>(1);

    void add(Attendant attendant) {
        all.add(attendant);
    }

    /** Tells whether nobody is left. */
    boolean remove(Attendant attendant) {
        all.removeIf(each -> each == attendant);
        return all.isEmpty();
    }

    void drained() {
        for (Attendant each : List.copyOf(all)) {
            each.drained();
        }
    }

    void closed() {
        for (Attendant each : List.copyOf(all)) {
            each.closed();
        }
    }
}
