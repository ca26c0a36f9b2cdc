package dev.meerkat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A list of IP addresses that may connect and of those that may not. For example
 *
 * <pre>{@code
 * IpAcl.parse("-1.2.3.4");                           // everybody but one
 * IpAcl.parse("-0.0.0.0/0,+192.168/16");             // nobody but one network, among those who come by IPv4
 * IpAcl.parse("-0.0.0.0/0,-::/0,+2001:db8::/32");    // nobody but one network
 * }</pre>
 *
 * <p>The grammar is
 *
 * <pre>
 *  list    empty, or entries with ',' between
 *  entry   '+' or '-', an address, optionally '/' and a prefix length; without one, the single address is meant
 *  IPv4    four numbers, prefix length 0 to 32; if one is given, missing numbers are 0: 192.168/16 is 192.168.0.0/16
 *  IPv6    as in RFC 4291 §2.2, without brackets and zone, prefix length 0 to 128
 * </pre>
 *
 * <p>An address starts as allowed. The whole list is gone through, and <em>the last entry that matches decides</em>.
 * IPv4 entries never match IPv6 addresses, nor the reverse; an IPv4-mapped IPv6 address ({@code ::ffff:1.2.3.4}) counts
 * as IPv4, in the list and as a peer. Bits of an address beyond its prefix length do not matter.
 *
 * <p>Immutable; any number of managers and threads may share one. Deciding takes time in proportion to the length of
 * the list and allocates a few bytes.
 */
public final class IpAcl implements AcceptFilter {
    /** The most entries of a list, 10,000: for each inbound connection all of them may be looked at, some 20 µs. */
    public static final int MAX_ENTRIES = 10_000;

    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;

    private final List<Entry> entries;

