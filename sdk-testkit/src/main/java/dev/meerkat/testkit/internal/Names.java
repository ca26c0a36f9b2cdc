package dev.meerkat.testkit.internal;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What names mean in a world: those of its hosts, and those that a test adds. */
public final class Names {
    private final Network network;
    private final Map<String, List<InetAddress>> added = new HashMap<>();
    private final Map<String, Long> delays = new HashMap<>();

    Names(Network network) {
        this.network = network;
    }

    /**
     * Gives a name other addresses, or none.
     *
     * @param name the name
     * @param addresses in the order in which they are tried
     */
    public void set(String name, List<InetAddress> addresses) {
        added.put(name, new ArrayList<>(addresses));
    }

    /**
     * Has looking a name up take time.
     *
     * @param name the name
     * @param nanos how long
     */
    public void delay(String name, long nanos) {
        delays.put(name, nanos);
    }

    long delay(String name) {
        return delays.getOrDefault(name, 0L);
    }

    List<InetAddress> addresses(String name) {
        List<InetAddress> known = added.get(name);
        if (known != null) {
            return known;
        }
        Host host = network.find(name);
        return host == null ? List.of() : List.of(host.ipv4());
    }
}
