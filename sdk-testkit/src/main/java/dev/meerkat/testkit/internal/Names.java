package dev.meerkat.testkit.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What names mean in a world: those of its hosts, and what a test says of them and of others. */
public final class Names {
    /** What a name server says when it is asked. */
    private enum Saying {
        /** What the world knows by itself: the address of a host of that name, the name of a host's address. */
        BY_DEFAULT,
        GIVEN,
        NOTHING_THERE,
        FAILURE,
        SILENCE
    }

    /**
     * One set of records, and how a name server answers who asks for it.
     *
     * @param <T> what the records hold
     */
    public static final class Records<T> {
        private Saying saying = Saying.BY_DEFAULT;
        private List<T> given = List.of();
        private Duration timeToLive = Duration.ofSeconds(30);
        private long delay;

        /**
         * Sets what the records hold.
         *
         * @param values in their order; empty for none
         */
        public void set(List<T> values) {
            given = List.copyOf(values);
            saying = values.isEmpty() ? Saying.NOTHING_THERE : Saying.GIVEN;
        }

        /**
         * Sets how long the answer holds.
         *
         * @param span how long
         */
        public void timeToLive(Duration span) {
            timeToLive = span;
        }

        /**
         * Sets how long the answer takes.
         *
         * @param nanos how long
         */
        public void delay(long nanos) {
            delay = nanos;
        }

        /** Has the name server fail (SERVFAIL). */
        public void fail() {
            saying = Saying.FAILURE;
        }

        /** Has the name server never answer. */
        public void beSilent() {
            saying = Saying.SILENCE;
        }

        long delay() {
            return delay;
        }

        Duration timeToLive() {
            return timeToLive;
        }

        boolean isSilent() {
            return saying == Saying.SILENCE;
        }

        List<T> values(String name, @Nullable T byDefault) throws IOException {
            List<T> found = saying == Saying.BY_DEFAULT && byDefault != null ? List.of(byDefault) : given;
            if (saying == Saying.FAILURE) {
                throw new IOException(name + ": Temporary failure in name resolution");
            }
            if (saying == Saying.NOTHING_THERE || found.isEmpty()) {
                throw new UnknownHostException(name + ": Name or service not known");
            }
            return found;
        }
    }

    /**
     * The two sets of addresses of a name.
     *
     * @param ipv6 its AAAA records
     * @param ipv4 its A records
     */
    public record Zone(Records<InetAddress> ipv6, Records<InetAddress> ipv4) {}

    private final Network network;
    private final Map<String, Zone> zones = new HashMap<>();
    private final Map<InetAddress, Records<String>> pointers = new HashMap<>();

    Names(Network network) {
        this.network = network;
    }

    /**
     * What a name means.
     *
     * @param name the name
     * @return always the same for a name
     */
    public Zone zone(String name) {
        return zones.computeIfAbsent(name, any -> new Zone(new Records<>(), new Records<>()));
    }

    /**
     * The name of an address.
     *
     * @param address the address
     * @return always the same for an address
     */
    public Records<String> pointer(InetAddress address) {
        return pointers.computeIfAbsent(address, any -> new Records<>());
    }

    List<InetAddress> ipv6(String name) throws IOException {
        return zone(name).ipv6.values(name, null);
    }

    List<InetAddress> ipv4(String name) throws IOException {
        Host host = network.find(name);
        return zone(name).ipv4.values(name, host == null ? null : host.ipv4());
    }

    String nameOf(InetAddress address) throws IOException {
        Host host = network.find(address);
        return pointer(address)
                .values(address.getHostAddress(), host == null ? null : host.name())
                .get(0);
    }
}
