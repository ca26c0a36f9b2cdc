package dev.meerkat.websocket;

/**
 * The rules of the opening handshake, each with its source and the status with which a server answers who breaks it.
 * This is the table of all rejections: what is not here is accepted. That a server answers with another status than 101
 * breaks none, it is a refusal.
 */
public enum HandshakeRule {
    /** The request names {@code websocket} in its Upgrade field. */
    NO_UPGRADE("RFC 6455 4.2.1", 426),
    /** The method of the request is GET. */
    NOT_GET("RFC 6455 4.2.1", 405),
    /** The version of HTTP is 1.1 at least. */
    OLD_HTTP("RFC 6455 4.2.1", 400),
    /** The request has no body: what follows it is the first frame. */
    REQUEST_WITH_BODY("RFC 6455 4.1", 400),
    /** The request has a Host field. */
    MISSING_HOST("RFC 6455 4.2.1", 400),
    /** The request names {@code upgrade} in its Connection field. */
    CONNECTION_WITHOUT_UPGRADE("RFC 6455 4.2.1", 400),
    /** The request has one Sec-WebSocket-Version field at most. */
    SEVERAL_VERSIONS("RFC 6455 11.3.5", 400),
    /** The version of WebSocket is 13. */
    UNSUPPORTED_VERSION("RFC 6455 4.2.2", 426),
    /** The request has a Sec-WebSocket-Key field. */
    MISSING_KEY("RFC 6455 4.2.1", 400),
    /** The request has one Sec-WebSocket-Key field only. */
    SEVERAL_KEYS("RFC 6455 11.3.1", 400),
    /** The key is 16 bytes in base64. */
    MALFORMED_KEY("RFC 6455 4.2.1", 400),
    /** Sec-WebSocket-Protocol is a list of tokens, one at least. */
    MALFORMED_PROTOCOLS("RFC 6455 4.1", 400),
    /** No sub-protocol is asked for twice. */
    REPEATED_PROTOCOL("RFC 6455 4.1", 400),
    /** Sec-WebSocket-Extensions is a list of names with parameters, one name at least. */
    MALFORMED_EXTENSIONS("RFC 6455 9.1", 400),

    /** The response is of HTTP/1.1 at least: HTTP/1.0 knows no upgrade. */
    OLD_ANSWER("RFC 9110 15.2", 502),
    /** The response has no Content-Length and no Transfer-Encoding: what follows it is the first frame. */
    ANSWER_WITH_BODY("RFC 9110 8.6", 502),
    /** The response has the Upgrade field {@code websocket}. */
    WRONG_UPGRADE("RFC 6455 4.1", 502),
    /** The response names {@code upgrade} in its Connection field. */
    WRONG_CONNECTION("RFC 6455 4.1", 502),
    /** The response has one Sec-WebSocket-Accept field, which is made of the key that was sent. */
    WRONG_ACCEPT("RFC 6455 4.1", 502),
    /** The server chooses one sub-protocol at most. */
    SEVERAL_PROTOCOLS("RFC 6455 11.3.4", 502),
    /** The server chooses a sub-protocol that was asked for. */
    UNASKED_PROTOCOL("RFC 6455 4.1", 502),
    /** The server's Sec-WebSocket-Extensions is a list of names with parameters, one name at least. */
    MALFORMED_ANSWER_EXTENSIONS("RFC 6455 9.1", 502),
    /** The server agrees to extensions that were offered, each once. */
    UNASKED_EXTENSION("RFC 6455 4.1", 502),
    /** The parameters of an extension are those that were offered, or follow from them (RFC 7692 §7.1). */
    WRONG_EXTENSION_PARAMETERS("RFC 6455 9.1", 502);

    private final String source;
    private final int status;

    HandshakeRule(String source, int status) {
        this.source = source;
        this.status = status;
    }

    /**
     * Where the rule stands: a document and its section.
     *
     * @return for instance {@code RFC 6455 4.2.1}
     */
    public String source() {
        return source;
    }

    /**
     * What a server answers to a request that breaks the rule. For rules of responses, what a gateway answers to who
     * has sent it to such a server.
     *
     * @return the status; 502 for rules of responses
     */
    public int status() {
        return status;
    }
}
