package dev.meerkat.internal.websocket;

import dev.meerkat.websocket.WebSocketRule;
import org.jspecify.annotations.Nullable;

/** A compressed message cannot be decompressed, or may not be. */
public final class DeflateException extends Exception {
    private static final long serialVersionUID = 1;
    private static final int TRY_AGAIN_LATER = 1013;

    /** What is wrong, with the code that the WebSocket is to be closed with. */
    public enum Kind {
        /** The payload is no deflate data, or ends in the middle of a block (RFC 7692 §7.2.2). */
        MALFORMED(WebSocketRule.MALFORMED_COMPRESSION),
        /** The message is longer than it may be. */
        TOO_LONG(WebSocketRule.MESSAGE_TOO_LONG),
        /** The message becomes more times larger than it may. */
        INFLATED(WebSocketRule.MESSAGE_TOO_LONG),
        /** A text is not UTF-8 once it is decompressed. */
        NOT_UTF8(WebSocketRule.INVALID_UTF8),
        /** There is no room for another context, which is not the peer's fault. */
        NO_CONTEXT(null);

        private final @Nullable WebSocketRule rule;

        Kind(@Nullable WebSocketRule rule) {
            this.rule = rule;
        }

        /**
         * The rule that the peer has broken.
         *
         * @return the rule; null if it has broken none
         */
        public @Nullable WebSocketRule rule() {
            return rule;
        }

        /**
         * What to close with (RFC 6455 §7.4.1).
         *
         * @return the rule's code; 1013, try again later, without one
         */
        public int closeCode() {
            return rule == null ? TRY_AGAIN_LATER : rule.closeCode();
        }
    }

    private final Kind kind;

    DeflateException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    /**
     * What is wrong.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }
}
