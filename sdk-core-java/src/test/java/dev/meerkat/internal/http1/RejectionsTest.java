package dev.meerkat.internal.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpRule;
import dev.meerkat.rules.RefusedRequests;
import dev.meerkat.rules.RefusedRequests.Refused;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, with the rule that it breaks; each whole, cut at every place, and byte by byte. */
class RejectionsTest {
    private static final HttpLimits SMALL = HttpLimits.builder()
            .startLineBytes(RefusedRequests.START_LINE_BYTES)
            .headerCount(RefusedRequests.HEADER_COUNT)
            .headerBytes(RefusedRequests.HEADER_BYTES)
            .bodyBytes(RefusedRequests.BODY_BYTES)
            .trailerCount(RefusedRequests.TRAILER_COUNT)
            .trailerBytes(RefusedRequests.TRAILER_BYTES)
            .chunkLineBytes(RefusedRequests.CHUNK_LINE_BYTES)
            .chunkExtensionBytes(RefusedRequests.CHUNK_EXTENSION_BYTES)
            .build();

    /** Of those who keep the time, of responses, of ends, and of what is compressed: other tests have them. */
    private static final Set<HttpRule> NOT_OF_REQUESTS = EnumSet.of(
            HttpRule.HEAD_TIMEOUT,
            HttpRule.BODY_TOO_SLOW,
            HttpRule.MALFORMED_STATUS_LINE,
            HttpRule.UNEXPECTED_RESPONSE,
            HttpRule.UNEXPECTED_UPGRADE,
            HttpRule.INCOMPLETE_MESSAGE,
            HttpRule.MALFORMED_CODING);

    @ParameterizedTest
    @MethodSource("dev.meerkat.rules.RefusedRequests#all")
    void isRefusedHoweverItComes(Refused sample) {
        HttpRule rule = HttpRule.valueOf(sample.rule());
        String stream = sample.stream();
        assertEquals(rule, Wire.brokenBy(SMALL, stream));
        for (int at = 1; at < stream.length(); at++) {
            assertEquals(rule, Wire.brokenBy(SMALL, stream, at), "cut at " + at);
        }
        assertEquals(rule, Wire.brokenBy(SMALL, stream, Wire.everyByte(stream.length())));
    }

    @ParameterizedTest
    @MethodSource("dev.meerkat.rules.RefusedRequests#heads")
    void nothingBehindARefusedHeadIsARequest(Refused sample) {
        String stream = sample.stream() + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
        List<String> log = Wire.requests(SMALL, Wire.bytes(stream));
        assertTrue(log.stream().noneMatch(line -> line.contains("smuggled")), log::toString);
        assertEquals("failed " + sample.rule(), log.get(log.size() - 1));
    }

    @Test
    void theTableHasEveryRuleOfRequests() {
        EnumSet<HttpRule> missing = EnumSet.allOf(HttpRule.class);
        missing.removeAll(NOT_OF_REQUESTS);
        RefusedRequests.all().forEach(sample -> missing.remove(HttpRule.valueOf(sample.rule())));
        assertEquals(Set.of(), missing);
    }

    @Test
    void everyRuleNamesItsSourceAndAStatus() {
        for (HttpRule rule : HttpRule.values()) {
            assertTrue(rule.source().matches("RFC \\d{4} [\\d.]+\\d|RFC \\d{4} \\d+"), rule::source);
            assertTrue(rule.status() >= 400 && rule.status() <= 505, rule::name);
        }
    }
}
