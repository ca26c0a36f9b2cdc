package dev.meerkat.internal.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.http.HttpLimits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Responses, as a client reads them; each in all the ways that it may come. */
class Http1ResponsesTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    @Test
    void severalOverOneConnection() {
        responses(
                OK
                        + "Content-Length: 2\r\n\r\nabHTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
                List.of("GET", "GET"),
                "HTTP/1.1 200 OK [Content-Length: 2]",
                "body ab",
                "end",
                "HTTP/1.1 404 Not Found [Transfer-Encoding: chunked]",
                "body x",
                "end",
                "closed");
    }

    @Test
    void withoutLengthABodyEndsWithTheConnection() {
        responses(OK + "\r\nabc", List.of("GET"), "HTTP/1.1 200 OK [] last", "body abc", "end", "closed");
        responses("HTTP/1.0 200\r\n\r\n", List.of("GET"), "HTTP/1.0 200  [] last", "end", "closed");
    }

    @ParameterizedTest
    @CsvSource({"HEAD, 200", "GET, 204", "GET, 304", "PUT, 204"})
    void someHaveNoBodyWhateverTheySay(String method, int status) {
        responses(
                "HTTP/1.1 " + status + " x\r\nContent-Length: 5\r\n\r\n" + OK + "Content-Length: 0\r\n\r\n",
                List.of(method, "GET"),
                "HTTP/1.1 " + status + " x [Content-Length: 5]",
                "end",
                "HTTP/1.1 200 OK [Content-Length: 0]",
                "end",
                "closed");
    }

    @Test
    void headAndNotModifiedMayNameACoding() {
        responses(
                OK + "Transfer-Encoding: chunked\r\n\r\n",
                List.of("HEAD"),
                "HTTP/1.1 200 OK [Transfer-Encoding: chunked]",
                "end",
                "closed");
    }

    @Test
    void afterNoContentWithACodingNothingIsTrusted() {
        responses(
                "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n",
                List.of("GET"),
                "HTTP/1.1 204 x [Transfer-Encoding: chunked] last",
                "end",
                "closed");
    }

    @Test
    void informationalOnesComeBeforeTheAnswer() {
        responses(
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK
                        + "Content-Length: 1\r\n\r\ny",
                List.of("POST"),
                "HTTP/1.1 100 Continue []",
                "HTTP/1.1 103 Early Hints [Link: x]",
                "HTTP/1.1 200 OK [Content-Length: 1]",
                "body y",
                "end",
                "closed");
    }

    @Test
    void informationalOnesDoNotComeWithoutEnd() {
        String some = "HTTP/1.1 100 \r\n\r\n".repeat(32);
        assertEquals("end", last(Wire.responses(some + OK + "Content-Length: 0\r\n\r\n", "GET"), 2));
        assertEquals("failed UNEXPECTED_RESPONSE", last(Wire.responses(some + "HTTP/1.1 100 \r\n\r\n", "GET"), 1));
    }

    private static String last(List<String> log, int back) {
        return log.get(log.size() - back);
    }

    @Test
    void anUpgradeThatWasAskedForEndsHttp() {
        responses(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nbytes",
                List.of("^GET"),
                "HTTP/1.1 101 Switching Protocols [Upgrade: x] last",
                "end",
                "switched bytes");
        assertEquals(
                List.of("failed UNEXPECTED_UPGRADE"),
                Wire.responses("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "GET"));
    }

    @Test
    void aTunnelEndsHttpIfItWasGranted() {
        responses(
                OK + "Content-Length: 5\r\n\r\nbytes",
                List.of("CONNECT"),
                "HTTP/1.1 200 OK [Content-Length: 5] last",
                "end",
                "switched bytes");
        responses(
                "HTTP/1.1 407 x\r\nContent-Length: 2\r\n\r\nno",
                List.of("CONNECT"),
                "HTTP/1.1 407 x [Content-Length: 2]",
                "body no",
                "end",
                "closed");
    }

    @Test
    void whoSpeaksWithoutBeingAskedIsNotHeard() {
        assertEquals(
                "failed UNEXPECTED_RESPONSE", last(Wire.responses(OK + "Content-Length: 0\r\n\r\n" + OK, "GET"), 1));
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 99 x, MALFORMED_STATUS_LINE",
        "HTTP/1.1 600 x, MALFORMED_STATUS_LINE",
        "HTTP/1.1 2000 x, MALFORMED_STATUS_LINE",
        "HTTP/1.1 20, MALFORMED_STATUS_LINE",
        "HTTP/1.1  200 x, MALFORMED_STATUS_LINE",
        "HTTP/1.1 +20 x, MALFORMED_STATUS_LINE",
        "HTTP/2.0 200 x, UNSUPPORTED_VERSION",
        "'HTTP/1,1 200 x', MALFORMED_VERSION",
        "XTTP/1.1 200 x, MALFORMED_VERSION",
        "ICY 200 OK, MALFORMED_STATUS_LINE"
    })
    void aStatusLineHasItsForm(String line, String rule) {
        assertEquals(List.of("failed " + rule), Wire.responses(line + "\r\n\r\n", "GET"));
    }

    @Test
    void framingIsAsStrictAsInRequests() {
        refused("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "LENGTH_AND_CODING");
        refused("Content-Length: 1\r\nContent-Length: 1\r\n", "SEVERAL_CONTENT_LENGTHS");
        refused("Content-Length: 1, 1\r\n", "MALFORMED_CONTENT_LENGTH");
        refused("Transfer-Encoding: gzip, chunked\r\n", "UNKNOWN_CODING");
        refused("X: a\r\n b\r\n", "OBSOLETE_FOLDING");
        assertEquals(
                List.of("failed CODING_IN_HTTP_1_0"),
                Wire.responses("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET"));
        assertEquals(List.of("failed EMPTY_LINE"), Wire.responses("\r\n" + OK + "\r\n", "GET"));
    }

    @Test
    void whoHasNotBegunToAnswerIsGoneAndWhoHasBegunIsBroken() {
        assertEquals(List.of("closed"), Wire.responses("", "GET"));
        assertEquals(List.of("failed INCOMPLETE_MESSAGE"), Wire.responses("H", "GET"));
        assertEquals(
                List.of("HTTP/1.1 100  []", "failed INCOMPLETE_MESSAGE"),
                Wire.responses("HTTP/1.1 100 \r\n\r\n", "GET"));
        assertEquals("failed INCOMPLETE_MESSAGE", last(Wire.responses(OK + "Content-Length: 2\r\n\r\na", "GET"), 1));
        assertEquals(
                "failed INCOMPLETE_MESSAGE",
                last(Wire.responses(OK + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", "GET"), 1));
    }

    private static void refused(String fields, String rule) {
        assertEquals(List.of("failed " + rule), Wire.responses(OK + fields + "\r\n", "GET"));
        assertEquals(List.of("failed " + rule), Wire.responses(OK + fields + "\r\n", "HEAD"));
    }

    private static void responses(String stream, List<String> methods, String... log) {
        String[] all = methods.toArray(new String[0]);
        Splits.check(List.of(log), stream, cuts -> Wire.responses(HttpLimits.DEFAULT, Wire.bytes(stream), all, cuts));
    }
}
