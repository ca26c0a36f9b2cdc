package dev.meerkat.internal.websocket;

import dev.meerkat.websocket.CloseStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Writes frames (RFC 6455 §5.2): headers with the shortest length that does, masked payloads, and what is in close
 * frames. Keys are the caller's: who masks needs numbers that cannot be foreseen (§5.3). All of it is misuse or works.
 */
public final class FrameEncoder {
    /** The most that a header takes: with a length of eight bytes and a key. */
    public static final int MAX_HEADER_BYTES = 14;

    /** The most that the payload of a control frame has. */
    public static final int MAX_CONTROL_BYTES = 125;

    private FrameEncoder() {}

    /**
     * How long a header is.
     *
     * @param payload the length of the payload
     * @param masked whether a key is part of it, as clients' are
     * @return 2 to 14
     */
    public static int headerLength(long payload, boolean masked) {
        int size = payload <= FrameDecoder.SHORT_LENGTH ? 2 : payload <= 0xffff ? 4 : 10;
        return masked ? size + 4 : size;
    }

    /**
     * The first byte of a frame.
     *
     * @param opcode what it is
     * @param last whether it is the last of its message
     * @param compressed whether the message is compressed; only for the first frame of it
     * @return 0 to 255
     */
    public static int head(Opcode opcode, boolean last, boolean compressed) {
        return opcode.code() | (last ? FrameDecoder.FINAL : 0) | (compressed ? FrameDecoder.COMPRESSED : 0);
    }

    /**
     * Writes a header without a key, a server's.
     *
     * @param head the {@linkplain #head first byte}
     * @param payload the length of the payload
     * @param target where to; its position moves by {@link #headerLength}
     */
    public static void header(int head, long payload, ByteBuffer target) {
        header(head, payload, 0, target);
    }

    /**
     * Writes a header with a key, a client's. The payload is then {@linkplain Masking#copy masked} with the same key.
     *
     * @param head the {@linkplain #head first byte}
     * @param payload the length of the payload
     * @param key the key, its most significant byte first
     * @param target where to; its position moves by {@link #headerLength}
     */
    public static void maskedHeader(int head, long payload, int key, ByteBuffer target) {
        header(head, payload, FrameDecoder.MASK, target);
        target.put((byte) (key >> 24))
                .put((byte) (key >> 16))
                .put((byte) (key >> 8))
                .put((byte) key);
    }

    private static void header(int head, long payload, int mask, ByteBuffer target) {
        target.put((byte) head);
        if (payload <= FrameDecoder.SHORT_LENGTH) {
            target.put((byte) (mask | payload));
        } else if (payload <= 0xffff) {
            target.put((byte) (mask | FrameDecoder.MEDIUM))
                    .put((byte) (payload >> 8))
                    .put((byte) payload);
        } else {
            target.put((byte) (mask | FrameDecoder.LONG));
            for (int shift = 56; shift >= 0; shift -= 8) {
                target.put((byte) (payload >> shift));
            }
        }
    }

    /**
     * Writes a header without a key into an array, a server's.
     *
     * @param head the {@linkplain #head first byte}
     * @param payload the length of the payload
     * @param target where to
     * @param at the index of the first byte
     * @return the index behind the last one
     */
    public static int header(int head, long payload, byte[] target, int at) {
        target[at] = (byte) head;
        if (payload <= FrameDecoder.SHORT_LENGTH) {
            target[at + 1] = (byte) payload;
            return at + 2;
        }
        if (payload <= 0xffff) {
            target[at + 1] = FrameDecoder.MEDIUM;
            target[at + 2] = (byte) (payload >> 8);
            target[at + 3] = (byte) payload;
            return at + 4;
        }
        target[at + 1] = FrameDecoder.LONG;
        for (int i = 0; i < 8; i++) {
            target[at + 2 + i] = (byte) (payload >> (56 - 8 * i));
        }
        return at + 10;
    }

    /**
     * Writes a whole frame of a client: header, key and masked payload.
     *
     * @param head the {@linkplain #head first byte}
     * @param payload its remaining bytes; neither they nor its position are changed
     * @param key the key, its most significant byte first
     * @param target where to; its position moves over the frame
     */
    public static void maskedFrame(int head, ByteBuffer payload, int key, ByteBuffer target) {
        int length = payload.remaining();
        maskedHeader(head, length, key, target);
        Masking.copy(payload, payload.position(), length, key, target, target.position());
        target.position(target.position() + length);
    }

    /**
     * What is in a close frame.
     *
     * @param code a {@linkplain CloseStatus#isSendable valid} code
     * @param reason for people; may be empty
     * @return the payload, 2 to 125 bytes
     * @throws IllegalArgumentException if the code must not be sent, or the reason has more than 123 bytes in UTF-8
     */
    public static byte[] closePayload(int code, String reason) {
        if (!CloseStatus.isSendable(code)) {
            throw new IllegalArgumentException("a close code is 1000 to 1003, 1007 to 1014 or 3000 to 4999: " + code);
        }
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        if (text.length > CloseStatus.MOST_REASON_BYTES) {
            throw new IllegalArgumentException("a reason has at most 123 bytes in UTF-8: " + text.length);
        }
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return payload;
    }

    /**
     * As much of a reason as fits into a close frame, without a part of a character.
     *
     * @param reason any text
     * @return the text, or its beginning
     */
    public static String shortened(String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        if (text.length <= CloseStatus.MOST_REASON_BYTES) {
            return reason;
        }
        int end = CloseStatus.MOST_REASON_BYTES;
        while ((text[end] & 0xc0) == 0x80) {
            end--;
        }
        return new String(text, 0, end, StandardCharsets.UTF_8);
    }
}
