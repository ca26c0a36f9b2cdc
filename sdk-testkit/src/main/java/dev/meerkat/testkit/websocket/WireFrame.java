package dev.meerkat.testkit.websocket;

import dev.meerkat.event.Bytes;
import dev.meerkat.testkit.internal.FrameText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * One frame exactly as it is on the wire, legal or not (RFC 6455 §5.2). Immutable; the payload is never masked here.
 * Nothing else in Meerkat makes frames of a client that are not masked, frames of a server that are, or any of the
 * other mistakes that a frame can have.
 *
 * <pre>{@code
 * WireFrame.text("Hello").masked(0x12345678).bytes();
 * WireFrame.ping("x").notFinal().reserved(4).bytes();            // breaks two rules
 * WireFrame.text("Hello").lengthBytes(8).bytes();                // more bytes than the length needs
 * WireFrame.close(1006).saying(Long.MIN_VALUE).bytes();          // a length of 2^63, and a code that is not for sending
 * }</pre>
 *
 * @param fin whether it is the last of its message
 * @param reserved RSV1 as 4, RSV2 as 2, RSV3 as 1
 * @param opcode 0 to 15
 * @param mask the masking key, its first byte being the most significant; empty if the frame is not masked
 * @param lengthBytes in how many bytes the length follows the first seven bits: 0, 2 or 8; -1 for as few as it takes
 * @param length what is said of the payload's length, as 64 bits without a sign; -1 for the truth
 * @param payload not masked
 */
