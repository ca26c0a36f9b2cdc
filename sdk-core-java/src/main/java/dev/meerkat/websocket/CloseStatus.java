package dev.meerkat.websocket;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Why a WebSocket is closed, as the close frame says it (RFC 6455 §7.4).
 *
 * @param code 1000 to 4999
 * @param reason text for people who look for a fault, at most 123 bytes in UTF-8
 */
public record CloseStatus(int code, String reason) {
    /** The conversation is over. */
    public static final int NORMAL = 1000;
    /** The server stops, or the user has left the page. */
    public static final int GOING_AWAY = 1001;
    /** A rule of the protocol was broken. */
    public static final int PROTOCOL_ERROR = 1002;
    /** Data of a kind that is not accepted, for example binary where only text is. */
    public static final int UNSUPPORTED_DATA = 1003;
    /** Never sent: the close frame had no code. */
    public static final int NONE = 1005;
    /** Never sent: there was no close frame. */
    public static final int ABNORMAL = 1006;
    /** Data that is not what its kind says, for example text that is not UTF-8. */
    public static final int INVALID_PAYLOAD = 1007;
    /** What was sent is not allowed here. */
    public static final int POLICY_VIOLATION = 1008;
    /** A message is too large. */
    public static final int MESSAGE_TOO_BIG = 1009;
    /** The server did not agree to an extension that the client needs. */
    public static final int MISSING_EXTENSION = 1010;
    /** The server has failed. */
    public static final int INTERNAL_ERROR = 1011;
    /** The server restarts. */
    public static final int SERVICE_RESTART = 1012;
    /** The server is overloaded, or the receiver too slow. */
    public static final int TRY_AGAIN_LATER = 1013;
    /** A gateway's server has failed. */
    public static final int BAD_GATEWAY = 1014;
    /** Never sent: the handshake of TLS failed, so that there was no WebSocket. */
    public static final int TLS_FAILED = 1015;

    /** The longest reason in bytes: what a control frame takes, less the code (RFC 6455 §5.5). */
    public static final int MOST_REASON_BYTES = 123;

    // Checks both; a bad one is an IllegalArgumentException that names it.
    public CloseStatus {
        Objects.requireNonNull(reason, "reason");
        if (code < 1000 || code > 4999) {
            throw new IllegalArgumentException("a close code is 1000 to 4999: " + code);
        }
        if (reason.getBytes(StandardCharsets.UTF_8).length > MOST_REASON_BYTES) {
            throw new IllegalArgumentException(
                    "a reason has at most " + MOST_REASON_BYTES + " bytes in UTF-8: " + reason);
        }
    }

    /**
     * A status without a reason.
     *
     * @param code 1000 to 4999
     * @return the status
     */
    public static CloseStatus of(int code) {
        return new CloseStatus(code, "");
    }

    /**
     * Tells whether a close frame may contain the code: 1000 to 1003, 1007 to 1014, and 3000 to 4999, which are for
     * libraries and programs (RFC 6455 §7.4.2 and IANA's registry).
     *
     * @param code any number
     * @return whether it may be sent
     */
    public static boolean isSendable(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }
}
