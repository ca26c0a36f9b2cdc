package dev.meerkat.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Requests that break a rule of HTTP/1.1, each with the name of the rule: for the tests of the codec, and for those of
 * a server on a connection. They are made for the limits of {@link #START_LINE_BYTES} and those below.
 */
public final class RefusedRequests {
    public static final int START_LINE_BYTES = 40;
    public static final int HEADER_COUNT = 6;
    public static final int HEADER_BYTES = 120;
    public static final int BODY_BYTES = 8;
    public static final int TRAILER_COUNT = 2;
    public static final int TRAILER_BYTES = 20;
    public static final int CHUNK_LINE_BYTES = 40;
    public static final int CHUNK_EXTENSION_BYTES = 24;

    /**
     * A request that breaks a rule.
     *
     * @param rule the name of the rule
     * @param stream what is sent, one character a byte
     */
    public record Refused(String rule, String stream) {
        @Override
        public String toString() {
            return rule + " " + stream.replace("\r", "\\r").replace("\n", "\\n");
        }
    }

    private RefusedRequests() {}

    /** All of them. */
    public static Stream<Refused> all() {
        return Stream.concat(heads(), bodies());
    }

    /** Those that are refused for their head. */
    public static Stream<Refused> heads() {
        return Stream.of(lines(), fields(), smuggled(), others()).flatMap(part -> part);
    }

    /** Those of the first line. */
    public static Stream<Refused> lines() {
        return table(
                "BARE_LF", "GET / HTTP/1.1\nHost: h\r\n\r\n",
                "BARE_LF", "GET / HTTP/1.1\r\nHost: h\n\r\n",
                "BARE_LF", "GET / HTTP/1.1\r\nHost: h\r\n\n",
                "BARE_LF", "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
                "BARE_CR", "GET / HTTP/1.1\rHost: h\r\n\r\n",
                "BARE_CR", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n",
                "BARE_CR", "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n",
                "BARE_CR", "\rGET / HTTP/1.1\r\nHost: h\r\n\r\n",
                "CONTROL_BYTE", "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n",
                "CONTROL_BYTE", "GET / HTTP/1.1\r\nHost: h\0\r\n\r\n",
                "CONTROL_BYTE", "GET / HTTP/1.1\r\nHost: h\r\nX: \u000b\r\n\r\n",
                "CONTROL_BYTE", "GET / HTTP/1.1\r\nHost: h\r\nX: a\u007fb\r\n\r\n",
                "CONTROL_BYTE", "\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000",
                "EMPTY_LINE", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_REQUEST_LINE", "GET /\r\nHost: h\r\n\r\n",
                "MALFORMED_REQUEST_LINE", "GET\r\nHost: h\r\n\r\n",
                "MALFORMED_REQUEST_LINE", "HTTP/1.1\r\nHost: h\r\n\r\n",
                "START_LINE_TOO_LONG", "GET /" + "x".repeat(40) + " HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_METHOD", "G@T / HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_METHOD", " GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_METHOD", "\u00c4 / HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_METHOD", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_TARGET", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_TARGET", "GET /  HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_TARGET", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_TARGET", "GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_TARGET", "GET /#x HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_TARGET", "GET /\u00e4 HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_TARGET", "GET x HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_TARGET", "GET http://a@b/ HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_TARGET", "GET http:///x HTTP/1.1\r\nHost: h\r\n\r\n",
                "WRONG_TARGET_FORM", "CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n",
                "WRONG_TARGET_FORM", "CONNECT h HTTP/1.1\r\nHost: h\r\n\r\n",
                "WRONG_TARGET_FORM", "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_VERSION", "GET / http/1.1\r\nHost: h\r\n\r\n",
                "MALFORMED_VERSION", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
                "MALFORMED_VERSION", "GET / HTTP/11\r\nHost: h\r\n\r\n",
                "MALFORMED_VERSION", "GET / HTTP/1.x\r\nHost: h\r\n\r\n",
                "MALFORMED_VERSION", "GET / HTTP/1.10\r\nHost: h\r\n\r\n",
                "UNSUPPORTED_VERSION", "GET / HTTP/0.9\r\nHost: h\r\n\r\n",
                "UNSUPPORTED_VERSION", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".replace("PRI", "OPTIONS"),
                "UNSUPPORTED_VERSION", "GET / HTTP/2.0\r\nHost: h\r\n\r\n");
    }

    /** Those of fields. */
    public static Stream<Refused> fields() {
        return fieldTable(
                "MISSING_COLON", "Host: h\r\nX\r\n",
                "MISSING_COLON", "Host: h\r\nX \r\n",
                "MALFORMED_FIELD_NAME", "Host: h\r\n: y\r\n",
                "MALFORMED_FIELD_NAME", "Host: h\r\nX Y: z\r\n",
                "MALFORMED_FIELD_NAME", "Host: h\r\n\u00c4: z\r\n",
                "MALFORMED_FIELD_NAME", "Host: h\r\nX(: z\r\n",
                "SPACE_BEFORE_COLON", "Host : h\r\n",
                "SPACE_BEFORE_COLON", "Host: h\r\nContent-Length\t: 5\r\n",
                "OBSOLETE_FOLDING", " Host: h\r\n",
                "OBSOLETE_FOLDING", "Host: h\r\n\tX: y\r\n",
                "OBSOLETE_FOLDING", "Host: h\r\nX: y\r\n z\r\n",
                "OBSOLETE_FOLDING", "Host: h\r\n \r\n",
                "TOO_MANY_FIELDS", "Host: h\r\n" + "A: b\r\n".repeat(6),
                "FIELDS_TOO_LONG", "Host: h\r\nX: " + "y".repeat(110) + "\r\n",
                "MISSING_HOST", "X: y\r\n",
                "MISSING_HOST", "",
                "SEVERAL_HOSTS", "Host: h\r\nhost: h\r\n",
                "MALFORMED_HOST", "Host: a b\r\n",
                "MALFORMED_HOST", "Host: a, b\r\n".replace(", ", "/"),
                "MALFORMED_HOST", "Host: a@b\r\n",
                "MALFORMED_HOST", "Host: a:b\r\n",
                "MALFORMED_HOST", "Host: a:99999\r\n",
                "MALFORMED_HOST", "Host: [::1\r\n",
                "UNKNOWN_EXPECTATION", "Host: h\r\nExpect: tea\r\n",
                "UNKNOWN_EXPECTATION", "Host: h\r\nExpect: 100-continue, tea\r\n",
                "UNKNOWN_EXPECTATION", "Host: h\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n");
    }

    /** What makes two servers in a row see different requests in one stream of bytes. */
    public static Stream<Refused> smuggled() {
        String te = "Transfer-Encoding: ";
        return fieldTable(
                "LENGTH_AND_CODING", "Host: h\r\nContent-Length: 5\r\n" + te + "chunked\r\n",
                "LENGTH_AND_CODING", "Host: h\r\n" + te + "chunked\r\ncontent-length: 0\r\n",
                "LENGTH_AND_CODING", "Host: h\r\n" + te + "identity\r\nContent-Length: 3\r\n",
                "LENGTH_AND_CODING", "Host: h\r\n" + te + "\r\nContent-Length: 3\r\n",
                "SEVERAL_CONTENT_LENGTHS", "Host: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n",
                "SEVERAL_CONTENT_LENGTHS", "Host: h\r\nContent-Length: 5\r\ncontent-length: 6\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length: 5, 5\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length: +5\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length: -5\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length: 0x5\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length: 5 5\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length: 5.0\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length: \"5\"\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length:\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length: \u00b2\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length: 18446744073709551617\r\n",
                "MALFORMED_CONTENT_LENGTH", "Host: h\r\nContent-Length: 0000000000000000001\r\n",
                "SPACE_BEFORE_COLON", "Host: h\r\nContent-Length : 5\r\n",
                "SPACE_BEFORE_COLON", "Host: h\r\nTransfer-Encoding : chunked\r\n",
                "MALFORMED_FIELD_NAME", "Host: h\r\nTransfer Encoding: chunked\r\n",
                "OBSOLETE_FOLDING", "Host: h\r\nTransfer-Encoding:\r\n chunked\r\n",
                "OBSOLETE_FOLDING", "Host: h\r\nX: y\r\n\tTransfer-Encoding: chunked\r\n",
                "CONTROL_BYTE", "Host: h\r\nTransfer-Encoding: \u000bchunked\r\n",
                "CONTROL_BYTE", "Host: h\r\nTransfer-Encoding\0: chunked\r\n",
                "BARE_LF", "Host: h\r\nX: y\nTransfer-Encoding: chunked\r\n",
                "BARE_CR", "Host: h\r\nX: y\rTransfer-Encoding: chunked\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "xchunked\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "chunkedx\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "identity\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "gzip\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "chunked, identity\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "chunked\r\n" + te + "identity\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "Chunked, chunked\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "chunked\r\n" + te + "chunked\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "chunked;q=1\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "\"chunked\"\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + ",chunked\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "chunked,\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "\r\n",
                "CHUNKED_NOT_LAST", "Host: h\r\n" + te + "chunked\u00a0\r\n",
                "UNKNOWN_CODING", "Host: h\r\n" + te + "gzip, chunked\r\n",
                "UNKNOWN_CODING", "Host: h\r\n" + te + "identity\r\n" + te + "chunked\r\n",
                "BODY_TOO_LARGE", "Host: h\r\nContent-Length: 9\r\n");
    }

    /** Those of chunked bodies. */
    public static Stream<Refused> bodies() {
        return bodyTable(
                "MALFORMED_CHUNK_SIZE", "\r\nabc",
                "MALFORMED_CHUNK_SIZE", "g\r\n",
                "MALFORMED_CHUNK_SIZE", "+3\r\nabc\r\n",
                "MALFORMED_CHUNK_SIZE", "-3\r\nabc\r\n",
                "MALFORMED_CHUNK_SIZE", "0x3\r\nabc\r\n",
                "MALFORMED_CHUNK_SIZE", " 3\r\nabc\r\n",
                "MALFORMED_CHUNK_SIZE", "3_0\r\nabc\r\n",
                "MALFORMED_CHUNK_SIZE", "\u0663\r\n",
                "MALFORMED_CHUNK_SIZE", ";a\r\n",
                "MALFORMED_CHUNK_SIZE", "3\0\r\n",
                "MALFORMED_CHUNK_SIZE", "\u00b3\r\n",
                "CHUNK_SIZE_OVERFLOW", "1000000000000000\r\n",
                "CHUNK_SIZE_OVERFLOW", "ffffffffffffffff\r\n",
                "CHUNK_SIZE_OVERFLOW", "00000000000000000000000ffffffffffffffff\r\n",
                "BODY_TOO_LARGE", "9\r\n",
                "BODY_TOO_LARGE", "7fffffff\r\n",
                "BODY_TOO_LARGE", "fffffffffffffff\r\n",
                "BODY_TOO_LARGE", "8\r\nabcdefgh\r\n1\r\n",
                "BARE_LF", "3\nabc\r\n",
                "BARE_LF", "3;a\nabc\r\n",
                "BARE_LF", "3;a=\"\n\"\r\nabc\r\n",
                "BARE_LF", "3;\nabc\r\n",
                "BARE_LF", "\n",
                "BARE_CR", "3\rabc\r\n",
                "BARE_CR", "3;a\r;b\r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3 \r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3;\r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3;a=\r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3;a \r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3;a b\r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3;a=b c\r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3;a=\"b\"c\r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3;a=\"\0\"\r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3;a=\"\r\n\"\r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3;\u00e4\r\nabc\r\n",
                "MALFORMED_CHUNK_EXTENSION", "3 a\r\nabc\r\n",
                "CHUNK_LINE_TOO_LONG", "0".repeat(41) + "\r\n",
                "CHUNK_EXTENSIONS_TOO_LONG", "1;" + "x".repeat(24) + "\r\n",
                "CHUNK_EXTENSIONS_TOO_LONG", "1;xxxxxxxxxxx\r\na\r\n1;xxxxxxxxxxxx\r\na\r\n",
                "MISSING_CHUNK_END", "3\r\nabcd\r\n",
                "MISSING_CHUNK_END", "3\r\nabc\n",
                "MISSING_CHUNK_END", "3\r\nabc\rx",
                "MISSING_CHUNK_END", "3\r\nabc0\r\n\r\n",
                "TOO_MANY_TRAILERS", "0\r\nA: b\r\nA: b\r\nA: b\r\n\r\n",
                "TRAILERS_TOO_LONG", "0\r\nA: bbbbbbbbbbbbbbbb\r\n\r\n",
                "FORBIDDEN_TRAILER", "0\r\ncontent-length: 1\r\n\r\n",
                "FORBIDDEN_TRAILER", "0\r\nHost: x\r\n\r\n",
                "FORBIDDEN_TRAILER", "0\r\nTE: x\r\n\r\n",
                "BARE_LF", "0\r\n\n",
                "BARE_LF", "0\r\nA: b\n\r\n",
                "SPACE_BEFORE_COLON", "0\r\nA : b\r\n\r\n",
                "OBSOLETE_FOLDING", "0\r\nA: b\r\n c\r\n\r\n");
    }

    /** The rest. */
    public static Stream<Refused> others() {
        return table(
                "CODING_IN_HTTP_1_0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "SEVERAL_HOSTS", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
                "BODY_OF_CONNECT", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx",
                "BODY_OF_CONNECT", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    }

    private static Stream<Refused> fieldTable(String... rulesAndFields) {
        return wrapped("POST / HTTP/1.1\r\n", "\r\n", rulesAndFields);
    }

    private static Stream<Refused> bodyTable(String... rulesAndBodies) {
        return wrapped("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "", rulesAndBodies);
    }

    private static Stream<Refused> table(String... rulesAndStreams) {
        return wrapped("", "", rulesAndStreams);
    }

    private static Stream<Refused> wrapped(String before, String behind, String... pairs) {
        List<Refused> all = new ArrayList<>();
        for (int i = 0; i < pairs.length; i += 2) {
            all.add(new Refused(pairs[i], before + pairs[i + 1] + behind));
        }
        return all.stream();
    }
}