public record WireFrame(
        boolean fin, int reserved, int opcode, OptionalInt mask, int lengthBytes, long length, Bytes payload) {
    /** The opcode of a further part of a message. */
    public static final int CONTINUATION = 0;
    /** The opcode of a text, or of its first part. */
    public static final int TEXT = 1;
    /** The opcode of a binary message, or of its first part. */
    public static final int BINARY = 2;
    /** The opcode of a goodbye. */
    public static final int CLOSE = 8;
    /** The opcode of a question for a sign of life. */
    public static final int PING = 9;
    /** The opcode of a sign of life. */
    public static final int PONG = 10;

    /** What the code of a close frame without one is (RFC 6455 §7.1.5). */
    private static final int NO_CODE = 1005;

    // Checks that each part fits into its bits; a bad one is an IllegalArgumentException that names it.
    public WireFrame {
        requireBits("reserved", reserved, 3);
        requireBits("opcode", opcode, 4);
        Objects.requireNonNull(mask, "mask");
        if (lengthBytes != -1 && lengthBytes != 0 && lengthBytes != 2 && lengthBytes != 8) {
            throw new IllegalArgumentException("lengthBytes must be -1, 0, 2 or 8: " + lengthBytes);
        }
        Objects.requireNonNull(payload, "payload");
    }

    private static void requireBits(String name, int value, int bits) {
        if (value < 0 || value >= 1 << bits) {
            throw new IllegalArgumentException(name + " must be 0 to " + ((1 << bits) - 1) + ": " + value);
        }
    }

    /**
     * A final frame that breaks no rule of a server.
     *
     * @param opcode 0 to 15
     * @param payload copied
     * @return the frame, not masked
     */
    public static WireFrame of(int opcode, byte... payload) {
        return new WireFrame(true, 0, opcode, OptionalInt.empty(), -1, -1, Bytes.copyOf(payload));
    }

    /**
     * A final frame with a text in UTF-8.
     *
     * @param opcode 0 to 15
     * @param payload its payload
     * @return the frame, not masked
     */
    public static WireFrame of(int opcode, String payload) {
        return of(opcode, payload.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A text in one frame.
     *
     * @param text its payload
     * @return the frame, not masked
     */
    public static WireFrame text(String text) {
        return of(TEXT, text);
    }

    /**
     * A binary message in one frame.
     *
     * @param payload its payload, copied
     * @return the frame, not masked
     */
    public static WireFrame binary(byte... payload) {
        return of(BINARY, payload);
    }

    /**
     * The last part of a message.
     *
     * @param text its payload
     * @return the frame, not masked
     */
    public static WireFrame continuation(String text) {
        return of(CONTINUATION, text);
    }

    /**
     * A ping.
     *
     * @param payload its payload; more than 125 bytes break a rule
     * @return the frame, not masked
     */
    public static WireFrame ping(String payload) {
        return of(PING, payload);
    }

    /**
     * A pong.
     *
     * @param payload its payload; more than 125 bytes break a rule
     * @return the frame, not masked
     */
    public static WireFrame pong(String payload) {
        return of(PONG, payload);
    }

    /**
     * A close frame without a code.
     *
     * @return the frame, not masked
     */
    public static WireFrame close() {
        return of(CLOSE);
    }

    /**
     * A close frame with any code, also one that must not be sent, and any reason, also one that is not UTF-8.
     *
     * @param code 0 to 65,535
     * @param reason more than 123 bytes break a rule
     * @return the frame, not masked
     */
    public static WireFrame close(int code, byte... reason) {
        byte[] payload = new byte[2 + reason.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(reason, 0, payload, 2, reason.length);
        return of(CLOSE, payload);
    }

    /**
     * A close frame with any code.
     *
     * @param code 0 to 65,535
     * @param reason in UTF-8 more than 123 bytes break a rule
     * @return the frame, not masked
     */
    public static WireFrame close(int code, String reason) {
        return close(code, reason.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The same, but more of the message follows.
     *
     * @return a frame without FIN
     */
    public WireFrame notFinal() {
        return new WireFrame(false, reserved, opcode, mask, lengthBytes, length, payload);
    }

    /**
     * The same with reserved bits.
     *
     * @param bits RSV1 as 4, RSV2 as 2, RSV3 as 1
     * @return a frame with them
     */
    public WireFrame reserved(int bits) {
        return new WireFrame(fin, bits, opcode, mask, lengthBytes, length, payload);
    }

    /**
     * The same, masked.
     *
     * @param key the key, its first byte being the most significant
     * @return a frame with it
     */
    public WireFrame masked(int key) {
        return new WireFrame(fin, reserved, opcode, OptionalInt.of(key), lengthBytes, length, payload);
    }

    /**
     * The same with its length in so many further bytes, whether it needs them or not.
     *
     * @param count 0, 2 or 8; -1 for as few as it takes
     * @return a frame with it
     */
    public WireFrame lengthBytes(int count) {
        return new WireFrame(fin, reserved, opcode, mask, count, length, payload);
    }

    /**
     * The same with another length than the payload has.
     *
     * @param claimed as 64 bits without a sign, so that a negative number is one that overflows; -1 for the truth
     * @return a frame with it
     */
    public WireFrame saying(long claimed) {
        return new WireFrame(fin, reserved, opcode, mask, lengthBytes, claimed, payload);
    }

    /**
     * The frame on the wire.
     *
     * @return a new array: head, key if there is one, payload
     */
    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length() + 14);
        out.write((fin ? 0x80 : 0) | reserved << 4 | opcode);
        long said = length == -1 ? payload.length() : length;
        int form = lengthBytes >= 0 ? lengthBytes : said < 0 || said > 0xFFFF ? 8 : said > 125 ? 2 : 0;
        int maskBit = mask.isPresent() ? 0x80 : 0;
        out.write(maskBit | (form == 0 ? (int) said & 0x7F : form == 2 ? 126 : 127));
        for (int i = form - 1; i >= 0; i--) {
            out.write((int) (said >> (8 * i)));
        }
        if (mask.isEmpty()) {
            out.writeBytes(payload.toByteArray());
        } else {
            int key = mask.getAsInt();
            for (int i = 3; i >= 0; i--) {
                out.write(key >> (8 * i));
            }
            out.writeBytes(xor(payload.toByteArray(), key));
        }
        return out.toByteArray();
    }

    /** Masks and unmasks (RFC 6455 §5.3). */
    static byte[] xor(byte[] bytes, int key) {
        byte[] masked = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            masked[i] = (byte) (bytes[i] ^ (key >> (8 * (3 - i % 4))));
        }
        return masked;
    }

    /**
     * The payload as text.
     *
     * @return the text; what is not UTF-8 is replaced
     */
    public String text() {
        return payload.utf8();
    }

    /**
     * The code of a close frame.
     *
     * @return the code; 1005 if it has none
     */
    public int closeCode() {
        return payload.length() < 2 ? NO_CODE : (payload.get(0) & 0xFF) << 8 | (payload.get(1) & 0xFF);
    }

    /**
     * The reason of a close frame.
     *
     * @return the text behind the code, possibly empty
     */
    public String closeReason() {
        byte[] all = payload.toByteArray();
        return all.length < 2 ? "" : new String(all, 2, all.length - 2, StandardCharsets.UTF_8);
    }

    /** One readable line: {@code text, more follows, RSV1, masked, 5 bytes: "Hello"}. */
    @Override
    public String toString() {
        String said = length == -1 || length == payload.length()
                ? payload.length() + " bytes"
                : "said to have " + Long.toUnsignedString(length) + " bytes, has " + payload.length();
        return FrameText.of(fin, reserved, opcode, mask.isPresent(), said, payload.toByteArray(), true);
    }
}
