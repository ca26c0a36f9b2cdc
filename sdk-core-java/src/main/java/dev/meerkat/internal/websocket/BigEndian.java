package dev.meerkat.internal.websocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers in the order of the network, out of buffers in either order. */
final class BigEndian {
    private BigEndian() {}

    static int two(ByteBuffer in, int at) {
        return (in.get(at) & 0xff) << 8 | (in.get(at + 1) & 0xff);
    }

    static int four(ByteBuffer in, int at) {
        int read = in.getInt(at);
        return in.order() == ByteOrder.BIG_ENDIAN ? read : Integer.reverseBytes(read);
    }

    static long eight(ByteBuffer in, int at) {
        long read = in.getLong(at);
        return in.order() == ByteOrder.BIG_ENDIAN ? read : Long.reverseBytes(read);
    }
}
