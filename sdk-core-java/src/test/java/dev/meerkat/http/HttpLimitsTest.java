package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HttpLimitsTest {
    @Test
    void aBuilderKeepsWhatItStartedFrom() {
        HttpLimits limits = HttpLimits.builder()
                .startLineBytes(1000)
                .headerCount(1)
                .headerBytes(2000)
                .bodyBytes(3)
                .bufferedBodyBytes(4)
                .trailerCount(5)
                .trailerBytes(6)
                .chunkLineBytes(70)
                .chunkExtensionBytes(8)
                .pipelineDepth(9)
                .requestsPerConnection(10)
                .connectionsPerIp(11)
                .build();
        assertEquals(limits, limits.toBuilder().build());
        assertEquals(new HttpLimits(1000, 1, 2000, 3, 4, 5, 6, 70, 8, 9, 10, 11), limits);
        HttpTimeouts timeouts = HttpTimeouts.builder()
                .head(Duration.ofSeconds(1))
                .keepAlive(Duration.ofSeconds(2))
                .bodyRate(3)
                .bodyGrace(Duration.ofSeconds(4))
                .responseRate(5)
                .responseGrace(Duration.ofSeconds(6))
                .build();
        assertEquals(timeouts, timeouts.toBuilder().build());
    }

    @Test
    void aHeadFitsIntoWhatAConnectionHolds() {
        HttpLimits.Builder builder = HttpLimits.builder();
        assertEquals(512 * 1024, builder.headerBytes(512 * 1024).build().headerBytes());
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> builder.headerBytes(512 * 1024 + 1).build())
                .getMessage();
        assertTrue(message.contains("headerBytes"), message);
    }

    @Test
    void timesArePositiveAndRatesNotNegative() {
        assertThrows(
                IllegalArgumentException.class,
                () -> HttpTimeouts.builder().head(Duration.ZERO).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> HttpTimeouts.builder().bodyRate(-1).build());
        assertEquals(0, HttpTimeouts.builder().bodyRate(0).build().bodyRate());
    }

    @Test
    void anErrorSaysWhereItsRuleStandsAndWhatToAnswer() {
        HttpError error = new HttpError(HttpRule.UNKNOWN_CODING, "gzip");
        assertEquals("RFC 9112 6.1", error.source());
        assertEquals(501, error.status());
        assertEquals(error, new HttpException(error).error());
    }
}
