package dev.meerkat.testkit.internal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Follows one direction of a WebSocket and tells each frame in a line, whatever rules it breaks. Unlike the decoder
 * that programs use, it has no opinion, changes no byte and holds at most the beginning of one frame.
 */
final class FrameFollower {
    private static final int MASK = 0x80;

    private final Consumer<String> lines;
    private final byte[] head = new byte[14];
    private int headBytes;
    private final byte[] beginning = new byte[FrameText.KEPT];
    private long payloadBytes;
    /** A frame was said to have more than a long can tell; nothing behind it can be understood. */
    private boolean lost;

    FrameFollower(Consumer<String> lines) {
        this.lines = lines;
    }

    /** Takes all that there is. */
    void take(ByteBuffer bytes) {
        while (!lost && bytes.hasRemaining()) {
            if (headBytes < 2 || headBytes < headLength()) {
                head[headBytes++] = bytes.get();
                headEnds();
            } else {
                payload(bytes);
            }
        }
        bytes.position(bytes.limit());
    }

    private void headEnds() {
        if (headBytes < 2 || headBytes < headLength()) {
            return;
        }
        if (length() < 0) {
            lost = true;
            tell("said to have more than 2^63 bytes", true);
        } else if (length() == 0) {
            frameEnds();
        }
    }

    private void payload(ByteBuffer bytes) {
        int count = (int) Math.min(bytes.remaining(), length() - payloadBytes);
        for (int i = (int) Math.min(payloadBytes, beginning.length);
                i < beginning.length && i - payloadBytes < count;
                i++) {
            byte octet = bytes.get(bytes.position() + (int) (i - payloadBytes));
            beginning[i] = isMasked() ? (byte) (octet ^ head[headLength() - 4 + i % 4]) : octet;
        }
        bytes.position(bytes.position() + count);
        payloadBytes += count;
        if (payloadBytes == length()) {
            frameEnds();
        }
    }

    private void frameEnds() {
        tell(payloadBytes + " bytes", payloadBytes <= beginning.length);
        headBytes = 0;
        payloadBytes = 0;
    }

    /** Nothing more comes: tells of the frame that stays a beginning. */
    void end() {
        if (!lost && headBytes > 0) {
            if (headBytes < 2 || headBytes < headLength()) {
                lines.accept("a frame of which " + headBytes + " bytes of the head came");
            } else {
                tell(payloadBytes + " of " + length() + " bytes came", false);
            }
        }
        lost = true;
    }

    private void tell(String length, boolean whole) {
        lines.accept(FrameText.of(
                head[0] < 0,
                head[0] >> 4 & 7,
                head[0] & 15,
                isMasked(),
                length,
                Arrays.copyOf(beginning, (int) Math.min(payloadBytes, beginning.length)),
                whole));
    }

    private boolean isMasked() {
        return (head[1] & MASK) != 0;
    }

    private int lengthBytes() {
        int form = head[1] & 0x7F;
        return form == 127 ? 8 : form == 126 ? 2 : 0;
    }

    private int headLength() {
        return 2 + lengthBytes() + (isMasked() ? 4 : 0);
    }

    private long length() {
        int form = lengthBytes();
        if (form == 0) {
            return head[1] & 0x7F;
        }
        ByteBuffer number = ByteBuffer.wrap(head);
        return form == 2 ? number.getShort(2) & 0xFFFF : number.getLong(2);
    }
}
