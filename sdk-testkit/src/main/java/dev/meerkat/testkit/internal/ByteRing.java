package dev.meerkat.testkit.internal;

import java.nio.ByteBuffer;

/**
 * The bytes of one direction of a stream between two positions, which count from the stream's beginning. Holds memory
 * only while there are any.
 */
final class ByteRing {
    private static final byte[] NONE = {};

    private final RingPool pool;
    private byte[] bytes = NONE;

    ByteRing(RingPool pool) {
        this.pool = pool;
    }

    /** Takes bytes in behind those from {@code start} to {@code end}, and answers their checksum. */
    long append(ByteBuffer source, int count, long start, long end) {
        int used = (int) (end - start);
        if (used + count > bytes.length) {
            grow(start, used, used + count);
        }
        int at = slot(end);
        int first = Math.min(count, bytes.length - at);
        source.get(bytes, at, first);
        long checksum = Checksum.of(0, bytes, at, first);
        if (first < count) {
            source.get(bytes, 0, count - first);
            checksum = Checksum.of(checksum, bytes, 0, count - first);
        }
        return checksum;
    }

    /** Copies the oldest bytes out; {@code start} is where they begin. */
    void copyOut(ByteBuffer target, int count, long start) {
        if (count > 0) {
            int at = slot(start);
            int first = Math.min(count, bytes.length - at);
            target.put(bytes, at, first);
            target.put(bytes, 0, count - first);
        }
    }

    /** Gives the memory back; for when there are no bytes left. */
    void release() {
        if (bytes.length > 0) {
            byte[] old = bytes;
            bytes = NONE;
            pool.giveBack(old);
        }
    }

    private void grow(long start, int used, int needed) {
        byte[] larger = pool.lend(needed);
        for (int moved = 0; moved < used; ) {
            int from = slot(start + moved);
            int to = (int) (start + moved) & larger.length - 1;
            int piece = Math.min(used - moved, Math.min(bytes.length - from, larger.length - to));
            System.arraycopy(bytes, from, larger, to, piece);
            moved += piece;
        }
        release();
        bytes = larger;
    }

    private int slot(long position) {
        return (int) position & bytes.length - 1;
    }
}
