package dev.meerkat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @Nested
    class Grammar {
        /** The literal examples of rows M-61 and M-64, and those of our own documents. */
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    ":8000                   | tcp | ''                | 8000",
                    "8000                    | tcp | ''                | 8000",
                    "1.2.3.4:8000            | tcp | 1.2.3.4           | 8000",
                    "udp://:8000             | udp | ''                | 8000",
                    "[::]:8000               | tcp | ::                | 8000",
                    "google.com:80           | tcp | google.com        | 80",
                    "udp://1.2.3.4:53        | udp | 1.2.3.4           | 53",
                    "10.0.0.1:443            | tcp | 10.0.0.1          | 443",
                    "[::1]:80                | tcp | ::1               | 80",
                    "tcp://127.0.0.1:7000    | tcp | 127.0.0.1         | 7000",
                    "tcp://:0                | tcp | ''                | 0",
                    "0                       | tcp | ''                | 0",
                    "65535                   | tcp | ''                | 65535",
                    "00080                   | tcp | ''                | 80",
                    "localhost:0             | tcp | localhost         | 0",
                    "UDP://Google.COM:53     | udp | google.com        | 53",
                    "h2+x-y.z://a:1          | h2+x-y.z | a            | 1",
                    "http://example.com      | http | example.com      | 80",
                    "HTTPS://[::1]           | https | ::1              | 443",
                    "ws://example.com        | ws   | example.com      | 80",
                    "wss://1.2.3.4           | wss  | 1.2.3.4          | 443",
                    "http://example.com:8000 | http | example.com      | 8000",
                    "example.com.:80         | tcp | example.com.      | 80",
                    "my_service.local:80     | tcp | my_service.local  | 80",
                    "3com:80                 | tcp | 3com              | 80",
                    "1.2.3.4.example:80      | tcp | 1.2.3.4.example   | 80",
                    "xn--bcher-kva.example:1 | tcp | xn--bcher-kva.example | 1",
                    "0.0.0.0:1               | tcp | 0.0.0.0           | 1",
                    "255.255.255.255:1       | tcp | 255.255.255.255   | 1",
                    "0xg.com:1               | tcp | 0xg.com           | 1",
                    "0xfg:1                  | tcp | 0xfg              | 1",
                })
        void readsSchemeHostAndPort(String text, String scheme, String host, int port) {
            assertEquals(new Address(scheme, host, port), Address.parse(text));
            assertEquals(scheme, Address.parse(text).scheme());
            assertEquals(host, Address.parse(text).host());
            assertEquals(port, Address.parse(text).port());
        }

        @ParameterizedTest
        @CsvSource({
            "63, true",
            "64, false",
        })
        void labelHasAtMost63Characters(int length, boolean valid) {
            assertValid(valid, "a.b" + "c".repeat(length - 1) + ".d:80", "a label of at most 63 characters");
        }

        @ParameterizedTest
        @CsvSource({
            "253, true",
            "254, false",
        })
        void nameHasAtMost253CharactersNotCountingALastDot(int length, boolean valid) {
            String name = ("a".repeat(49) + ".").repeat(5) + "b".repeat(length - 250);
            assertEquals(length, name.length());
            assertValid(valid, name + ":80", "a host of at most 253 characters");
            assertValid(valid, name + ".:80", "a host of at most 253 characters");
        }

        private void assertValid(boolean valid, String text, String expected) {
            if (valid) {
                Address.parse(text);
            } else {
                assertTrue(messageOf(text).contains(expected), messageOf(text));
            }
        }
    }

    @Nested
    class Malformed {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    // The port.
                    "''                 | at index 0 expected ':' and a port, found the end",
                    "google.com         | at index 10 expected ':' and a port, found the end",
                    "1.2.3.4            | at index 7 expected ':' and a port, found the end",
                    "[::1]              | at index 5 expected ':' and a port, found the end",
                    "[::1]80            | at index 5 expected ':' and a port, found \"8\"",
                    "tcp://8000         | expected a number from 0 to 255",
                    ":                  | at index 1 expected a port from 0 to 65535, found the end",
                    "host:              | at index 5 expected a port from 0 to 65535, found the end",
                    "tcp://:            | at index 7 expected a port from 0 to 65535, found the end",
                    "65536              | at index 0 expected a port from 0 to 65535, found \"65536\"",
                    "host:65536         | at index 5 expected a port from 0 to 65535, found \"65536\"",
                    "host:100000        | at index 5 expected a port from 0 to 65535, found \"100000\"",
                    "host:000080        | at index 5 expected a port from 0 to 65535, found \"000080\"",
                    "host:99999999999   | at index 5 expected a port from 0 to 65535",
                    "host:+80           | at index 5 expected a digit of the port, found \"+\"",
                    "host:-80           | at index 5 expected a digit of the port, found \"-\"",
                    "host:80/           | at index 7 expected a digit of the port, found \"/\"",
                    "http://host:80/a   | at index 14 expected a digit of the port, found \"/\"",
                    "http://host:       | at index 12 expected a port from 0 to 65535, found the end",
                    "tcp://host         | at index 10 expected ':' and a port, found the end",
                    "host:8o            | at index 6 expected a digit of the port, found \"o\"",
                    "'host:80 '         | at index 7 expected a digit of the port, found \" \"",
                    "host:http          | at index 5 expected a digit of the port, found \"h\"",
                    "host:٨٠            | at index 5 expected a digit of the port, found \"\\u0668\"",
                    "٨٠٠٠               | at index 0 expected a host in ASCII, or its \"xn--\" form, found \"\\u0668\"",
                    "-1                 | at index 0 expected a letter or digit before '-', found \"-\"",
                    "[::1]:70000        | at index 6 expected a port from 0 to 65535, found \"70000\"",
                    // The scheme.
                    "://host:80         | at index 0 expected a scheme, which begins with a letter, found \":\"",
                    "1tcp://host:80     | at index 0 expected a scheme, which begins with a letter, found \"1\"",
                    "+tcp://host:80     | at index 0 expected a scheme, which begins with a letter, found \"+\"",
                    "t_p://host:80      | at index 1 expected a letter, digit, '+', '-' or '.' of the scheme, found \"_\"",
                    "' tcp://host:80'   | at index 0 expected a letter, digit, '+', '-' or '.' of the scheme, found \" \"",
                    "tcp:/host:80       | at index 3 expected ':' only once, or brackets around an IPv6 address",
                    "tcp:host:80        | at index 3 expected ':' only once, or brackets around an IPv6 address",
                    "tcp://udp://h:80   | at index 9 expected ':' only once, or brackets around an IPv6 address",
                    "//host:80          | at index 0 expected a letter, digit, '-', '_' or '.' of the host, found \"/\"",
                    // IPv4.
                    "256.1.1.1:80       | at index 0 expected a number from 0 to 255 without leading zeros, found \"256\"",
                    "1.2.3.999:80       | at index 6 expected a number from 0 to 255 without leading zeros, found \"999\"",
                    "1.2.3.9999:80      | at index 6 expected a number from 0 to 255 without leading zeros, found \"9999\"",
                    "01.2.3.4:80        | at index 0 expected a number from 0 to 255 without leading zeros, found \"01\"",
                    "1.2.3.00:80        | at index 6 expected a number from 0 to 255 without leading zeros, found \"00\"",
                    "1.2.3:80           | at index 5 expected '.' and the next of four numbers, found \":\"",
                    "127.1:80           | at index 5 expected '.' and the next of four numbers, found \":\"",
                    "2130706433:80      | at index 0 expected a number from 0 to 255 without leading zeros",
                    "0x7f000001:80      | at index 1 expected '.' and the next of four numbers, found \"x\"",
                    "0x7f.0.0.0x1:80    | at index 1 expected '.' and the next of four numbers, found \"x\"",
                    "1.2.3.4.5:80       | at index 7 expected the end of the IPv4 address, found \".\"",
                    "1.2.3.4.:80        | at index 7 expected the end of the IPv4 address, found \".\"",
                    "a.b.1:80           | at index 0 expected a number from 0 to 255",
                    // IPv6.
                    "::1:80             | at index 0 expected ':' only once, or brackets around an IPv6 address, found \"::1:80\"",
                    "[::1:80            | at index 7 expected ']' behind the IPv6 address, found the end",
                    "[]:80              | at index 1 expected a group of 1 to 4 hexadecimal digits, found \"]\"",
                    "[1.2.3.4]:80       | at index 8 expected 8 groups, or '::' for the missing ones, found \"]\"",
                    "[host]:80          | at index 1 expected a group of 1 to 4 hexadecimal digits, found \"h\"",
                    "[:1]:80            | at index 1 expected a group of 1 to 4 hexadecimal digits, found \":\"",
                    "[1:]:80            | at index 3 expected a group of 1 to 4 hexadecimal digits, found \"]\"",
                    "[:::]:80           | at index 3 expected a group of 1 to 4 hexadecimal digits, found \":\"",
                    "[1::2::3]:80       | at index 6 expected '::' only once, found \":\"",
                    "[12345::]:80       | at index 5 expected ':' or the end of the IPv6 address, found \"5\"",
                    "[1:2:3:4:5:6:7]:80 | at index 14 expected 8 groups, or '::' for the missing ones, found \"]\"",
                    "[1:2:3:4:5:6:7:8:9]:80   | at index 17 expected the end of the IPv6 address, found \"9\"",
                    "[1:2:3:4:5:6:7:8::]:80   | expected fewer than 8 groups beside '::'",
                    "[::1:2:3:4:5:6:7:8]:80   | expected fewer than 8 groups beside '::'",
                    "[1:2:3:4:5:6:7:1.2.3.4]:80 | at index 16 expected ':' or the end of the IPv6 address, found \".\"",
                    "[::1.2.3]:80       | at index 8 expected '.' and the next of four numbers, found \"]\"",
                    "[::1.2.3.4:5]:80   | at index 10 expected the end of the IPv4 address, found \":\"",
                    "[::256.2.3.4]:80   | at index 3 expected a number from 0 to 255 without leading zeros, found \"256\"",
                    "[fe80::1%eth0]:80  | at index 8 expected an IPv6 address without a zone, found \"%eth0\"",
                    "[fe80::%1]:80      | at index 7 expected an IPv6 address without a zone, found \"%1\"",
                    "[::1]]:80          | at index 5 expected ':' and a port, found \"]\"",
                    "a[::1]:80          | at index 2 expected ':' only once, or brackets around an IPv6 address",
                    // Names.
                    "'my host:80'       | at index 2 expected a letter, digit, '-', '_' or '.' of the host, found \" \"",
                    "user@host:80       | at index 4 expected a letter, digit, '-', '_' or '.' of the host, found \"@\"",
                    "*:80               | at index 0 expected a letter, digit, '-', '_' or '.' of the host, found \"*\"",
                    "-host:80           | at index 0 expected a letter or digit before '-', found \"-\"",
                    "host-:80           | at index 5 expected a letter or digit behind '-', found \":\"",
                    "a.-b:80            | at index 2 expected a letter or digit before '-', found \"-\"",
                    "a-.b:80            | at index 2 expected a letter or digit behind '-', found \".\"",
                    ".host:80           | at index 0 expected a letter or digit before '.', found \".\"",
                    "a..b:80            | at index 2 expected a letter or digit before '.', found \".\"",
                    ".:80               | at index 0 expected a letter or digit before '.', found \".\"",
                    "a..:80             | at index 2 expected a letter or digit before '.', found \".\"",
                    "bücher.example:80  | at index 1 expected a host in ASCII, or its \"xn--\" form, found \"\\u00FC\"",
                })
        void messageNamesThePlaceWhatWasFoundAndWhatWasExpected(String text, String expected) {
            String message = messageOf(text);
            assertTrue(message.startsWith("malformed address \"") && message.contains(expected), message);
        }

        @Test
        void messageCannotForgeALogLineNorFillTheLog() {
            String message = messageOf("a\r\nERROR all is lost" + "x".repeat(1_000_000));
            assertTrue(message.startsWith("malformed address \"a\\u000D\\u000AERROR"), message);
            assertTrue(message.length() < 1000, "length: " + message.length());
        }

        @Test
        void partsAreCheckedAsTextsAre() {
            assertThrows(MalformedAddressException.class, () -> new Address("", "host", 1));
            assertThrows(MalformedAddressException.class, () -> new Address("tcp:", "host", 1));
            assertThrows(MalformedAddressException.class, () -> new Address("tcp", "[::1]", 1));
            assertThrows(MalformedAddressException.class, () -> new Address("tcp", "ho st", 1));
            assertThrows(MalformedAddressException.class, () -> new Address("tcp", "1.2.3", 1));
            assertThrows(MalformedAddressException.class, () -> new Address("tcp", "host", -1));
            assertThrows(MalformedAddressException.class, () -> new Address("tcp", "host", 65_536));
            assertEquals("tcp://[::1]:65535", new Address("TCP", "0:0::0:1", 65_535).toString());
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 2})
        void noTextMakesAnyOtherException(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            String alphabet = "::://[[]]..%-+_0123456789abcdefxtpuSCH \u0000\u0668ü\uD800";
            String[] seeds = {
                "tcp://1.2.3.4:80", "[2001:db8::ffff:1.2.3.4]:443", "udp://host-1.example.:53", "[::1]:0", "unix:///a/b"
            };
            int valid = 0;
            for (int i = 0; i < 100_000; i++) {
                StringBuilder text = new StringBuilder(random.nextBoolean() ? "" : seeds[random.nextInt(seeds.length)]);
                for (int edits = random.nextInt(8); edits >= 0; edits--) {
                    int at = random.nextInt(text.length() + 1);
                    int remove = random.nextInt(3) == 0 ? Math.min(text.length() - at, 2) : 0;
                    text.replace(at, at + remove, "" + alphabet.charAt(random.nextInt(alphabet.length())));
                }
                try {
                    Address address = Address.parse(text.toString());
                    assertEquals(address, Address.parse(address.toString()));
                    address.literal();
                    valid++;
                } catch (MalformedAddressException e) {
                    assertTrue(e.getMessage().contains("expected"), e.getMessage());
                }
            }
            assertTrue(valid > 1000, "valid: " + valid);
        }
    }

    @Nested
    class Unix {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "unix:/run/app.sock        | /run/app.sock     | unix:/run/app.sock",
                    "unix:///run/app.sock      | /run/app.sock     | unix:/run/app.sock",
                    "UNIX:app.sock             | app.sock          | unix:app.sock",
                    "unix:./@name              | ./@name           | unix:./@name",
                    "unix:80                   | 80                | unix:80",
                    "unix:a:b c%20é?#[@        | a:b c%20é?#[@     | unix:a:b c%20é?#[@",
                    "unix:////x                | //x               | unix:////x",
                })
        void aPathIsTakenAsItIs(String text, String path, String canonical) {
            Address address = Address.parse(text);
            assertEquals(new Address("unix", "", 0, path), address);
            assertEquals(Address.unix(path), address);
            assertEquals(canonical, address.toString());
            assertEquals(address, Address.parse(canonical));
            assertTrue(address.isUnix());
            assertFalse(address.isWildcard(), "a path is no interface");
            assertEquals(Optional.empty(), address.literal());
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "unix:           | at index 5 expected a path, found the end",
                    "unix://         | at index 7 expected '/' and the rest of an absolute path, found the end",
                    "unix://host/a   | at index 7 expected '/' and the rest of an absolute path, found \"host/a\"",
                    "unix:@name      | at index 5 expected a path (the JDK has no abstract addresses; a file",
                    "unix:/run/      | at index 10 expected the name of a file behind '/', found the end",
                })
        void whatIsNoPathIsRefused(String text, String why) {
            assertTrue(messageOf(text).contains(why), messageOf(text));
        }

        @ParameterizedTest
        @ValueSource(strings = {"\0", "a\0b", "a\nb", "\u007f"})
        void controlCharactersAreRefused(String path) {
            assertTrue(messageOf("unix:" + path).contains("without control characters"), messageOf("unix:" + path));
        }

        @ParameterizedTest
        @CsvSource({"106, true", "107, false"})
        void aPathHasAtMost106BytesInUtf8(int length, boolean valid) {
            for (String path : new String[] {"/" + "x".repeat(length - 1), "ü" + "x".repeat(length - 2)}) {
                if (valid) {
                    assertEquals(path, Address.parse("unix:" + path).path());
                } else {
                    String message = messageOf("unix:" + path);
                    assertTrue(message.contains("at most 106 bytes, this one has 107"), message);
                }
            }
        }

        @Test
        void pathAndHostExcludeEachOther() {
            assertThrows(MalformedAddressException.class, () -> new Address("unix", "", 0));
            assertThrows(MalformedAddressException.class, () -> new Address("unix", "host", 0, "/a"));
            assertThrows(MalformedAddressException.class, () -> new Address("unix", "", 1, "/a"));
            assertThrows(MalformedAddressException.class, () -> new Address("tcp", "host", 1, "/a"));
            assertEquals("", Address.parse("tcp://unix:80").path());
            assertFalse(Address.parse("tcp://unix:80").isUnix());
        }
    }

    @Nested
    class Canonical {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "8000                            | tcp://:8000",
                    "Google.com:080                  | tcp://google.com:80",
                    "[2001:0db8:0:0:0:0:0:1]:1       | tcp://[2001:db8::1]:1",
                    "[2001:DB8::A]:1                 | tcp://[2001:db8::a]:1",
                    // RFC 5952 §4.2.2: one group of zeros is not shortened.
                    "[2001:db8::1:1:1:1:1]:1         | tcp://[2001:db8:0:1:1:1:1:1]:1",
                    "[1:2:3:4:5:6:7::]:1             | tcp://[1:2:3:4:5:6:7:0]:1",
                    // RFC 5952 §4.2.3: the longest run, and of equal ones the first.
                    "[2001:0:0:1:0:0:0:1]:1          | tcp://[2001:0:0:1::1]:1",
                    "[2001:db8:0:0:1:0:0:1]:1        | tcp://[2001:db8::1:0:0:1]:1",
                    "[0:0:0:0:0:0:0:0]:1             | tcp://[::]:1",
                    "[1:0:0:0:0:0:0:0]:1             | tcp://[1::]:1",
                    // RFC 5952 §5.
                    "[::FFFF:102:304]:1              | tcp://[::ffff:1.2.3.4]:1",
                    "[::1.2.3.4]:1                   | tcp://[::102:304]:1",
                    "[64:ff9b::192.0.2.33]:1         | tcp://[64:ff9b::c000:221]:1",
                    "[1:2:3:4:5:6:1.2.3.4]:1         | tcp://[1:2:3:4:5:6:102:304]:1",
                })
        void formIsOneForEqualAddresses(String text, String canonical) {
            assertEquals(canonical, Address.parse(text).toString());
            assertEquals(Address.parse(canonical), Address.parse(text));
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 0xC0FFEE})
        void everyValidAddressSurvivesBeingWrittenAndRead(long seed) throws Exception {
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < 10_000; i++) {
                byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
                // Half of the bytes stay zero, so that runs of zeros of every length occur.
                for (int j = 0; j < bytes.length; j++) {
                    bytes[j] = random.nextBoolean() ? (byte) random.nextInt() : 0;
                }
                InetAddress expected = InetAddress.getByAddress(bytes);
                // The JDK writes an IPv6 address with all its groups and without shortening any zeros.
                Address literal = new Address(scheme(random), expected.getHostAddress(), random.nextInt(65_536));
                assertEquals(literal, Address.parse(literal.toString()));
                assertEquals(Optional.of(expected), literal.literal());

                Address named = new Address(scheme(random), name(random), random.nextInt(65_536));
                assertEquals(named, Address.parse(named.toString()));
                assertEquals(Optional.empty(), named.literal());
            }
        }

        private String scheme(SplittableRandom random) {
            return random.nextBoolean() ? "tcp" : "a" + text(random, "abc019+-.", random.nextInt(6));
        }

        private String name(SplittableRandom random) {
            StringBuilder name = new StringBuilder();
            for (int labels = random.nextInt(4); labels > 0; labels--) {
                name.append(text(random, "abz_09", 1))
                        .append(text(random, "abz_-09", random.nextInt(5)))
                        .append(text(random, "az9_", 1))
                        .append('.');
            }
            return name.append("z")
                    .append(text(random, "abz09", random.nextInt(5)))
                    .append(random.nextInt(10) == 0 ? "." : "")
                    .toString();
        }

        private String text(SplittableRandom random, String alphabet, int length) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < length; i++) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            return text.toString();
        }
    }

    @Nested
    class Literal {
        @Test
        void ipv4() {
            byte[] bytes =
                    Address.parse("192.168.0.255:1").literal().orElseThrow().getAddress();
            assertTrue(Arrays.equals(new byte[] {(byte) 192, (byte) 168, 0, (byte) 255}, bytes));
        }

        @Test
        void ipv6() throws Exception {
            byte[] bytes = new byte[16];
            bytes[0] = 0x20;
            bytes[1] = 1;
            bytes[15] = (byte) 0xAB;
            assertEquals(
                    InetAddress.getByAddress(bytes),
                    Address.parse("[2001::ab]:1").literal().orElseThrow());
        }

        @Test
        void mappedIpv6CountsAsIpv4() {
            InetAddress address = Address.parse("[::ffff:10.0.0.1]:1").literal().orElseThrow();
            assertInstanceOf(Inet4Address.class, address);
            assertEquals("10.0.0.1", address.getHostAddress());
        }

        @ParameterizedTest
        @ValueSource(strings = {"8000", ":8000", "localhost:1", "google.com:80", "deadbeef:1"})
        void nameAndNothingAreNone(String text) {
            assertEquals(Optional.empty(), Address.parse(text).literal());
        }

        @ParameterizedTest
        @ValueSource(strings = {"0", ":1", "udp://:1", "0.0.0.0:1", "[::]:1", "[0:0::0]:1", "[::ffff:0.0.0.0]:1"})
        void wildcardMeansEveryInterface(String text) {
            assertTrue(Address.parse(text).isWildcard());
        }

        @ParameterizedTest
        @ValueSource(strings = {"localhost:1", "0.0.0.1:1", "[::1]:1", "google.com:80"})
        void anythingElseMeansOneInterface(String text) {
            assertFalse(Address.parse(text).isWildcard());
        }
    }

    @Nested
    class Scheme {
        @Test
        void supportedOnePasses() {
            Address address = Address.parse("UDP://:53");
            assertSame(address, address.requireScheme("tcp", "udp"));
        }

        @Test
        void otherOneIsNamedBesideThoseThatAreExpected() {
            Exception e = assertThrows(
                    MalformedAddressException.class,
                    () -> Address.parse("quic://host:1").requireScheme("tcp", "udp"));
            assertEquals("address \"quic://host:1\": expected the scheme tcp or udp, found quic", e.getMessage());
        }
    }

    private static String messageOf(String text) {
        return assertThrows(MalformedAddressException.class, () -> Address.parse(text), text)
                .getMessage();
    }
}
