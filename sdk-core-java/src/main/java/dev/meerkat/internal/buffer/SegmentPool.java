package dev.meerkat.internal.buffer;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that the send queues of one loop share, so that a connection which has nothing to send holds nothing.
 *
 * <p>Who acquires a segment owns it until it releases it, on every path; {@link #inUse()} counts those that are out,
 * and a test that ends with another number than 0 has found a leak. Who has released a segment must not touch it again.
 *
 * <p>Against {@link ByteBuffer#allocate}: a direct buffer costs a system call, zeroing and a cleaner, a pooled one
 * costs an array access. Belongs to one loop, as everything that uses it.
 */
public final class SegmentPool {
    /** The size of every segment: 16 KiB, four pages, the largest TLS record, and many small messages. */
    public static final int SEGMENT_BYTES = 16 * 1024;

    /**
     * How many buffers one gathering write takes: Linux would take 1,024 (IOV_MAX), but 64 of them are 1 MiB already.
     */
    static final int GATHER_BUFFERS = 64;

    /**
     * With so many segments out, more of them are in no cache any more, and soon not in the pool: a message to a
     * thousand connections would fill 16 MiB with its copies.
     */
    static final int WARM_SEGMENTS = 64;

    private final IntFunction<ByteBuffer> allocator;
    private final int pooledLimit;
    private ByteBuffer @Nullable [] gather;
    private ByteBuffer[] free = new ByteBuffer[8];
    private int freeCount;
    private int inUse;

    /**
     * Makes an empty pool.
     *
     * @param allocator makes a writable buffer of exactly the capacity that it is given
     * @param pooledBytesLimit how many bytes wait in the pool at most, rounded down to whole segments; what is released
     *     beyond that is left to the garbage collector
     */
    public SegmentPool(IntFunction<ByteBuffer> allocator, int pooledBytesLimit) {
        if (pooledBytesLimit < 0) {
            throw new IllegalArgumentException("pooledBytesLimit must not be negative: " + pooledBytesLimit);
        }
        this.allocator = allocator;
        this.pooledLimit = pooledBytesLimit / SEGMENT_BYTES;
    }

    /**
     * Lends a segment.
     *
     * @return a writable buffer, position 0, limit at its capacity; its content is arbitrary. To be released
     */
    public ByteBuffer acquire() {
        ByteBuffer segment = freeCount == 0 ? allocate() : removeLast();
        inUse++;
        return segment.clear();
    }

    /**
     * Takes a segment back.
     *
     * @param segment one of {@link #acquire()}, not to be touched by the caller any more
     */
    public void release(ByteBuffer segment) {
        if (inUse == 0 || !isSegment(segment)) {
            throw new IllegalStateException("not acquired here: " + segment + ", in use: " + inUse);
        }
        assert !isFree(segment) : "released twice: " + segment;
        inUse--;
        if (freeCount < pooledLimit) {
            if (freeCount == free.length) {
                free = Arrays.copyOf(free, Math.min(2 * freeCount, pooledLimit));
            }
            free[freeCount++] = segment;
        }
    }

    /**
     * Tells whether one more is probably in a cache: few are out, and they will all be kept.
     *
     * @return false if another place is cheaper for what is small
     */
    boolean hasWarm() {
        return inUse < WARM_SEGMENTS && inUse < pooledLimit;
    }

    /**
     * How many segments are out.
     *
     * @return the number of acquired and not released ones
     */
    public int inUse() {
        return inUse;
    }

    /**
     * How many segments wait for being acquired.
     *
     * @return their number, at most what the limit allows
     */
    public int pooled() {
        return freeCount;
    }

    /**
     * Tells by its shape whether a buffer is a segment: nothing else that a send queue holds is writable and this
     * large.
     */
    static boolean isSegment(ByteBuffer buffer) {
        return buffer.capacity() == SEGMENT_BYTES && !buffer.isReadOnly();
    }

    /**
     * Lends the array for a gathering write, all null. Whoever writes within another write (what encrypts has a queue
     * of its own below) gets one of its own.
     */
    ByteBuffer[] lendGather() {
        ByteBuffer[] lent = gather;
        gather = null;
        return lent == null ? new ByteBuffer[GATHER_BUFFERS] : lent;
    }

    /** Takes the array back, all null again. */
    void returnGather(ByteBuffer[] lent) {
        gather = lent;
    }

    private ByteBuffer allocate() {
        ByteBuffer segment = allocator.apply(SEGMENT_BYTES);
        if (!isSegment(segment)) {
            throw new IllegalStateException(
                    "expected a writable buffer of " + SEGMENT_BYTES + " bytes, found " + segment);
        }
        return segment;
    }

    private ByteBuffer removeLast() {
        // Last in, first out: the segment released last is the one that is still in the processor's cache.
        ByteBuffer segment = free[--freeCount];
        free[freeCount] = null;
        return segment;
    }

    // Two segments are always equal as buffers; which one it is decides.
    @SuppressWarnings("ReferenceEquality")
    private boolean isFree(ByteBuffer segment) {
        for (int i = 0; i < freeCount; i++) {
            if (free[i] == segment) {
                return true;
            }
        }
        return false;
    }
}
