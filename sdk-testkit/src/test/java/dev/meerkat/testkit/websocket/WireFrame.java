package dev.meerkat.testkit.websocket;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * One frame exactly as it is on the wire, legal or not (RFC 6455 §5.2). Immutable; the payload is never masked here.
 *
 * <pre>{@code
 * WireFrame.text("Hello").masked(0x12345678).bytes();
 * WireFrame.ping("x").notFinal().reserved(4).bytes();            // breaks two rules
 * WireFrame.text("Hello").lengthBytes(8).bytes();                // more than the length needs
 * }</pre>
 *
 * @param fin whether it is the last of its message
 * @param reserved RSV1 as 4, RSV2 as 2, RSV3 as 1
 * @param opcode 0 to 15
 * @param mask the masking key; empty if the frame is not masked
 * @param lengthBytes in how many bytes the length follows the first seven bits: 0, 2 or 8; -1 for as few as it takes
 * @param length what is said of the payload's length; -1 for the truth
 * @param payload not masked
 */
public record WireFrame(
        boolean fin, int reserved, int opcode, OptionalInt mask, int lengthBytes, long length, byte[] payload) {
    /** A part of a message. */
    public static final int CONTINUATION = 0;
    /** A text. */
    public static final int TEXT = 1;
    /** A binary message. */
    public static final int BINARY = 2;
    /** The end. */
    public static final int CLOSE = 8;
    /** A question for a sign of life. */
    public static final int PING = 9;
    /** A sign of life. */
    public static final int PONG = 10;

    private static final int SHOWN = 60;

    /** A final frame that breaks no rule but that it is not masked. */
    public static WireFrame of(int opcode, byte... payload) {
        return new WireFrame(true, 0, opcode, OptionalInt.empty(), -1, -1, payload);
    }

    /** The same with a text in UTF-8. */
    public static WireFrame of(int opcode, String payload) {
        return of(opcode, payload.getBytes(StandardCharsets.UTF_8));
    }

    /** A text. */
    public static WireFrame text(String text) {
        return of(TEXT, text);
    }

    /** The next part of a message, and the last. */
    public static WireFrame continuation(String text) {
        return of(CONTINUATION, text);
    }

    /** A ping. */
    public static WireFrame ping(String payload) {
        return of(PING, payload);
    }

    /** A pong. */
    public static WireFrame pong(String payload) {
        return of(PONG, payload);
    }

    /** A close frame without a code. */
    public static WireFrame close() {
        return of(CLOSE);
    }

    /** A close frame with any code, also one that must not be sent. */
    public static WireFrame close(int code, byte... reason) {
        byte[] payload = new byte[2 + reason.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(reason, 0, payload, 2, reason.length);
        return of(CLOSE, payload);
    }

    /** The same with a reason in UTF-8. */
    public static WireFrame close(int code, String reason) {
        return close(code, reason.getBytes(StandardCharsets.UTF_8));
    }

    /** The same, but more follows. */
    public WireFrame notFinal() {
        return new WireFrame(false, reserved, opcode, mask, lengthBytes, length, payload);
    }

    /** The same with reserved bits. */
    public WireFrame reserved(int bits) {
        return new WireFrame(fin, bits, opcode, mask, lengthBytes, length, payload);
    }

    /** The same, masked. */
    public WireFrame masked(int key) {
        return new WireFrame(fin, reserved, opcode, OptionalInt.of(key), lengthBytes, length, payload);
    }

    /** The same with its length in 0, 2 or 8 further bytes, whether it needs them or not. */
    public WireFrame lengthBytes(int count) {
        return new WireFrame(fin, reserved, opcode, mask, count, length, payload);
    }

    /** The same with another length than the payload has; may be negative as 64 bits go, but not -1. */
    public WireFrame saying(long claimed) {
        return new WireFrame(fin, reserved, opcode, mask, lengthBytes, claimed, payload);
    }

    /** The frame on the wire. */
    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length + 14);
        out.write((fin ? 0x80 : 0) | reserved << 4 | opcode);
        long said = length == -1 ? payload.length : length;
        int form = lengthBytes >= 0 ? lengthBytes : said < 0 || said > 0xFFFF ? 8 : said > 125 ? 2 : 0;
        int maskBit = mask.isPresent() ? 0x80 : 0;
        out.write(maskBit | (form == 0 ? (int) said & 0x7F : form == 2 ? 126 : 127));
        for (int i = form - 1; i >= 0; i--) {
            out.write((int) (said >> 8 * i));
        }
        if (mask.isEmpty()) {
            out.writeBytes(payload);
        } else {
            int key = mask.getAsInt();
            for (int i = 3; i >= 0; i--) {
                out.write(key >> 8 * i);
            }
            out.writeBytes(xor(payload, key));
        }
        return out.toByteArray();
    }

    static byte[] xor(byte[] bytes, int key) {
        byte[] masked = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            masked[i] = (byte) (bytes[i] ^ key >> 8 * (3 - i % 4));
        }
        return masked;
    }

    /** The payload as text. */
    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    /** The code of a close frame; 1005 if it has none. */
    public int closeCode() {
        return payload.length < 2 ? 1005 : (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
    }

    private String name() {
        return switch (opcode) {
            case CONTINUATION -> "continuation";
            case TEXT -> "text";
            case BINARY -> "binary";
            case CLOSE -> "close";
            case PING -> "ping";
            case PONG -> "pong";
            default -> "opcode " + opcode;
        };
    }

    private String shown() {
        if (opcode == CLOSE && payload.length >= 2) {
            return closeCode() + " \"" + new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8) + '"';
        }
        boolean printable = true;
        for (byte b : payload) {
            printable &= b >= ' ' && b < 0x7F;
        }
        if (printable) {
            String all = text();
            return '"' + (all.length() > SHOWN ? all.substring(0, SHOWN) + '…' : all) + '"';
        }
        return HexFormat.ofDelimiter(" ").formatHex(payload, 0, Math.min(payload.length, SHOWN / 3))
                + (payload.length > SHOWN / 3 ? "…" : "");
    }

    /** One readable line: {@code text, more follows, RSV1, masked, 5 bytes: "Hello"}. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(name());
        if (!fin) {
            line.append(", more follows");
        }
        for (int bit = 4, number = 1; bit > 0; bit >>= 1, number++) {
            if ((reserved & bit) != 0) {
                line.append(", RSV").append(number);
            }
        }
        if (mask.isPresent()) {
            line.append(", masked");
        }
        if (length != -1) {
            line.append(String.format(Locale.ROOT, ", said to have %d bytes", length));
        }
        return line.append(", ")
                .append(payload.length)
                .append(" bytes: ")
                .append(shown())
                .toString();
    }
}
