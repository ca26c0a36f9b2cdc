package dev.meerkat.http;

/**
 * The rules that a message must keep, each with its source and the status that a server answers to who breaks it. This
 * is the table of all rejections of the codec: what is not here is accepted.
 */
public enum HttpRule {
    /** Every line of a head or of the chunked coding ends with CR LF, never with LF alone. */
    BARE_LF("RFC 9112 2.2", 400),
    /** A CR stands in front of an LF and nowhere else. */
    BARE_CR("RFC 9112 2.2", 400),
    /** No control byte but HT in field values, and none at all elsewhere. */
    CONTROL_BYTE("RFC 9110 5.5", 400),
    /** At most one empty line comes before a request, none before a response. */
    EMPTY_LINE("RFC 9112 2.2", 400),

    /** The request line has the form {@code method SP target SP version}, with single spaces. */
    MALFORMED_REQUEST_LINE("RFC 9112 3", 400),
    /** The start line is not longer than {@link HttpLimits#startLineBytes()}. */
    START_LINE_TOO_LONG("RFC 9112 3", 414),
    /** The method is a token. */
    MALFORMED_METHOD("RFC 9110 9.1", 400),
    /**
     * The target has no byte that a URI may not have, no fragment, no user information, and a well-formed authority.
     */
    MALFORMED_TARGET("RFC 9112 3.2", 400),
    /** CONNECT has {@code host:port} as its target and nobody else does; {@code *} belongs to OPTIONS. */
    WRONG_TARGET_FORM("RFC 9112 3.2", 400),
    /** The version has the form {@code HTTP/digit.digit}. */
    MALFORMED_VERSION("RFC 9112 2.3", 400),
    /** The major version is 1, and the version is not below 1.0. */
    UNSUPPORTED_VERSION("RFC 9110 15.6.6", 505),
    /** The status line has the form {@code version SP status SP reason} with a status of 100 to 599. */
    MALFORMED_STATUS_LINE("RFC 9112 4", 400),

    /** A field line has a colon. */
    MISSING_COLON("RFC 9112 5", 400),
    /** A field's name is a token, and not empty. */
    MALFORMED_FIELD_NAME("RFC 9110 5.1", 400),
    /** Nothing stands between a field's name and its colon. */
    SPACE_BEFORE_COLON("RFC 9112 5.1", 400),
    /** No line continues the line before it. */
    OBSOLETE_FOLDING("RFC 9112 5.2", 400),
    /** There are at most {@link HttpLimits#headerCount()} fields. */
    TOO_MANY_FIELDS("RFC 6585 5", 431),
    /** All field lines together are not longer than {@link HttpLimits#headerBytes()}. */
    FIELDS_TOO_LONG("RFC 6585 5", 431),

    /** A request of HTTP/1.1 has a Host field. */
    MISSING_HOST("RFC 9112 3.2", 400),
    /** There is not more than one Host field. */
    SEVERAL_HOSTS("RFC 9112 3.2", 400),
    /** Host is a name or an address, with or without a port. */
    MALFORMED_HOST("RFC 9112 3.2", 400),
    /** The only expectation there is is {@code 100-continue}. */
    UNKNOWN_EXPECTATION("RFC 9110 10.1.1", 417),

    /** Content-Length is a number of decimal digits, without a sign, at most 18 of them. */
    MALFORMED_CONTENT_LENGTH("RFC 9112 6.3", 400),
    /** There is not more than one Content-Length, not even the same one twice. */
    SEVERAL_CONTENT_LENGTHS("RFC 9112 6.3", 400),
    /** A message has Content-Length or Transfer-Encoding, not both. */
    LENGTH_AND_CODING("RFC 9112 6.1", 400),
    /** HTTP/1.0 has no transfer codings. */
    CODING_IN_HTTP_1_0("RFC 9112 6.1", 400),
    /** Chunked is the last coding, comes once and has no parameters. */
    CHUNKED_NOT_LAST("RFC 9112 6.3", 400),
    /** There is no transfer coding but chunked. */
    UNKNOWN_CODING("RFC 9112 6.1", 501),
    /** A compressed body that is decompressed here is what its coding says. */
    MALFORMED_CODING("RFC 9110 8.4.1", 400),
    /** CONNECT has no body. */
    BODY_OF_CONNECT("RFC 9110 9.3.6", 400),
    /** A body is not longer than {@link HttpLimits#bodyBytes()}. */
    BODY_TOO_LARGE("RFC 9110 15.5.14", 413),

    /** A chunk begins with its size in hexadecimal digits, without sign, prefix or space. */
    MALFORMED_CHUNK_SIZE("RFC 9112 7.1", 400),
    /** The size of a chunk has at most 15 digits after leading zeros. */
    CHUNK_SIZE_OVERFLOW("RFC 9112 7.1", 413),
    /** The line in front of a chunk is not longer than {@link HttpLimits#chunkLineBytes()}. */
    CHUNK_LINE_TOO_LONG("RFC 9112 7.1.1", 400),
    /** A chunk extension has the form {@code ;name} or {@code ;name=value}. */
    MALFORMED_CHUNK_EXTENSION("RFC 9112 7.1.1", 400),
    /** All chunk extensions of a body together are not longer than {@link HttpLimits#chunkExtensionBytes()}. */
    CHUNK_EXTENSIONS_TOO_LONG("RFC 9112 7.1.1", 413),
    /** The data of a chunk is followed by CR LF. */
    MISSING_CHUNK_END("RFC 9112 7.1", 400),
    /** There are at most {@link HttpLimits#trailerCount()} trailer fields. */
    TOO_MANY_TRAILERS("RFC 9112 7.1.2", 431),
    /** All trailer lines together are not longer than {@link HttpLimits#trailerBytes()}. */
    TRAILERS_TOO_LONG("RFC 9112 7.1.2", 431),
    /** No trailer field says how the message is framed or where it goes. */
    FORBIDDEN_TRAILER("RFC 9110 6.5.1", 400),

    /** A message that has begun ends before its connection does. */
    INCOMPLETE_MESSAGE("RFC 9112 8", 400),
    /** A response answers a request. */
    UNEXPECTED_RESPONSE("RFC 9112 9.2", 400),
    /** A protocol is switched to only if the request asked for it. */
    UNEXPECTED_UPGRADE("RFC 9110 15.2.2", 400),

    /** A head is there within {@link HttpTimeouts#head()} from its first byte on. */
    HEAD_TIMEOUT("RFC 9110 15.5.9", 408),
    /** A body comes at {@link HttpTimeouts#bodyRate()} at least. */
    BODY_TOO_SLOW("RFC 9110 15.5.9", 408);

    private final String source;
    private final int status;

    HttpRule(String source, int status) {
        this.source = source;
        this.status = status;
    }

    /**
     * Where the rule stands: a document and its section.
     *
     * @return for instance {@code RFC 9112 6.3}
     */
    public String source() {
        return source;
    }

    /**
     * What a server answers before it closes.
     *
     * @return the status
     */
    public int status() {
        return status;
    }
}
