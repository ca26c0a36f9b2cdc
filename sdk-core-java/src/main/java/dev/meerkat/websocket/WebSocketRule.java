package dev.meerkat.websocket;

/**
 * The rules that a peer must keep once a WebSocket is open, each with its source and the code with which who breaks it
 * is told goodbye. This is the table of all rejections of frames and messages: what is not here is accepted.
 */
public enum WebSocketRule {
    /**
     * No reserved bit is set but RSV1, and that only if compression was agreed on, in the first frame of a message (RFC
     * 7692 §6).
     */
    RESERVED_BIT("RFC 6455 5.2", 1002),
    /** The opcode is one of continuation, text, binary, close, ping and pong. */
    UNKNOWN_OPCODE("RFC 6455 5.2", 1002),
    /** A control frame is final. */
    FRAGMENTED_CONTROL("RFC 6455 5.5", 1002),
    /** A control frame has at most 125 bytes of payload. */
    CONTROL_TOO_LONG("RFC 6455 5.5", 1002),
    /** A continuation continues a message. */
    UNEXPECTED_CONTINUATION("RFC 6455 5.4", 1002),
    /** Until a message is complete, all frames but control frames are continuations of it. */
    UNFINISHED_MESSAGE("RFC 6455 5.4", 1002),
    /** A client masks each frame. */
    UNMASKED("RFC 6455 5.1", 1002),
    /** A server masks no frame. */
    MASKED("RFC 6455 5.1", 1002),
    /** The length is written with as few bytes as it needs. */
    LENGTH_NOT_MINIMAL("RFC 6455 5.2", 1002),
    /** The length is below 2⁶³. */
    LENGTH_OVERFLOW("RFC 6455 5.2", 1002),
    /**
     * A message is not longer than its receiver takes. Of a frame this is judged by its header, before its payload has
     * come; of a compressed message again while it is decompressed.
     */
    MESSAGE_TOO_LONG("RFC 6455 7.4.1", 1009),
    /**
     * A message comes within {@link WebSocketOptions#messageTimeout()}, or goes on at
     * {@link WebSocketOptions#messageRate()}.
     */
    MESSAGE_TOO_SLOW("RFC 6455 7.4.1", 1008),
    /** A text, and the reason of a close frame, is UTF-8; judged at its first byte that is not. */
    INVALID_UTF8("RFC 6455 8.1", 1007),
    /** A compressed message is what DEFLATE makes, and complete. */
    MALFORMED_COMPRESSION("RFC 7692 7.2.2", 1007),
    /** The payload of a close frame is empty or begins with a code of two bytes. */
    MALFORMED_CLOSE("RFC 6455 5.5.1", 1002),
    /** The code of a close frame is one that may be sent: 1000–1003, 1007–1014 or 3000–4999. */
    INVALID_CLOSE_CODE("RFC 6455 7.4", 1002);

    private final String source;
    private final int closeCode;

    WebSocketRule(String source, int closeCode) {
        this.source = source;
        this.closeCode = closeCode;
    }

    /**
     * Where the rule stands: a document and its section.
     *
     * @return for instance {@code RFC 6455 5.2}
     */
    public String source() {
        return source;
    }

    /**
     * The code of the close frame that answers a breach.
     *
     * @return 1002, 1007, 1008 or 1009
     */
    public int closeCode() {
        return closeCode;
    }
}
