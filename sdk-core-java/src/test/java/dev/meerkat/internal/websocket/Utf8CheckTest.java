package dev.meerkat.internal.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against what the JDK encodes and decodes, which is another's work. */
class Utf8CheckTest {
    /** Where ranges of first and of following bytes begin and end. */
    private static final int[] BORDERS = {
        0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
        0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff
    };

    /** What characters that take several bytes begin with, as numbers, as the JDK encodes them. */
    private static final Set<Integer> BEGINNINGS = new HashSet<>();

    static {
        for (int point = 0x80; point <= Character.MAX_CODE_POINT; point++) {
            if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
                byte[] bytes = Character.toString(point).getBytes(StandardCharsets.UTF_8);
                int beginning = 0;
                for (int i = 0; i < bytes.length - 1; i++) {
                    beginning = beginning << 8 | (bytes[i] & 0xff);
                    BEGINNINGS.add(beginning);
                }
            }
        }
    }

    /** The index of the first byte with which the bytes cannot be the beginning of a text any more; −1 if none. */
    private static int firstBad(byte[] bytes) {
        int from = 0;
        int beginning = 0;
        for (int at = 0; at < bytes.length; at++) {
            beginning = beginning << 8 | (bytes[at] & 0xff);
            if (!BEGINNINGS.contains(beginning)) {
                if (!isWhole(Arrays.copyOfRange(bytes, from, at + 1))) {
                    return at;
                }
                from = at + 1;
                beginning = 0;
            }
        }
        return -1;
    }

    private static boolean isWhole(byte[] bytes) {
        return Arrays.equals(bytes, new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
    }

    private static void check(byte[] bytes) {
        int bad = firstBad(bytes);
        int found = Utf8Check.advance(Utf8Check.COMPLETE, ByteBuffer.wrap(bytes), 0, bytes.length);
        String shown = HexFormat.of().formatHex(bytes);
        if (bad >= 0) {
            assertEquals(~bad, found, shown);
        } else {
            assertEquals(isWhole(bytes), found == Utf8Check.COMPLETE, shown);
            assertEquals(true, found >= 0, shown);
        }
    }

    @Test
    void everyCharacterIsUtf8() {
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
                byte[] bytes = Character.toString(point).getBytes(StandardCharsets.UTF_8);
                int found = Utf8Check.advance(Utf8Check.COMPLETE, ByteBuffer.wrap(bytes), 0, bytes.length);
                if (found != Utf8Check.COMPLETE) {
                    throw new AssertionError(Integer.toHexString(point));
                }
            }
        }
    }

    @Test
    void whateverFourBytesAreItIsWhatTheJdkSays() {
        for (int a : BORDERS) {
            for (int b : BORDERS) {
                for (int c : BORDERS) {
                    for (int d : BORDERS) {
                        check(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
                    }
                }
            }
        }
    }

    /** Where eight bytes are looked at together: behind a character of three, and at each place among those of two. */
    @Test
    void whateverStandsAmongOthersIsWhatTheJdkSays() {
        byte[] two = {(byte) 0xd0, (byte) 0xb0};
        byte[] three = {(byte) 0xe4, (byte) 0xbd, (byte) 0xa0};
        byte[] rest = Wire.bytes("abcdefgh");
        for (int a : BORDERS) {
            for (int b : BORDERS) {
                byte[] pair = {(byte) a, (byte) b};
                check(Wire.concat(pair, two, two, two, rest));
                check(Wire.concat(two, pair, two, two, rest));
                check(Wire.concat(two, two, pair, two, rest));
                check(Wire.concat(two, two, two, pair, rest));
                for (int c : BORDERS) {
                    byte[] other = {(byte) a, (byte) b, (byte) c};
                    check(Wire.concat(other, three, rest));
                    check(Wire.concat(three, other, rest));
                    for (int d : BORDERS) {
                        if (a >= 0xe0) {
                            check(Wire.concat(other, new byte[] {(byte) d}, rest));
                        }
                    }
                }
            }
        }
    }

    @Test
    void everyPairOfBytesIsWhatTheJdkSays() {
        for (int pair = 0; pair < 0x10000; pair++) {
            check(new byte[] {(byte) (pair >> 8), (byte) pair});
        }
    }

    @ParameterizedTest
    @CsvSource({
        "c080, 0", // overlong
        "c1bf, 0",
        "e080, 1",
        "e09fbf, 1",
        "eda080, 1", // a surrogate
        "f08080, 1",
        "f490, 1", // above U+10FFFF
        "f5, 0",
        "80, 0",
        "ff, 0",
        "6162e282, -1", // more may come
        "6162e28261, 4",
        "cebae1bdb9cf83cebcceb5eda080656469746564, 12" // Autobahn 6.4
    })
    void theFirstBadByteIsFound(String hex, int place) {
        byte[] bytes = Wire.hex(hex);
        int found = Utf8Check.advance(Utf8Check.COMPLETE, ByteBuffer.wrap(bytes), 0, bytes.length);
        assertEquals(place, found < 0 ? ~found : -1);
    }

    @Test
    void longTextsInPiecesAreWhatTheyAreAsAWhole() {
        SplittableRandom random = new SplittableRandom(4);
        String[] alphabets = {"a", "aé", "бвгд", "日本語", "a𝒳€é日", "αβγ def ", "กขค", "aaaaaaaaaaaaaaaaaaaaé"};
        for (int round = 0; round < 3000; round++) {
            int[] points =
                    alphabets[random.nextInt(alphabets.length)].codePoints().toArray();
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(60); i >= 0; i--) {
                text.appendCodePoint(points[random.nextInt(points.length)]);
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            if (random.nextBoolean()) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            check(bytes);
            pieces(random, bytes);
        }
    }

    private static void pieces(SplittableRandom random, byte[] bytes) {
        int whole = Utf8Check.advance(Utf8Check.COMPLETE, ByteBuffer.wrap(bytes), 0, bytes.length);
        ByteBuffer in = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        in.order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int state = Utf8Check.COMPLETE;
        for (int at = 0; at < bytes.length && state >= 0; ) {
            int to = random.nextInt(at, bytes.length + 1);
            state = Utf8Check.advance(state, in, at, to);
            at = to;
        }
        assertEquals(whole, state, () -> HexFormat.of().formatHex(bytes));
    }
}
