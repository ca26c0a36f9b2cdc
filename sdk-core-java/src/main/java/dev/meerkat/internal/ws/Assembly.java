package dev.meerkat.internal.ws;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The pieces of a message that has not come in one. It grows with what has come, not with what was announced. */
final class Assembly {
    private static final int LEAST_BYTES = 256;

    private byte[] bytes = {};
    private int size;

    void append(ByteBuffer piece) {
        int count = piece.remaining();
        int needed = Math.addExact(size, count);
        if (needed > bytes.length) {
            long doubled = Math.max(LEAST_BYTES, 2L * bytes.length);
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, doubled)));
        }
        piece.get(bytes, size, count);
        size = needed;
    }

    /** All of it; this object is done with. */
    ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes, 0, size);
    }
}
