package dev.meerkat.internal.buffer;

import static dev.meerkat.internal.buffer.SegmentPool.SEGMENT_BYTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentPoolTest {
    private final SegmentPool pool = new SegmentPool(ByteBuffer::allocate, 3 * SEGMENT_BYTES);

    @Test
    void acquiredSegmentIsWholeAndCleared() {
        ByteBuffer used = pool.acquire().position(5).limit(7);
        pool.release(used);
        ByteBuffer again = pool.acquire();
        assertSame(used, again);
        assertEquals(0, again.position());
        assertEquals(SEGMENT_BYTES, again.limit());
    }

    @Test
    void segmentInUseIsNotLentTwice() {
        assertNotSame(pool.acquire(), pool.acquire());
        assertEquals(2, pool.inUse());
    }

    @Test
    void keepsAsManyAsTheLimitAllowsAndNotOneMore() {
        List<ByteBuffer> out = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            out.add(pool.acquire());
        }
        for (int i = 0; i < 3; i++) {
            pool.release(out.get(i));
        }
        assertEquals(3, pool.pooled());
        pool.release(out.get(3));
        assertEquals(3, pool.pooled());
        assertEquals(0, pool.inUse());
    }

    @Test
    void limitIsRoundedDownToWholeSegments() {
        assertEquals(0, pooledAfterReleaseWithLimit(SEGMENT_BYTES - 1));
        assertEquals(1, pooledAfterReleaseWithLimit(SEGMENT_BYTES));
        assertEquals(1, pooledAfterReleaseWithLimit(2 * SEGMENT_BYTES - 1));
    }

    @Test
    void poolLargerThanItsFirstArrayKeepsEverySegment() {
        SegmentPool large = new SegmentPool(ByteBuffer::allocate, 11 * SEGMENT_BYTES);
        List<ByteBuffer> out = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            out.add(large.acquire());
        }
        out.forEach(large::release);
        assertEquals(11, large.pooled());
    }

    @Test
    void negativeLimitIsMisuse() {
        assertThrows(IllegalArgumentException.class, () -> new SegmentPool(ByteBuffer::allocate, -1));
    }

    @Test
    void foreignBufferIsNotTakenBack() {
        pool.acquire();
        assertThrows(IllegalStateException.class, () -> pool.release(ByteBuffer.allocate(SEGMENT_BYTES - 1)));
        assertThrows(
                IllegalStateException.class,
                () -> pool.release(ByteBuffer.allocate(SEGMENT_BYTES).asReadOnlyBuffer()));
        assertEquals(1, pool.inUse());
    }

    @Test
    void releaseWithoutAcquireFails() {
        assertThrows(IllegalStateException.class, () -> pool.release(ByteBuffer.allocate(SEGMENT_BYTES)));
    }

    @Test
    void releasingTwiceFailsAnAssertion() {
        ByteBuffer segment = pool.acquire();
        pool.acquire();
        pool.release(segment);
        assertThrows(AssertionError.class, () -> pool.release(segment));
    }

    @Test
    void allocatorThatMakesAnotherSizeFailsAtOnce() {
        SegmentPool wrong = new SegmentPool(size -> ByteBuffer.allocate(size + 1), SEGMENT_BYTES);
        assertThrows(IllegalStateException.class, wrong::acquire);
        assertEquals(0, wrong.inUse());
    }

    private static int pooledAfterReleaseWithLimit(int limit) {
        SegmentPool limited = new SegmentPool(ByteBuffer::allocate, limit);
        ByteBuffer first = limited.acquire();
        ByteBuffer second = limited.acquire();
        limited.release(first);
        limited.release(second);
        return limited.pooled();
    }
}
