package dev.meerkat.testkit;

import dev.meerkat.Address;
import dev.meerkat.MalformedAddressException;
import dev.meerkat.testkit.internal.Names.Zone;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a name means in a {@link SimWorld}: its addresses, how long an answer holds, and how a name server behaves when
 * it is asked. Everything may be changed at any time; an answer tells what holds at the instant at which it is given.
 *
 * <pre>{@code
 * world.name("service").dualStack(first, second).timeToLive(Duration.ofSeconds(60));
 * world.name("service").ipv6().takes(Duration.ofMillis(80));
 * world.name("gone").doesNotExist();
 * }</pre>
 *
 * <p>A host's own name means its IPv4 address as long as nothing else is said.
 */
public final class SimName {
    private final SimRecords ipv6;
    private final SimRecords ipv4;

    SimName(Zone zone) {
        ipv6 = new SimRecords(zone.ipv6());
        ipv4 = new SimRecords(zone.ipv4());
    }

    static InetAddress literal(String text) {
        return new Address("tcp", text, 0)
                .literal()
                .orElseThrow(() -> new MalformedAddressException("\"" + text + "\": expected an IP address"));
    }

    /**
     * Its IPv6 addresses (AAAA records) alone.
     *
     * @return always the same records
     */
    public SimRecords ipv6() {
        return ipv6;
    }

    /**
     * Its IPv4 addresses (A records) alone.
     *
     * @return always the same records
     */
    public SimRecords ipv4() {
        return ipv4;
    }

    /**
     * Gives the name the IPv4 addresses of hosts, and no IPv6 address.
     *
     * @param hosts in the order in which a connect tries them
     * @return this name
     */
    public SimName hosts(SimHost... hosts) {
        List<InetAddress> addresses = new ArrayList<>();
        for (SimHost host : hosts) {
            addresses.add(host.ipv4());
        }
        return set(addresses);
    }

    /**
     * Gives the name the IPv6 and IPv4 addresses of hosts.
     *
     * @param hosts in the order in which a connect tries them, family by family
     * @return this name
     */
    public SimName dualStack(SimHost... hosts) {
        List<InetAddress> addresses = new ArrayList<>();
        for (SimHost host : hosts) {
            addresses.add(host.ipv6());
            addresses.add(host.ipv4());
        }
        return set(addresses);
    }

    /**
     * Gives the name these addresses and no others; whether somebody has them is not asked.
     *
     * @param literals IP addresses of any family, in order
     * @return this name
     * @throws MalformedAddressException if one is not an IP address
     */
    public SimName addresses(String... literals) {
        List<InetAddress> addresses = new ArrayList<>();
        for (String literal : literals) {
            addresses.add(literal(literal));
        }
        return set(addresses);
    }

    private SimName set(List<InetAddress> addresses) {
        ipv6.set(addresses.stream().filter(Inet6Address.class::isInstance).toList());
        ipv4.set(addresses.stream()
                .filter(each -> !(each instanceof Inet6Address))
                .toList());
        return this;
    }

    /**
     * Has the name not exist (NXDOMAIN).
     *
     * @return this name
     */
    public SimName doesNotExist() {
        return set(List.of());
    }

    /**
     * Sets how long an answer holds, for both families.
     *
     * @param span how long, zero for an answer that must not be kept
     * @return this name
     */
    public SimName timeToLive(Duration span) {
        ipv6.timeToLive(span);
        ipv4.timeToLive(span);
        return this;
    }

    /**
     * Sets how long an answer takes, for both families.
     *
     * @param span how long
     * @return this name
     */
    public SimName takes(Duration span) {
        ipv6.takes(span);
        ipv4.takes(span);
        return this;
    }

    /**
     * Has the name server fail (SERVFAIL), for both families.
     *
     * @return this name
     */
    public SimName fails() {
        ipv6.fails();
        ipv4.fails();
        return this;
    }

    /**
     * Has the name server never answer who asks from now on, for both families.
     *
     * @return this name
     */
    public SimName neverAnswers() {
        ipv6.neverAnswers();
        ipv4.neverAnswers();
        return this;
    }
}
