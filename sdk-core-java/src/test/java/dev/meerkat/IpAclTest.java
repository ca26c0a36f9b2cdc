package dev.meerkat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAclTest {
    @Nested
    class Deciding {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    // An empty list allows everybody.
                    "''                       | 1.2.3.4         | true",
                    "''                       | 2001:db8::1     | true",
                    // The examples of rows M-79 and M-80.
                    "-0.0.0.0/0,+192.168/16   | 192.168.0.0     | true",
                    "-0.0.0.0/0,+192.168/16   | 192.168.255.255 | true",
                    "-0.0.0.0/0,+192.168/16   | 192.167.255.255 | false",
                    "-0.0.0.0/0,+192.168/16   | 192.169.0.0     | false",
                    "-0.0.0.0/0,+192.168/16   | 8.8.8.8         | false",
                    "-1.2.3.4                 | 1.2.3.4         | false",
                    "-1.2.3.4                 | 1.2.3.5         | true",
                    "-1.2.3.4                 | 8.8.8.8         | true",
                    // The last match decides, wherever the others stand and however exact they are.
                    "+1.2.3.4,-0.0.0.0/0      | 1.2.3.4         | false",
                    "-1.2.3.4,+1.2.3.4        | 1.2.3.4         | true",
                    "-1/8,+1.2/16,-1.2.3/24   | 1.2.3.4         | false",
                    "-1/8,+1.2/16,-1.2.3/24   | 1.2.4.4         | true",
                    "-1/8,+1.2/16,-1.2.3/24   | 1.3.0.0         | false",
                    "-1/8,+9.9.9.9            | 1.1.1.1         | false",
                    // Masks at their ends.
                    "-1.2.3.4/0               | 250.0.0.1       | false",
                    "-1.2.3.4/1               | 127.255.255.255 | false",
                    "-1.2.3.4/1               | 128.0.0.0       | true",
                    "-1.2.3.4/31              | 1.2.3.5         | false",
                    "-1.2.3.4/31              | 1.2.3.6         | true",
                    "-1.2.3.4/32              | 1.2.3.4         | false",
                    "-1.2.3.4/32              | 1.2.3.5         | true",
                    "-255.255.255.255/32      | 255.255.255.255 | false",
                    // Bits beyond the mask do not matter.
                    "-10.1.2.3/8              | 10.200.0.0      | false",
                    "-2001:db8:1:2::3/32      | 2001:db8::      | false",
                    // Abbreviated addresses.
                    "-10/8                    | 10.0.0.1        | false",
                    "-10/8                    | 11.0.0.1        | true",
                    "-10.1.2/24               | 10.1.2.255      | false",
                    "-10/32                   | 10.0.0.0        | false",
                    "-10/32                   | 10.0.0.1        | true",
                    // IPv6.
                    "-::/0,+2001:db8::/32     | 2001:db8:ffff::1 | true",
                    "-::/0,+2001:db8::/32     | 2001:db9::      | false",
                    "-2001:db8::1             | 2001:db8::1     | false",
                    "-2001:db8::1             | 2001:db8::2     | true",
                    "-2001:db8::1/128         | 2001:db8::1     | false",
                    "-2001:db8::2/127         | 2001:db8::3     | false",
                    "-2001:db8::2/127         | 2001:db8::4     | true",
                    "-2001:db8:1:2::/64       | 2001:db8:1:2:ffff:: | false",
                    "-2001:db8:1:2::/64       | 2001:db8:1:3::  | true",
                    "-2001:db8:1:2:8000::/65  | 2001:db8:1:2:8000::1 | false",
                    "-2001:db8:1:2:8000::/65  | 2001:db8:1:2::1 | true",
                    // The families do not match each other; a mapped address is IPv4.
                    "-0.0.0.0/0               | 2001:db8::1     | true",
                    "-0.0.0.0/0               | ::              | true",
                    "-::/0                    | 1.2.3.4         | true",
                    "-::ffff:1.2.3.4          | 1.2.3.4         | false",
                    "-::ffff:1.2.0.0/112      | 1.2.255.255     | false",
                    "-::ffff:1.2.0.0/112      | 1.3.0.0         | true",
                    "-::ffff:0:0/96           | 1.2.3.4         | false",
                    "-::ffff:0:0/95           | 1.2.3.4         | true",
                })
        void lastMatchDecidesAndNoMatchAllows(String acl, String address, boolean allowed) {
            assertEquals(allowed, IpAcl.parse(acl).allows(ip(address)));
            assertEquals(Optional.of(allowed), IpAcl.check(acl, ip(address)));
        }

        @Test
        void mappedPeerIsMatchedAsIpv4() throws Exception {
            byte[] mapped = new byte[16];
            mapped[10] = -1;
            mapped[11] = -1;
            mapped[12] = 10;
            mapped[15] = 7;
            // The one way to make the JDK represent it as an IPv6 address.
            InetAddress peer = Inet6Address.getByAddress(null, mapped, 0);
            assertEquals(16, peer.getAddress().length);
            assertFalse(IpAcl.parse("-10.0.0.7").allows(peer));
            assertFalse(IpAcl.parse("-10/8").allows(peer));
            assertTrue(IpAcl.parse("-::/0").allows(peer));
        }

        @Test
        void zoneOfThePeerDoesNotMatter() throws Exception {
            byte[] linkLocal = ip("fe80::1").getAddress();
            assertFalse(IpAcl.parse("-fe80::/10").allows(Inet6Address.getByAddress(null, linkLocal, 3)));
        }

        @Test
        void malformedListHasItsOwnAnswer() {
            assertEquals(Optional.empty(), IpAcl.check("1.2.3.4", ip("1.2.3.4")));
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 0xC0FFEE})
        void decidesAsPlainArithmeticDoes(long seed) throws Exception {
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < 5_000; i++) {
                StringBuilder acl = new StringBuilder();
                byte[] peer = bytes(random);
                BigInteger peerNumber = new BigInteger(1, peer);
                boolean expected = true;
                for (int entries = random.nextInt(6); entries > 0; entries--) {
                    byte[] address = bytes(random);
                    int bits = 8 * address.length;
                    int length = random.nextInt(bits + 1);
                    boolean allow = random.nextBoolean();
                    acl.append(acl.length() == 0 ? "" : ",").append(allow ? '+' : '-');
                    acl.append(InetAddress.getByAddress(address).getHostAddress())
                            .append('/')
                            .append(length);
                    boolean matches = peer.length == address.length
                            && peerNumber
                                    .shiftRight(bits - length)
                                    .equals(new BigInteger(1, address).shiftRight(bits - length));
                    expected = matches ? allow : expected;
                }
                IpAcl parsed = IpAcl.parse(acl.toString());
                assertEquals(expected, parsed.allows(InetAddress.getByAddress(peer)), acl.toString());
                assertEquals(parsed, IpAcl.parse(parsed.toString()));
                assertEquals(parsed.hashCode(), IpAcl.parse(parsed.toString()).hashCode());
            }
        }

        /** Few different bits in front, so that prefixes often match; never an IPv4-mapped address. */
        private byte[] bytes(SplittableRandom random) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextInt(3) == 0 ? 128 : 0);
            }
            return bytes;
        }
    }

    @Nested
    class Filtering {
        private final IpAcl acl = IpAcl.parse("-1.2.3.4");

        @Test
        void decidesByTheAddressAndNotByThePort() {
            assertFalse(acl.accepts(new InetSocketAddress(ip("1.2.3.4"), 0)));
            assertFalse(acl.accepts(new InetSocketAddress(ip("1.2.3.4"), 65_535)));
            assertTrue(acl.accepts(new InetSocketAddress(ip("1.2.3.5"), 1)));
        }

        @Test
        void peerWithoutAnIpAddressIsRefusedUnlessTheListIsEmpty() {
            SocketAddress unresolved = InetSocketAddress.createUnresolved("host", 1);
            SocketAddress unix = UnixDomainSocketAddress.of(Path.of("socket"));
            assertFalse(acl.accepts(unresolved));
            assertFalse(acl.accepts(unix));
            assertTrue(IpAcl.parse("").accepts(unresolved));
            assertTrue(IpAcl.parse("").accepts(unix));
        }
    }

    @Nested
    class Grammar {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "1.2.3.4         | entry 1 \"1.2.3.4\": at index 0 expected '+' or '-', found \"1\"",
                    "'-1.2.3.4, +1/8' | entry 2 \" +1/8\": at index 9 expected '+' or '-', found \" \"",
                    "-1.2.3.4,       | entry 2 \"\": at index 9 expected '+' or '-', found the end",
                    ",-1.2.3.4       | entry 1 \"\": at index 0 expected '+' or '-', found \",\"",
                    "-1/8,,+2/8      | entry 2 \"\": at index 5 expected '+' or '-', found \",\"",
                    "-               | entry 1 \"-\": at index 1 expected a number from 0 to 255",
                    "--1.2.3.4       | at index 1 expected a number from 0 to 255",
                    "-/8             | at index 1 expected a number from 0 to 255 without leading zeros, found \"/\"",
                    "-host           | at index 1 expected a number from 0 to 255 without leading zeros, found \"h\"",
                    "-192.168        | at index 8 expected '.' and the next of four numbers, found the end",
                    "-1.2.3.4,+1.2.3 | entry 2 \"+1.2.3\": at index 15 expected '.' and the next of four numbers, found the end",
                    "-192.168./16    | at index 9 expected a number from 0 to 255 without leading zeros, found \"/\"",
                    "-1.2.3.4.5/8    | at index 8 expected the end of the IPv4 address, found \".\"",
                    "-256/8          | at index 1 expected a number from 0 to 255 without leading zeros, found \"256\"",
                    "-010/8          | at index 1 expected a number from 0 to 255 without leading zeros, found \"010\"",
                    "-1.2.3.4/       | at index 9 expected a prefix length from 0 to 32, found the end",
                    "-1.2.3.4/33     | at index 9 expected a prefix length from 0 to 32, found \"33\"",
                    "-1.2.3.4/-1     | at index 9 expected a prefix length from 0 to 32, found \"-1\"",
                    "-1.2.3.4/+1     | at index 9 expected a prefix length from 0 to 32, found \"+1\"",
                    "-1.2.3.4/08     | at index 9 expected a prefix length from 0 to 32, found \"08\"",
                    "-1.2.3.4/8/8    | at index 9 expected a prefix length from 0 to 32, found \"8/8\"",
                    "-1.2.3.4/255.0.0.0    | at index 9 expected a prefix length from 0 to 32, found \"255.0.0.0\"",
                    "-1.2.3.4/99999999999  | at index 9 expected a prefix length from 0 to 32",
                    "-1.2.3.4/٨      | at index 9 expected a prefix length from 0 to 32",
                    "-::1/129        | at index 5 expected a prefix length from 0 to 128, found \"129\"",
                    "-[::1]          | at index 1 expected a group of 1 to 4 hexadecimal digits, found \"[\"",
                    "-fe80::1%eth0   | at index 8 expected an IPv6 address without a zone, found \"%eth0\"",
                    "-2001:db8       | at index 9 expected 8 groups, or '::' for the missing ones, found the end",
                    "-2001:db8/32    | at index 9 expected 8 groups, or '::' for the missing ones, found \"/\"",
                })
        void messageNamesEntryPlaceAndExpectation(String text, String expected) {
            String message = assertThrows(MalformedAclException.class, () -> IpAcl.parse(text), text)
                    .getMessage();
            assertTrue(message.startsWith("malformed access list, entry ") && message.contains(expected), message);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "''                        | ''",
                    "-0.0.0.0/0,+192.168/16    | -0.0.0.0/0,+192.168.0.0/16",
                    "-1.2.3.4/32               | -1.2.3.4",
                    "-10.1.2.3/8               | -10.0.0.0/8",
                    "+2001:DB8:0:0::1/32       | +2001:db8::/32",
                    "-2001:db8::1/128          | -2001:db8::1",
                    "-::ffff:10.1.2.3/104      | -10.0.0.0/8",
                    "-::/0                     | -::/0",
                    "-::ffff:0:0/95            | -::fffe:0:0/95",
                })
        void canonicalFormIsOneForEqualLists(String text, String canonical) {
            IpAcl acl = IpAcl.parse(text);
            assertEquals(canonical, acl.toString());
            assertEquals(acl, IpAcl.parse(canonical));
            assertNotEquals(acl, IpAcl.parse("+9.9.9.9"));
        }

        @Test
        void listHasAsManyEntriesAsTheLimitAllowsAndNotOneMore() {
            String most = "-1.2.3.4" + ",+10/8".repeat(IpAcl.MAX_ENTRIES - 1);
            assertFalse(IpAcl.parse(most).allows(ip("1.2.3.4")));
            Exception e = assertThrows(MalformedAclException.class, () -> IpAcl.parse(most + ",+10/8"));
            assertTrue(e.getMessage().contains("at most 10000 entries"), e.getMessage());
        }

        @Test
        void noTextMakesAnyOtherException() {
            SplittableRandom random = new SplittableRandom(1);
            String alphabet = "++--,,//..::0123456789abf \u0000\u0668";
            int valid = 0;
            for (int i = 0; i < 100_000; i++) {
                StringBuilder text =
                        new StringBuilder(random.nextBoolean() ? "" : "-0.0.0.0/0,+192.168/16,-2001:db8::/32");
                for (int edits = random.nextInt(5); edits > 0; edits--) {
                    int at = random.nextInt(text.length() + 1);
                    int remove = random.nextInt(3) == 0 ? Math.min(text.length() - at, 2) : 0;
                    text.replace(at, at + remove, "" + alphabet.charAt(random.nextInt(alphabet.length())));
                }
                try {
                    IpAcl acl = IpAcl.parse(text.toString());
                    assertEquals(acl, IpAcl.parse(acl.toString()));
                    valid++;
                } catch (MalformedAclException e) {
                    assertTrue(e.getMessage().contains("expected"), e.getMessage());
                }
            }
            assertTrue(valid > 1000, "valid: " + valid);
        }
    }

    private static InetAddress ip(String text) {
        return Address.parse(text.indexOf(':') >= 0 ? "[" + text + "]:1" : text + ":1")
                .literal()
                .orElseThrow();
    }
}
