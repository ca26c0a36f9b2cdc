package dev.meerkat.internal.websocket;

/** The codes that close frames carry (RFC 6455 §7.4 and IANA's registry). */
public final class CloseCodes {
    /** What is told of a close frame that has no code; never on the wire. */
    public static final int NONE = 1005;

    private CloseCodes() {}

    /**
     * Tells whether a code may stand in a close frame. 1004 has no meaning, 1005, 1006 and 1015 are for programs only,
     * and what is left below 3000 is for versions of WebSocket to come.
     *
     * @param code any number
     * @return true for 1000–1003, 1007–1014 and 3000–4999
     */
    public static boolean isValid(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }
}
