package dev.meerkat;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** IP addresses as text, both ways. Never asks a name service, as the JDK's methods do for what they cannot read. */
final class IpText {
    static final int IPV4_BYTES = 4;
    static final int IPV6_BYTES = 16;

    private static final int IPV6_GROUPS = 8;
    private static final String A_GROUP = "a group of 1 to 4 hexadecimal digits";

    private IpText() {}

    /**
     * Reads an IPv4 address. Only decimal numbers without leading zeros: others read those as octal, and a filter that
     * reads an address otherwise than the connection does is none.
     *
     * @param leastNumbers how many of the four numbers must be there; the missing ones are 0
     */
    static byte[] parseIpv4(String text, int from, int to, int leastNumbers) throws GrammarException {
        byte[] address = new byte[IPV4_BYTES];
        int count = 0;
        int i = from;
        while (true) {
            int start = i;
            int value = 0;
            while (i < to && isDigit(text.charAt(i)) && i - start < 4) {
                value = 10 * value + text.charAt(i) - '0';
                i++;
            }
            if (i == start || value > 255 || (i - start > 1 && text.charAt(start) == '0')) {
                throw new GrammarException(start, i, "a number from 0 to 255 without leading zeros");
            }
            address[count++] = (byte) value;
            if (i == to && count >= leastNumbers) {
                return address;
            }
            if (count == IPV4_BYTES) {
                throw new GrammarException(i, i + 1, "the end of the IPv4 address");
            }
            if (i == to || text.charAt(i) != '.') {
                throw new GrammarException(i, i + 1, "'.' and the next of four numbers");
            }
            i++;
        }
    }

    /**
     * Reads an IPv6 address in any of the forms of RFC 4291 §2.2. A zone is refused, because most of them are names of
     * interfaces, which only the operating system could look up.
     */
    static byte[] parseIpv6(String text, int from, int to) throws GrammarException {
        int zone = text.indexOf('%', from);
        if (zone >= 0 && zone < to) {
            throw new GrammarException(zone, to, "an IPv6 address without a zone");
        }
        byte[] address = new byte[IPV6_BYTES];
        int count = 0;
        int gap = -1;
        int i = from;
        if (text.startsWith("::", from) && from + 2 <= to) {
            gap = 0;
            i += 2;
        }
        while (i < to || gap < 0) {
            int start = i;
            int value = 0;
            while (i < to && isHexDigit(text.charAt(i)) && i - start < 4) {
                value = 16 * value + Character.digit(text.charAt(i), 16);
                i++;
            }
            if (i == start || count == IPV6_BYTES) {
                throw new GrammarException(
                        start, start + 1, count == IPV6_BYTES ? "the end of the IPv6 address" : A_GROUP);
            }
            if (i < to && text.charAt(i) == '.' && count <= IPV6_BYTES - IPV4_BYTES) {
                byte[] last = parseIpv4(text, start, to, IPV4_BYTES);
                System.arraycopy(last, 0, address, count, IPV4_BYTES);
                count += IPV4_BYTES;
                break;
            }
            address[count++] = (byte) (value >> 8);
            address[count++] = (byte) value;
            if (i == to) {
                break;
            }
            if (text.charAt(i) != ':') {
                throw new GrammarException(i, i + 1, "':' or the end of the IPv6 address");
            }
            i++;
            if (i < to && text.charAt(i) == ':') {
                if (gap >= 0) {
                    throw new GrammarException(i, i + 1, "'::' only once");
                }
                gap = count;
                i++;
            } else if (i == to) {
                throw new GrammarException(i, i + 1, A_GROUP);
            }
        }
        return spread(address, count, gap, to);
    }

    /** Moves what stands behind the gap to the end. A gap stands for at least one group (RFC 4291 §2.2). */
    private static byte[] spread(byte[] address, int count, int gap, int to) throws GrammarException {
        if (gap < 0 && count == IPV6_BYTES) {
            return address;
        }
        if (gap < 0 || count == IPV6_BYTES) {
            String expected = gap < 0 ? "8 groups, or '::' for the missing ones" : "fewer than 8 groups beside '::'";
            throw new GrammarException(to, to + 1, expected);
        }
        byte[] whole = new byte[IPV6_BYTES];
        System.arraycopy(address, 0, whole, 0, gap);
        System.arraycopy(address, gap, whole, IPV6_BYTES - (count - gap), count - gap);
        return whole;
    }

    static String formatIpv4(byte[] address, int offset) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < IPV4_BYTES; i++) {
            text.append(i == 0 ? "" : ".").append(address[offset + i] & 255);
        }
        return text.toString();
    }

    /** Writes an IPv6 address as RFC 5952 recommends; an IPv4-mapped one with the IPv4 address in its end (§5). */
    static String formatIpv6(byte[] address) {
        if (isIpv4Mapped(address)) {
            return "::ffff:" + formatIpv4(address, IPV6_BYTES - IPV4_BYTES);
        }
        int gapStart = 0;
        int gapLength = 1;
        for (int i = 0; i < IPV6_GROUPS; i++) {
            int zeros = 0;
            while (i + zeros < IPV6_GROUPS && group(address, i + zeros) == 0) {
                zeros++;
            }
            // The first of the longest runs, and never a single group (RFC 5952 §4.2).
            if (zeros > gapLength) {
                gapStart = i;
                gapLength = zeros;
            }
        }
        if (gapLength == 1) {
            return formatGroups(address, 0, IPV6_GROUPS);
        }
        return formatGroups(address, 0, gapStart) + "::" + formatGroups(address, gapStart + gapLength, IPV6_GROUPS);
    }

    /** Whether the address is of {@code ::ffff:0:0/96} (RFC 4291 §2.5.5.2). */
    static boolean isIpv4Mapped(byte[] address) {
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return address[10] == -1 && address[11] == -1;
    }

    /** The JDK's form; for an IPv4-mapped address it is an {@link java.net.Inet4Address}. */
    static InetAddress toInetAddress(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address: " + address.length, e);
        }
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isHexDigit(char c) {
        return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    private static int group(byte[] address, int index) {
        return (address[2 * index] & 255) << 8 | (address[2 * index + 1] & 255);
    }

    private static String formatGroups(byte[] address, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(i == from ? "" : ":").append(Integer.toHexString(group(address, i)));
        }
        return text.toString();
    }
}
