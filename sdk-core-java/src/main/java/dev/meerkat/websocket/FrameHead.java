package dev.meerkat.websocket;

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
        if (opcode < 0 || opcode > 15) {
            throw new IllegalArgumentException("opcode must be 0 to 15: " + opcode);
        }
        if (reserved < 0 || reserved > 7) {
            throw new IllegalArgumentException("reserved must be 0 to 7: " + reserved);
        }
        if (length < 0) {
            throw new IllegalArgumentException("length must be 0 or more: " + length);
        }
    }
}
