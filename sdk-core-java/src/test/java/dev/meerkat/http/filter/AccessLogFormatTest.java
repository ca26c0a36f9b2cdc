package dev.meerkat.http.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.AccessRecord;
import dev.meerkat.http.Request;
import dev.meerkat.http.RouteMatch;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccessLogFormatTest {
    private final FakePeer peer;

    AccessLogFormatTest() throws Exception {
        peer = FakePeer.plain();
    }

    private static AccessRecord entry(Optional<Request> request, int status, long bytes) throws Exception {
        return new AccessRecord(
                new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 4711),
                request,
                status,
                bytes,
                Instant.parse("2000-10-10T20:55:36.789Z"),
                Duration.ofNanos(1_234_567),
                true);
    }

    @Test
    void theFormatsAreThoseThatToolsRead() throws Exception {
        Request request = peer.request(
                "GET",
                "/apache_pb.gif",
                "Referer",
                "http://www.example.com/start.html",
                "User-Agent",
                "Mozilla/4.08 [en] (Win98; I ;Nav)");
        request.attribute(AuthenticatedUser.class, new AuthenticatedUser("frank", "Basic"));
        request.attribute(RouteMatch.class, new RouteMatch("/{file}", new LinkedHashMap<>()));
        AccessRecord entry = entry(Optional.of(request), 200, 2326);
        String common = "192.0.2.1 - frank [10/Oct/2000:20:55:36 +0000] \"GET /apache_pb.gif HTTP/1.1\" 200 2326";
        assertEquals(common, AccessLogFormat.COMMON.format(entry));
        assertEquals(
                common + " \"http://www.example.com/start.html\" \"Mozilla/4.08 [en] (Win98; I ;Nav)\"",
                AccessLogFormat.COMBINED.format(entry));
        assertEquals(
                "{\"time\":\"2000-10-10T20:55:36.789Z\",\"peer\":\"192.0.2.1\",\"user\":\"frank\",\"method\":\"GET\","
                        + "\"target\":\"/apache_pb.gif\",\"version\":\"HTTP/1.1\",\"route\":\"/{file}\",\"status\":200,"
                        + "\"bytes\":2326,\"micros\":1234,\"complete\":true,"
                        + "\"referer\":\"http://www.example.com/start.html\","
                        + "\"userAgent\":\"Mozilla/4.08 [en] (Win98; I ;Nav)\"}",
                AccessLogFormat.JSON.format(entry));
    }

    @Test
    void whatIsNotKnownIsADashOrLeftOut() throws Exception {
        AccessRecord entry = entry(Optional.empty(), 400, 0);
        assertEquals(
                "192.0.2.1 - - [10/Oct/2000:20:55:36 +0000] \"-\" 400 - \"-\" \"-\"",
                AccessLogFormat.COMBINED.format(entry));
        assertEquals(
                "{\"time\":\"2000-10-10T20:55:36.789Z\",\"peer\":\"192.0.2.1\",\"status\":400,\"bytes\":0,\"micros\":1234,"
                        + "\"complete\":true}",
                AccessLogFormat.JSON.format(entry));
    }

    @Test
    void nobodyForgesALineOrEndsAnotherField() throws Exception {
        Request request = peer.request("GET", "/\"x\\", "User-Agent", "a\" 200 \\\t\u00e9\u0085");
        request.attribute(AuthenticatedUser.class, new AuthenticatedUser("a b\"\n\u20ac", "Basic"));
        AccessRecord entry = entry(Optional.of(request), 200, 1);
        assertEquals(
                "192.0.2.1 - a\\x20b\\\"\\x0a\\u20ac [10/Oct/2000:20:55:36 +0000] \"GET /\\\"x\\\\ HTTP/1.1\" 200 1 \"-\""
                        + " \"a\\\" 200 \\\\\\x09\\xe9\\x85\"",
                AccessLogFormat.COMBINED.format(entry));
        String json = AccessLogFormat.JSON.format(entry);
        assertTrue(json.contains("\"user\":\"a b\\\"\\u000a\\u20ac\""), json);
        assertTrue(json.contains("\"userAgent\":\"a\\\" 200 \\\\\\u0009\\u00e9\\u0085\""), json);
        for (AccessLogFormat format : AccessLogFormat.values()) {
            assertFalse(format.format(entry).chars().anyMatch(c -> c < ' ' || c > '~'));
        }
    }

    @Test
    void longTextsAreCutAndProxiesAreLookedThrough() throws Exception {
        Request request = peer.request("GET", "/" + "x".repeat(8_000));
        request.attribute(
                ForwardedPeer.class,
                new ForwardedPeer(
                        Optional.of(InetAddress.getByName("2001:db8::1")), Optional.empty(), Optional.empty()));
        String line = AccessLogFormat.COMMON.format(entry(Optional.of(request), 200, 1));
        assertTrue(line.startsWith("2001:db8:0:0:0:0:0:1 - "), line);
        assertTrue(line.contains("xxx... HTTP/1.1\""), line);
        assertTrue(line.length() < 2_200, line);
    }
}
