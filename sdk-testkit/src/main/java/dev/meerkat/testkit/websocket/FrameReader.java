package dev.meerkat.testkit.websocket;

import dev.meerkat.event.Bytes;
import dev.meerkat.testkit.StreamEnd;
import java.io.ByteArrayOutputStream;
import java.util.OptionalInt;

/** Takes frames from the test's end of a stream, whatever rules they break. Knows no message and no state. */
final class FrameReader {
    /** An end keeps no more than 16 MiB for a test; longer payloads are taken in pieces. */
    private static final int PIECE = 1 << 20;

    private final StreamEnd end;

    /** Reads from an end whose handshake is done. */
    FrameReader(StreamEnd end) {
        this.end = end;
    }

    /**
     * Waits for a frame.
     *
     * @return the frame; its payload unmasked, and its length in the form in which it came
     * @throws AssertionError if none comes whole
     */
    WireFrame next() {
        int first = number(1);
        int second = number(1);
        int form = (second & 0x7F) == 127 ? 8 : (second & 0x7F) == 126 ? 2 : 0;
        long length = second & 0x7F;
        if (form > 0) {
            length = 0;
            for (int i = 0; i < form; i++) {
                length = length << 8 | number(1);
            }
        }
        if (length < 0 || length > Integer.MAX_VALUE - 16) {
            throw end.failure("a frame that is said to have " + Long.toUnsignedString(length) + " bytes came");
        }
        OptionalInt mask = (second & 0x80) == 0 ? OptionalInt.empty() : OptionalInt.of(number(4));
        byte[] payload = payload((int) length);
        if (mask.isPresent()) {
            payload = WireFrame.xor(payload, mask.getAsInt());
        }
        return new WireFrame((first & 0x80) != 0, first >> 4 & 7, first & 15, mask, form, -1, Bytes.copyOf(payload));
    }

    private byte[] payload(int length) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(Math.min(length, PIECE));
        for (int left = length; left > 0; ) {
            int piece = Math.min(left, PIECE);
            all.writeBytes(end.receive(piece).toByteArray());
            left -= piece;
        }
        return all.toByteArray();
    }

    private int number(int bytes) {
        Bytes taken = end.receive(bytes);
        int number = 0;
        for (int i = 0; i < bytes; i++) {
            number = number << 8 | (taken.get(i) & 0xFF);
        }
        return number;
    }
}
