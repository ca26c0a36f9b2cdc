package dev.meerkat.internal.names;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * What of RFC 6724 can be told from a destination alone, without probing which source address the system would take:
 * the policy table of its section 2.1, where it says that an IPv6 address is worth less than an IPv4 address.
 *
 * <p>Addresses of transition mechanisms (6to4, Teredo), retired ones (site-local, 6bone, IPv4-compatible) and
 * link-local ones without a zone, which cannot be connected to, come last. Unique local addresses (fc00::/7) are left
 * in their place although the table ranks them below IPv4: whoever gives a name such an address runs the network where
 * it is reached, and if not, the next attempt begins a quarter of a second later.
 */
final class Ranking {
    private static final int SITE_LOCAL = 0xFEC0;
    private static final int SITE_LOCAL_MASK = 0xFFC0;
    private static final int SIX_TO_FOUR = 0x2002;
    private static final int SIX_BONE = 0x3FFE;
    private static final int TEREDO = 0x2001;

    private Ranking() {}

    static boolean isLastResort(InetAddress address) {
        if (!(address instanceof Inet6Address ipv6)) {
            return false;
        }
        byte[] bytes = ipv6.getAddress();
        int first = group(bytes, 0);
        return first == SIX_TO_FOUR
                || first == SIX_BONE
                || (first == TEREDO && group(bytes, 1) == 0)
                || (first & SITE_LOCAL_MASK) == SITE_LOCAL
                || (ipv6.isIPv4CompatibleAddress() && !ipv6.isLoopbackAddress())
                || (ipv6.isLinkLocalAddress() && ipv6.getScopeId() == 0);
    }

    private static int group(byte[] address, int index) {
        return ((address[2 * index] & 0xFF) << Byte.SIZE) | (address[2 * index + 1] & 0xFF);
    }
}
