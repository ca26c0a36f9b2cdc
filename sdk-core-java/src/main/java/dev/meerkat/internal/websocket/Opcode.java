package dev.meerkat.internal.websocket;

import org.jspecify.annotations.Nullable;

/** What a frame is (RFC 6455 §5.2). */
public enum Opcode {
    /** More of a message. */
    CONTINUATION(0),
    /** A text, or the beginning of one. */
    TEXT(1),
    /** Bytes, or the beginning of them. */
    BINARY(2),
    /** Goodbye, with code and reason or without. */
    CLOSE(8),
    /** Are you there? */
    PING(9),
    /** I am; or a sign of life that nobody has asked for. */
    PONG(10);

    private static final @Nullable Opcode[] BY_CODE = new @Nullable Opcode[16];

    static {
        for (Opcode opcode : values()) {
            BY_CODE[opcode.code] = opcode;
        }
    }

    private final int code;

    Opcode(int code) {
        this.code = code;
    }

    /**
     * The number that stands for it on the wire.
     *
     * @return 0 to 10
     */
    public int code() {
        return code;
    }

    /**
     * Tells whether it stands between messages and their fragments, and is never fragmented.
     *
     * @return true for close, ping and pong
     */
    public boolean isControl() {
        return code >= 8;
    }

    /**
     * What a number stands for.
     *
     * @param code 0 to 15
     * @return the opcode, or null if there is none
     */
    public static @Nullable Opcode of(int code) {
        return BY_CODE[code];
    }
}
