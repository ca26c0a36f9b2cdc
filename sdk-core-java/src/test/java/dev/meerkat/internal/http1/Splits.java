package dev.meerkat.internal.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** The same bytes in all the ways they may come. */
final class Splits {
    private Splits() {}

    /** Whole, cut at every place, byte by byte. */
    static void check(List<String> expected, String stream, Function<int[], List<String>> run) {
        assertEquals(expected, run.apply(new int[0]), stream);
        for (int at = 1; at < stream.length(); at++) {
            assertEquals(expected, run.apply(new int[] {at}), () -> "cut in two: " + stream);
        }
        assertEquals(expected, run.apply(Wire.everyByte(stream.length())), () -> "byte by byte: " + stream);
    }

    /** However little of it comes, the end is noticed: at a border of messages, or as an incomplete message. */
    static void checkTruncated(String stream, Function<byte[], List<String>> run) {
        byte[] bytes = Wire.bytes(stream);
        for (int length = 0; length < bytes.length; length++) {
            List<String> log = run.apply(Arrays.copyOf(bytes, length));
            String last = log.get(log.size() - 1);
            assertTrue(
                    last.equals("closed") || last.equals("failed INCOMPLETE_MESSAGE") || last.startsWith("paused"),
                    log + " after " + length + " bytes of " + stream);
        }
    }
}
