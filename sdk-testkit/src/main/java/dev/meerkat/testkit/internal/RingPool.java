package dev.meerkat.testkit.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Memory for bytes in flight, lent while there are any: a connection at rest holds none. Sizes are powers of two. */
final class RingPool {
    private static final int SMALLEST_BITS = 9;
    private static final int LARGEST_BITS = 24;
    /** So much of each size is kept for reuse. */
    private static final int KEPT_BYTES = 4 << 20;

    private final List<ArrayDeque<byte[]>> free = new ArrayList<>(LARGEST_BITS - SMALLEST_BITS + 1);

    RingPool() {
        for (int bits = SMALLEST_BITS; bits <= LARGEST_BITS; bits++) {
            free.add(new ArrayDeque<>());
        }
    }

    /** A ring of at least so many bytes; what is in it is left over from its last use. */
    byte[] lend(int bytes) {
        int bits = Math.max(SMALLEST_BITS, Integer.SIZE - Integer.numberOfLeadingZeros(bytes - 1));
        if (bits > LARGEST_BITS) {
            throw new IllegalArgumentException("no ring is that large: " + bytes);
        }
        byte[] ring = free.get(bits - SMALLEST_BITS).poll();
        return ring != null ? ring : new byte[1 << bits];
    }

    void giveBack(byte[] ring) {
        ArrayDeque<byte[]> kept = free.get(Integer.numberOfTrailingZeros(ring.length) - SMALLEST_BITS);
        if ((long) kept.size() * ring.length < KEPT_BYTES) {
            kept.push(ring);
        }
    }
}