    private IpAcl(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * Reads a list.
     *
     * @param text as described above, without spaces; an empty text is the list without entries, which allows everybody
     * @return the list
     * @throws MalformedAclException if the text does not follow the grammar or has more than {@link #MAX_ENTRIES}
     *     entries; the message names the entry, the place, what was found there and what was expected
     */
    public static IpAcl parse(String text) {
        List<Entry> entries = new ArrayList<>();
        int from = 0;
        while (from <= text.length() && !text.isEmpty()) {
            int comma = text.indexOf(',', from);
            int to = comma < 0 ? text.length() : comma;
            if (entries.size() == MAX_ENTRIES) {
                throw new MalformedAclException(
                        "malformed access list: expected at most " + MAX_ENTRIES + " entries, found more");
            }
            try {
                entries.add(readEntry(text, from, to));
            } catch (GrammarException e) {
                throw new MalformedAclException("malformed access list, entry " + (entries.size() + 1) + " "
                        + GrammarException.quote(text.substring(from, to)) + ": " + e.explain(text));
            }
            from = to + 1;
        }
        return new IpAcl(entries);
    }

    /**
     * Answers in one call what a list says about an address, without an exception for a malformed list.
     *
     * @param acl the list, as for {@link #parse}
     * @param address the address
     * @return whether the address is allowed, or empty if the list is malformed
     */
    public static Optional<Boolean> check(String acl, InetAddress address) {
        try {
            return Optional.of(parse(acl).allows(address));
        } catch (MalformedAclException e) {
            return Optional.empty();
        }
    }

    /**
     * Tells whether an address may connect.
     *
     * @param address the address; an IPv6 zone does not matter
     * @return true if the last entry that matches it says so, or none matches it
     */
    public boolean allows(InetAddress address) {
        Prefix single = Prefix.of(address.getAddress());
        // The last match decides, so the first from behind does.
        for (int i = entries.size() - 1; i >= 0; i--) {
            if (entries.get(i).prefix.contains(single)) {
                return entries.get(i).allow;
            }
        }
        return true;
    }

    /**
     * Decides about an inbound connection. A peer without an IP address can match no entry; it is refused, because a
     * list that was meant to keep people out does not let in whom it cannot judge.
     *
     * @param remote the address of the peer
     * @return whether its IP address is allowed; without one, whether the list is empty
     */
    @Override
    public boolean accepts(SocketAddress remote) {
        if (remote instanceof InetSocketAddress inet && !inet.isUnresolved()) {
            return allows(inet.getAddress());
        }
        return entries.isEmpty();
    }

    /**
     * Tells whether another list has equal entries in equal order.
     *
     * @param other the other object
     * @return whether it is an equal list; two lists that decide alike may still differ
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof IpAcl that && entries.equals(that.entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    /**
     * Writes the list in its canonical form, which {@link #parse} reads: whole addresses, no bits beyond the prefix
     * length, no prefix length for a single address.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return entries.stream().map(Entry::toString).collect(Collectors.joining(","));
    }

    private static Entry readEntry(String text, int from, int to) throws GrammarException {
        char sign = from < to ? text.charAt(from) : ' ';
        if (sign != '+' && sign != '-') {
            throw new GrammarException(from, from + 1, "'+' or '-'");
        }
        int slash = text.substring(from, to).indexOf('/');
        int end = slash < 0 ? to : from + slash;
        boolean ipv6 = text.substring(from, end).indexOf(':') >= 0;
        int bits = ipv6 ? IPV6_BITS : IPV4_BITS;
        byte[] address = ipv6
                ? IpText.parseIpv6(text, from + 1, end)
                : IpText.parseIpv4(text, from + 1, end, slash < 0 ? IpText.IPV4_BYTES : 1);
        int length = slash < 0 ? bits : readLength(text, end + 1, to, bits);
        return new Entry(sign == '+', Prefix.of(address, length));
    }

    private static int readLength(String text, int from, int to, int bits) throws GrammarException {
        int length = 0;
        int i = from;
        while (i < to && IpText.isDigit(text.charAt(i)) && i - from < 4) {
            length = 10 * length + text.charAt(i) - '0';
            i++;
        }
        if (i < to || from == to || length > bits || (i - from > 1 && text.charAt(from) == '0')) {
            throw new GrammarException(from, to, "a prefix length from 0 to " + bits);
        }
        return length;
    }

    private record Entry(boolean allow, Prefix prefix) {
        @Override
        public String toString() {
            return (allow ? "+" : "-") + prefix;
        }
    }

    /**
     * The addresses that begin with the same bits.
     *
     * @param ipv6 whether they are IPv6 addresses
     * @param high the first 64 bits of an IPv6 address; 0 for IPv4
     * @param low the last 64 bits of an IPv6 address, or the 32 bits of an IPv4 address and 32 zeros behind them
     * @param length how many bits are the same; of those behind them all are zero
     */
    private record Prefix(boolean ipv6, long high, long low, int length) {
        static Prefix of(byte[] address) {
            return of(address, 8 * address.length);
        }

        static Prefix of(byte[] address, int length) {
            if (address.length == IpText.IPV4_BYTES) {
                return new Prefix(false, 0, toLong(address, 0, IpText.IPV4_BYTES) << IPV4_BITS & mask(length), length);
            }
            int mappedLength = length - (IPV6_BITS - IPV4_BITS);
            if (IpText.isIpv4Mapped(address) && mappedLength >= 0) {
                return new Prefix(false, 0, toLong(address, 12, 16) << IPV4_BITS & mask(mappedLength), mappedLength);
            }
            long high = toLong(address, 0, 8) & mask(length);
            long low = toLong(address, 8, 16) & mask(length - Long.SIZE);
            return new Prefix(true, high, low, length);
        }

        boolean contains(Prefix other) {
            if (ipv6 != other.ipv6) {
                return false;
            }
            return ipv6
                    ? (other.high & mask(length)) == high && (other.low & mask(length - Long.SIZE)) == low
                    : (other.low & mask(length)) == low;
        }

        /** A mask of the first bits of 64; of none if the number is negative, of all if it is above 64. */
        private static long mask(int bits) {
            return bits <= 0 ? 0 : -1L << Math.max(0, Long.SIZE - bits);
        }

        private static long toLong(byte[] bytes, int from, int to) {
            long value = 0;
            for (int i = from; i < to; i++) {
                value = value << 8 | (bytes[i] & 255);
            }
            return value;
        }

        @Override
        public String toString() {
            byte[] address = new byte[ipv6 ? IpText.IPV6_BYTES : IpText.IPV4_BYTES];
            for (int i = 0; i < address.length; i++) {
                long half = ipv6 && i < 8 ? high : low;
                address[i] = (byte) (half >> (56 - 8 * (i % 8)));
            }
            String text = ipv6 ? IpText.formatIpv6(address) : IpText.formatIpv4(address, 0);
            return length == 8 * address.length ? text : text + "/" + length;
        }
    }
}
