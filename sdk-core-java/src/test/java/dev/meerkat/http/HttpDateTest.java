package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDateTest {
    private static final Instant NOW = Instant.parse("2026-07-01T00:00:00Z");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // The three of RFC 9110 5.6.7.
                "Sun, 06 Nov 1994 08:49:37 GMT     | 1994-11-06T08:49:37Z",
                "Sunday, 06-Nov-94 08:49:37 GMT    | 1994-11-06T08:49:37Z",
                "Sun Nov  6 08:49:37 1994          | 1994-11-06T08:49:37Z",
                "Sun Nov 16 08:49:37 1994          | 1994-11-16T08:49:37Z",
                "Thu, 01 Jan 1970 00:00:00 GMT     | 1970-01-01T00:00:00Z",
                "Thu, 29 Feb 2024 23:59:59 GMT     | 2024-02-29T23:59:59Z",
                "Sat, 31 Dec 2016 23:59:60 GMT     | 2017-01-01T00:00:00Z",
                // Fifty years ahead are this century, fifty-one are the last.
                "Wednesday, 01-Jul-76 00:00:00 GMT | 2076-07-01T00:00:00Z",
                "Friday, 01-Jul-77 00:00:00 GMT    | 1977-07-01T00:00:00Z",
            })
    void theThreeFormatsAreRead(String text, Instant instant) {
        assertEquals(Optional.of(instant), HttpDate.parse(text, NOW));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "Sun, 06 Nov 1994 08:49:37 +0000",
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "sun, 06 nov 1994 08:49:37 gmt",
                "Sun, 06 Nov 94 08:49:37 GMT",
                "Sunday, 06-Nov-1994 08:49:37 GMT",
                "Sun, 31 Feb 2024 08:49:37 GMT",
                "Thu, 29 Feb 2023 08:49:37 GMT",
                "Sun, 00 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 24:00:00 GMT",
                "Sun, 06 Nov 1994 08:60:00 GMT",
                "Sun, 06 Nov 1994 08:49:61 GMT",
                "Sun, 06 Nov 1994 08:49:37 GMT ",
                "Sun Nov 6 08:49:37 1994",
                "Son, 06 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov \u0661\u0669\u0669\u0664 08:49:37 GMT",
            })
    void whatIsNoDateIsNone(String text) {
        assertEquals(Optional.empty(), HttpDate.parse(text, NOW));
    }

    @Test
    void datesAreWrittenInTheFixedFormat() {
        assertEquals("Sun, 06 Nov 1994 08:49:37 GMT", HttpDate.format(Instant.parse("1994-11-06T08:49:37.999Z")));
        assertEquals("Sat, 01 Jan 0000 00:00:00 GMT", HttpDate.format(Instant.parse("0000-01-01T00:00:00Z")));
        for (long second = 0; second < 4_000_000_000L; second += 86_399L * 31) {
            Instant instant = Instant.ofEpochSecond(second);
            assertEquals(Optional.of(instant), HttpDate.parse(HttpDate.format(instant), NOW));
        }
        assertThrows(IllegalArgumentException.class, () -> HttpDate.format(Instant.parse("+10000-01-01T00:00:00Z")));
    }
}
