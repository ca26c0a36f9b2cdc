package dev.meerkat.websocket;

import dev.meerkat.internal.check.Ranges;

/**
 * The head of a frame (RFC 6455 §5.2).
 *
 * @param opcode 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong
 * @param fin whether it is the last frame of its message
 * @param reserved the three reserved bits, RSV1 as 4, RSV2 as 2, RSV3 as 1; with permessage-deflate RSV1 marks a
 *     compressed message (RFC 7692 §6)
 * @param length the length of its payload on the wire, in bytes
 */
public record FrameHead(int opcode, boolean fin, int reserved, long length) {
    // Checks every value; a bad one is an IllegalArgumentException that names it.
    public FrameHead {
        Ranges.within("opcode", opcode, 0, 15);
        Ranges.within("reserved", reserved, 0, 7);
        Ranges.atLeast("length", length, 0);
    }
}
