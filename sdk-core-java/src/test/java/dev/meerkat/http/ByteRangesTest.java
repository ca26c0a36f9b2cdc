package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which parts a request asks for (RFC 9110 §14.1.2, §14.2). */
class ByteRangesTest {
    private static String of(String value, long size) {
        ByteRanges parsed = ByteRanges.parse(value, size, 16);
        return parsed == null
                ? "all"
                : parsed.ranges().isEmpty()
                        ? "none"
                        : parsed.ranges().stream()
                                .map(range -> range.first() + "-" + range.last())
                                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-499                      | 10000 | 0-499",
                "bytes=500-999                    | 10000 | 500-999",
                "bytes=-500                       | 10000 | 9500-9999",
                "bytes=9500-                      | 10000 | 9500-9999",
                "bytes=0-0,-1                     | 10000 | 0-0 9999-9999",
                "bytes= 0-999, 4500-5499, -1000   | 10000 | 0-999 4500-5499 9000-9999",
                "bytes=-20000                     | 10000 | 0-9999",
                "bytes=0-                         | 10000 | 0-9999",
                "bytes=0-10000                    | 10000 | 0-9999",
                "bytes=9999-9999                  | 10000 | 9999-9999",
                "Bytes=0-1                        | 10000 | 0-1",
                "bytes=,,0-1,\t,                  | 10000 | 0-1",
                "bytes=0-99999999999999999999999  | 10000 | 0-9999",
                "bytes=-99999999999999999999999   | 10000 | 0-9999",
            })
    void whatIsThereIsSent(String value, long size, String expected) {
        assertEquals(expected, of(value, size));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=10000-                 | 10000",
                "bytes=10000-10000            | 10000",
                "bytes=-0                     | 10000",
                "bytes=10000-,-0              | 10000",
                "bytes=99999999999999999999-  | 10000",
                "bytes=0-                     | 0",
                "bytes=0-0                    | 0",
                "bytes=-0                     | 0",
            })
    void whatIsNotThereIsNot(String value, long size) {
        assertEquals("none", of(value, size));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=2-1          | 10000",
                "bytes=0-1,2-1      | 10000",
                "bytes=             | 10000",
                "bytes=,            | 10000",
                "bytes=-            | 10000",
                "bytes=a-b          | 10000",
                "bytes=0-1x         | 10000",
                "bytes=0--1         | 10000",
                "bytes=+0-1         | 10000",
                "bytes=0 - 1        | 10000",
                "bytes=1            | 10000",
                "bytes              | 10000",
                "seconds=0-1        | 10000",
                "0-1                | 10000",
                "bytes=-5           | 0",
                "bytes=٠-١          | 10000",
            })
    void whatIsMalformedOrNotBytesBringsEverything(String value, long size) {
        assertEquals("all", of(value, size));
    }

    @Test
    void whatIsPartlyThereIsSentAsFarAsItIs() {
        assertEquals("0-1 9990-9999", of("bytes=0-1,20000-,9990-20000", 10_000));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-99,50-149            | 0-149",
                "bytes=50-149,0-99            | 0-149",
                "bytes=0-9999,0-9999,0-9999   | 0-9999",
                "bytes=0-99,100-199           | 0-199",
                "bytes=0-99,179-199           | 0-199",
                "bytes=0-99,180-199           | 0-99 180-199",
                "bytes=5000-5099,0-99         | 5000-5099 0-99",
                "bytes=0-500,100-200          | 0-500",
                "bytes=5000-5001,0-9,5-20     | 0-20 5000-5001",
            })
    void whatOverlapsOrNearlyTouchesIsJoined(String value, String expected) {
        assertEquals(expected, of(value, 10_000));
    }

    @Test
    void soManyRangesAreReadAndNotOneMore() {
        String most =
                IntStream.range(0, 16).mapToObj(i -> i * 1000 + "-" + i * 1000).collect(Collectors.joining(","));
        ByteRanges parsed = assertNotNull16(ByteRanges.parse("bytes=" + most, 100_000, 16));
        assertEquals(16, parsed.ranges().size());
        assertEquals("all", of("bytes=" + most + ",50000-50001", 100_000));
    }

    private static ByteRanges assertNotNull16(ByteRanges parsed) {
        assertNotNull(parsed);
        return parsed;
    }

    @Test
    void whatTheyAreCalledInTheAnswer() {
        assertEquals("bytes 0-499/1234", new ByteRanges.Range(0, 499).text(1234));
    }
}
