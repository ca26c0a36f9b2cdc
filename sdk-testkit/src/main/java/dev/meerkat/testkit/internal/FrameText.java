package dev.meerkat.testkit.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** WebSocket frames in a readable line: what it is, what is special about it, how long it is, and how it begins. */
public final class FrameText {
    /** How many bytes of a payload a line may need; all of a control frame's. */
    static final int KEPT = 125;

    private static final int CLOSE = 8;
    private static final int MOST_CHARACTERS = 60;
    private static final int MOST_OCTETS = 20;

    private FrameText() {}

    /**
     * Makes the line.
     *
     * @param fin whether it is the last of its message
     * @param reserved RSV1 as 4, RSV2 as 2, RSV3 as 1
     * @param opcode 0 to 15
     * @param masked whether it came with a key
     * @param length how much payload it has, in words
     * @param beginning the first bytes of it, unmasked; of a control frame all
     * @param whole whether that is all of it
     * @return for instance {@code text, more follows, masked, 5 bytes: "Hello"}
     */
    public static String of(
            boolean fin, int reserved, int opcode, boolean masked, String length, byte[] beginning, boolean whole) {
        StringBuilder line = new StringBuilder(name(opcode));
        if (!fin) {
            line.append(", more follows");
        }
        for (int bit = 4, number = 1; bit > 0; bit >>= 1, number++) {
            if ((reserved & bit) != 0) {
                line.append(", RSV").append(number);
            }
        }
        if (masked) {
            line.append(", masked");
        }
        line.append(", ").append(length);
        if (beginning.length > 0) {
            line.append(": ").append(opcode == CLOSE ? goodbye(beginning, whole) : shown(beginning, whole));
        }
        return line.toString();
    }

    private static String name(int opcode) {
        return switch (opcode) {
            case 0 -> "continuation";
            case 1 -> "text";
            case 2 -> "binary";
            case CLOSE -> "close";
            case 9 -> "ping";
            case 10 -> "pong";
            default -> "opcode " + opcode;
        };
    }

    private static String goodbye(byte[] payload, boolean whole) {
        if (payload.length < 2) {
            return shown(payload, whole);
        }
        int code = (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
        return payload.length == 2
                ? Integer.toString(code)
                : code + " " + shown(Arrays.copyOfRange(payload, 2, payload.length), whole);
    }

    /** As text if it is some, else in hexadecimal. */
    private static String shown(byte[] bytes, boolean whole) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (!whole && text.endsWith("\uFFFD")) {
            text = text.substring(0, text.length() - 1); // a character that was cut
        }
        if (text.chars().allMatch(FrameText::isReadable)) {
            boolean all = whole && text.length() <= MOST_CHARACTERS;
            return '"'
                    + (text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) : text)
                    + (all ? "" : "…")
                    + '"';
        }
        int octets = Math.min(bytes.length, MOST_OCTETS);
        return '['
                + HexFormat.ofDelimiter(" ").formatHex(bytes, 0, octets)
                + (whole && octets == bytes.length ? "" : "…")
                + ']';
    }

    private static boolean isReadable(int character) {
        return !Character.isISOControl(character) && character != 0xFFFD;
    }
}
