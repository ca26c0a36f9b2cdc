package dev.meerkat.testkit.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A fast 64-bit checksum, for telling payloads apart; not for keeping anybody honest. */
final class Checksum {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MULTIPLIER = 0xD6E8FEB86659FD93L;

    private Checksum() {}

    static long of(long start, byte[] bytes, int offset, int length) {
        long sum = start ^ length;
        int i = offset;
        int end = offset + length;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            sum = Long.rotateLeft((sum ^ (long) LONGS.get(bytes, i)) * MULTIPLIER, 32);
        }
        for (; i < end; i++) {
            sum = Long.rotateLeft((sum ^ bytes[i]) * MULTIPLIER, 32);
        }
        return sum;
    }
}
