package dev.meerkat.internal.buffer;

import static dev.meerkat.internal.buffer.SegmentPool.SEGMENT_BYTES;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SendQueueTest {
    private final SegmentPool pool = new SegmentPool(ByteBuffer::allocate, 64 * SEGMENT_BYTES);
    private final RecordingHandle handle = new RecordingHandle();
    private final SendQueue queue = new SendQueue(pool);

    @AfterEach
    void everySegmentReturnsToThePool() {
        queue.clear();
        assertEquals(0, queue.pending());
        assertEquals(0, pool.inUse());
    }

    @Nested
    class Ownership {
        @Test
        void copiedArrayMayBeChangedAtOnce() throws IOException {
            byte[] mine = {1, 2, 3, 4};
            queue.append(mine, 1, 2);
            Arrays.fill(mine, (byte) 9);
            queue.writeTo(handle);
            assertArrayEquals(new byte[] {2, 3}, handle.takeAll());
        }

        @Test
        void aHeadAndItsPayloadStayTogetherWhereverASegmentEnds() throws IOException {
            for (int before = SEGMENT_BYTES - 12; before <= SEGMENT_BYTES + 1; before++) {
                for (int length : new int[] {0, 1, 5, SEGMENT_BYTES + 3}) {
                    queue.append(pattern(before), 0, before);
                    ByteBuffer payload = ByteBuffer.wrap(pattern(length));
                    queue.append(0x81fe0102, 4, payload);
                    queue.append(0x8105, 2, ByteBuffer.wrap(new byte[] {7}));
                    assertFalse(payload.hasRemaining());
                    assertEquals(before + 4 + length + 3, queue.pending());
                    while (!queue.isEmpty()) {
                        queue.writeTo(handle);
                    }
                    ByteBuffer written = ByteBuffer.wrap(handle.takeAll()).position(before);
                    assertEquals(0x81fe0102, written.getInt());
                    byte[] copied = new byte[length];
                    written.get(copied);
                    assertArrayEquals(pattern(length), copied);
                    assertEquals((short) 0x8105, written.getShort());
                    assertEquals(7, written.get());
                    assertFalse(written.hasRemaining());
                }
            }
        }

        @Test
        void copiedBufferIsConsumedAndMayBeChangedAtOnce() throws IOException {
            ByteBuffer mine =
                    ByteBuffer.wrap(new byte[] {1, 2, 3, 4}).position(1).limit(3);
            queue.append(mine);
            assertEquals(3, mine.position());
            Arrays.fill(mine.array(), (byte) 9);
            queue.writeTo(handle);
            assertArrayEquals(new byte[] {2, 3}, handle.takeAll());
        }

        @Test
        void sharedBytesOfOneKibibyteTakeNoSegmentAndSmallerOnesDo() {
            queue.append(Bytes.copyOf(pattern(SendQueue.SHARED_MIN_BYTES)));
            assertEquals(0, pool.inUse());
            queue.clear();
            queue.append(Bytes.copyOf(pattern(SendQueue.SHARED_MIN_BYTES - 1)));
            assertEquals(1, pool.inUse());
        }

        /** A broadcast to more connections than the pool has segments. */
        @Test
        void whatIsSmallTakesNoMoreSegmentsThanThePoolKeeps() throws IOException {
            SegmentPool two = new SegmentPool(ByteBuffer::allocate, 2 * SEGMENT_BYTES);
            SendQueue first = new SendQueue(two);
            SendQueue second = new SendQueue(two);
            SendQueue third = new SendQueue(two);
            byte[] sent = pattern(300);
            first.append(sent, 0, 300);
            second.append(sent, 0, 300);
            assertEquals(2, two.inUse());
            third.append(sent, 0, 100);
            third.append(Bytes.copyOf(Arrays.copyOfRange(sent, 100, 300)));
            assertEquals(2, two.inUse());
            third.writeTo(handle);
            assertArrayEquals(sent, handle.takeAll());
            third.append(pattern(SendQueue.SMALL_LIMIT_BYTES), 0, SendQueue.SMALL_LIMIT_BYTES);
            assertEquals(3, two.inUse(), "what is not small has one all the same");
            third.clear();
            first.clear();
            third.append(sent, 0, 300);
            assertEquals(2, two.inUse());
            second.clear();
            third.clear();
            assertEquals(0, two.inUse());
        }

        @Test
        void whileManySegmentsAreOutAShortSharedMessageTakesNoneAndWhatFollowsJoinsIt() throws IOException {
            List<ByteBuffer> out = new ArrayList<>();
            for (int i = 1; i < SegmentPool.WARM_SEGMENTS; i++) {
                out.add(pool.acquire());
            }
            queue.append(Bytes.copyOf(pattern(260)));
            assertEquals(SegmentPool.WARM_SEGMENTS, pool.inUse());
            SendQueue other = new SendQueue(pool);
            other.append(Bytes.copyOf(pattern(260)));
            assertEquals(SegmentPool.WARM_SEGMENTS, pool.inUse(), "one more takes none");
            other.append(Bytes.copyOf(pattern(100)));
            other.append(ByteBuffer.wrap(pattern(50)));
            assertEquals(SegmentPool.WARM_SEGMENTS, pool.inUse());
            assertEquals(410, other.pending());
            other.writeTo(handle);
            assertEquals(1, handle.lastBuffers);
            byte[] expected = new byte[410];
            System.arraycopy(pattern(260), 0, expected, 0, 260);
            System.arraycopy(pattern(100), 0, expected, 260, 100);
            System.arraycopy(pattern(50), 0, expected, 360, 50);
            assertArrayEquals(expected, handle.takeAll());
            out.forEach(pool::release);
        }

        @Test
        void everyReceiverOfSharedBytesHasItsOwnPosition() throws IOException {
            Bytes shared = Bytes.copyOf(pattern(3000));
            SendQueue other = new SendQueue(pool);
            queue.append(shared);
            other.append(shared);
            handle.willTake = 1000;
            queue.writeTo(handle);
            handle.takeAll();
            handle.willTake = Integer.MAX_VALUE;
            other.writeTo(handle);
            assertArrayEquals(pattern(3000), handle.takeAll());
            queue.writeTo(handle);
            assertArrayEquals(Arrays.copyOfRange(pattern(3000), 1000, 3000), handle.takeAll());
        }

        @Test
        void writtenSegmentsReturnToThePoolAtOnce() throws IOException {
            queue.append(ByteBuffer.wrap(pattern(3 * SEGMENT_BYTES)));
            assertEquals(3, pool.inUse());
            handle.willTake = SEGMENT_BYTES;
            queue.writeTo(handle);
            assertEquals(2, pool.inUse());
            handle.willTake = 2 * SEGMENT_BYTES - 1;
            queue.writeTo(handle);
            assertEquals(1, pool.inUse());
            handle.willTake = 1;
            queue.writeTo(handle);
            assertEquals(0, pool.inUse());
            assertTrue(queue.isEmpty());
        }

        @Test
        void clearGivesEverythingBack() {
            queue.append(ByteBuffer.wrap(pattern(100_000)));
            queue.append(Bytes.copyOf(pattern(5000)));
            queue.append(pattern(10), 0, 10);
            queue.clear();
            assertTrue(queue.isEmpty());
            assertEquals(0, pool.inUse());
        }

        @Test
        void failedWriteLosesNoSegmentAndLeavesNothingInTheSharedArray() throws IOException {
            queue.append(ByteBuffer.wrap(pattern(2 * SEGMENT_BYTES)));
            handle.broken = true;
            assertThrows(IOException.class, () -> queue.writeTo(handle));
            assertEquals(2 * SEGMENT_BYTES, queue.pending());
            for (ByteBuffer slot : pool.lendGather()) {
                assertNull(slot);
            }
            queue.clear();
            assertEquals(0, pool.inUse());
        }

        /** What encrypts has a queue of its own below, of the same pool. */
        @Test
        void aQueueIsWrittenWithinTheWriteOfAnother() throws IOException {
            SendQueue below = new SendQueue(pool);
            below.append(ByteBuffer.wrap(pattern(2 * SEGMENT_BYTES)));
            queue.append(ByteBuffer.wrap(pattern(3 * SEGMENT_BYTES)));
            RecordingHandle socket = new RecordingHandle();
            RecordingHandle between = new RecordingHandle() {
                @Override
                public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
                    below.writeTo(socket);
                    return super.write(sources, offset, length);
                }
            };
            assertEquals(3 * SEGMENT_BYTES, queue.writeTo(between));
            assertArrayEquals(pattern(2 * SEGMENT_BYTES), socket.takeAll());
            assertArrayEquals(pattern(3 * SEGMENT_BYTES), between.takeAll());
            assertTrue(below.isEmpty());
        }

        @Test
        void allocatorThatFailsHalfwayLeavesACountThatIsTrue() {
            int[] left = {2};
            SegmentPool poor = new SegmentPool(
                    size -> {
                        if (left[0]-- == 0) {
                            throw new OutOfMemoryError("direct memory");
                        }
                        return ByteBuffer.allocate(size);
                    },
                    SEGMENT_BYTES);
            SendQueue starved = new SendQueue(poor);
            assertThrows(OutOfMemoryError.class, () -> starved.append(ByteBuffer.wrap(pattern(3 * SEGMENT_BYTES))));
            assertEquals(2 * SEGMENT_BYTES, starved.pending());
            starved.clear();
            assertEquals(0, poor.inUse());
            assertTrue(starved.isEmpty());
        }
    }

    @Nested
    class Order {
        @Test
        void smallAppendsShareASegment() throws IOException {
            for (int i = 0; i < 256; i++) {
                queue.append(new byte[64], 0, 64);
            }
            assertEquals(1, pool.inUse());
            queue.append(new byte[1], 0, 1);
            assertEquals(2, pool.inUse());
            queue.writeTo(handle);
            assertEquals(2, handle.lastBuffers);
        }

        @Test
        void appendGoesOnBehindAPartlyWrittenSegment() throws IOException {
            queue.append(pattern(100), 0, 60);
            handle.willTake = 50;
            queue.writeTo(handle);
            queue.append(pattern(100), 60, 40);
            handle.willTake = 100;
            assertEquals(50, queue.writeTo(handle));
            assertEquals(1, handle.lastBuffers);
            assertArrayEquals(pattern(100), handle.takeAll());
        }

        @Test
        void fullSegmentThatIsMostlyWrittenIsFollowedByAnotherOneFromThePool() throws IOException {
            queue.append(pattern(SEGMENT_BYTES), 0, SEGMENT_BYTES);
            handle.willTake = SEGMENT_BYTES - 10;
            queue.writeTo(handle);
            queue.append(new byte[64], 0, 64);
            assertEquals(2, pool.inUse());
        }

        @Test
        void emptiedQueueKeepsASmallRingAndNotALargeOne() throws IOException {
            assertEquals(0, queue.slots());
            Bytes shared = Bytes.copyOf(pattern(1024));
            for (int i = 0; i < 64; i++) {
                queue.append(shared);
            }
            queue.writeTo(handle);
            assertEquals(64, queue.slots());
            for (int i = 0; i < 65; i++) {
                queue.append(shared);
            }
            queue.clear();
            assertEquals(0, queue.slots());
            queue.append(shared);
            assertEquals(1024, queue.writeTo(handle));
        }

        @Test
        void appendingNothingHoldsNothing() throws IOException {
            queue.append(ByteBuffer.allocate(0));
            queue.append(new byte[3], 3, 0);
            queue.append(Bytes.EMPTY);
            assertTrue(queue.isEmpty());
            assertEquals(0, pool.inUse());
            assertEquals(0, queue.writeTo(handle));
            assertEquals(0, handle.writes);
        }

        @Test
        void partOutsideOfTheArrayIsMisuse() {
            assertThrows(IndexOutOfBoundsException.class, () -> queue.append(new byte[3], 2, 2));
            assertThrows(IndexOutOfBoundsException.class, () -> queue.append(new byte[3], -1, 2));
            assertTrue(queue.isEmpty());
        }

        @Test
        void moreThanTwoGibibytesAreRefusedWhole() {
            Bytes large = Bytes.copyOf(new byte[1 << 24]);
            for (int i = 0; i < 127; i++) {
                queue.append(large);
            }
            queue.append(new byte[1 << 24], 0, (1 << 24) - 1);
            assertEquals(Integer.MAX_VALUE, queue.pending());
            assertThrows(ArithmeticException.class, () -> queue.append(new byte[1], 0, 1));
            assertThrows(ArithmeticException.class, () -> queue.append(ByteBuffer.allocate(1)));
            assertThrows(ArithmeticException.class, () -> queue.append(large));
            assertEquals(Integer.MAX_VALUE, queue.pending());
        }
    }

    @Nested
    class OneWrite {
        @Test
        void takesSixtyFourBuffersAndNotOneMore() throws IOException {
            Bytes shared = Bytes.copyOf(pattern(1024));
            for (int i = 0; i < 64; i++) {
                queue.append(shared);
            }
            assertEquals(64 * 1024, queue.writeTo(handle));
            assertEquals(1, handle.writes);
            for (int i = 0; i < 65; i++) {
                queue.append(shared);
            }
            assertEquals(64 * 1024, queue.writeTo(handle));
            assertEquals(1024, queue.pending());
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1})
        void offersAtMostTheLimitWhetherOneBufferOrSeveral(int small) throws IOException {
            queue.append(new byte[small], 0, small);
            queue.append(Bytes.copyOf(pattern(SendQueue.OFFER_BYTES - small)));
            queue.writeTo(handle);
            assertEquals(SendQueue.OFFER_BYTES, handle.lastOffered);
            assertTrue(queue.isEmpty());

            queue.append(new byte[small], 0, small);
            queue.append(Bytes.copyOf(pattern(SendQueue.OFFER_BYTES + 1 - small)));
            queue.writeTo(handle);
            assertEquals(SendQueue.OFFER_BYTES, handle.lastOffered);
            assertEquals(1, queue.pending());
            queue.writeTo(handle);
            assertTrue(queue.isEmpty());
        }

        @Test
        void handleThatTakesNothingChangesNothing() throws IOException {
            queue.append(pattern(10), 0, 10);
            handle.willTake = 0;
            assertEquals(0, queue.writeTo(handle));
            assertEquals(10, queue.pending());
            assertFalse(queue.isEmpty());
        }
    }

    @Nested
    class Settling {
        @Test
        void smallLeftoverGivesItsSegmentBack() throws IOException {
            queue.append(pattern(SEGMENT_BYTES), 0, SEGMENT_BYTES);
            handle.willTake = SEGMENT_BYTES - SendQueue.SMALL_LIMIT_BYTES;
            queue.writeTo(handle);
            queue.settle();
            assertEquals(1, pool.inUse(), "a quarter is worth a segment");
            handle.willTake = 1;
            queue.writeTo(handle);
            queue.settle();
            assertEquals(0, pool.inUse(), "less is not");
            handle.willTake = Integer.MAX_VALUE;
            queue.writeTo(handle);
            assertArrayEquals(pattern(SEGMENT_BYTES), handle.takeAll());
        }

        @Test
        void whatIsAppendedAfterwardsGrowsOnTheHeapUpToAQuarterSegment() throws IOException {
            for (int i = 0; i < SendQueue.SMALL_LIMIT_BYTES - 1; i++) {
                queue.append(new byte[] {(byte) i}, 0, 1);
                queue.settle();
            }
            assertEquals(0, pool.inUse());
            queue.append(new byte[] {-1}, 0, 1);
            assertEquals(1, pool.inUse());
            queue.writeTo(handle);
            assertEquals(2, handle.lastBuffers, "one small buffer, one segment");
            byte[] all = handle.takeAll();
            for (int i = 0; i < all.length; i++) {
                assertEquals((byte) i, all[i]);
            }
        }

        @Test
        void headersBetweenSharedBodiesTakeNoSegmentEach() throws IOException {
            Bytes body = Bytes.copyOf(pattern(1024));
            for (int i = 0; i < 100; i++) {
                queue.append(new byte[4], 0, 4);
                queue.append(body);
            }
            assertEquals(1, pool.inUse());
            queue.settle();
            assertEquals(0, pool.inUse());
            assertEquals(100 * 1028, queue.pending());
        }

        @Test
        void everySegmentThatCameLaterIsSettled() {
            queue.append(pattern(SEGMENT_BYTES + 10), 0, SEGMENT_BYTES + 10);
            queue.settle();
            assertEquals(1, pool.inUse());
        }

        @Test
        void whatIsSettledIsCountedWithoutWhatHasLeft() throws IOException {
            queue.append(ByteBuffer.wrap(pattern(2 * SEGMENT_BYTES)));
            queue.settle();
            handle.willTake = SEGMENT_BYTES;
            queue.writeTo(handle);
            queue.append(new byte[10], 0, 10);
            assertEquals(2, pool.inUse());
            queue.settle();
            assertEquals(1, pool.inUse());
        }

        @Test
        void growingOnTheHeapCostsInProportionToWhatIsSent() throws Exception {
            byte[] one = new byte[1];
            queue.append(Bytes.copyOf(pattern(1024)));
            long before = Allocations.ofThisThread();
            for (int i = 0; i < SendQueue.SMALL_LIMIT_BYTES - 1; i++) {
                queue.append(one, 0, 1);
            }
            // Doubling from 64 bytes to 4 KiB is 8 KiB in all; growing to what is needed would be 8 MiB.
            assertTrue(Allocations.ofThisThread() - before < 100_000);
            assertEquals(0, pool.inUse());
        }

        @Test
        void emptyQueueHasNothingToSettle() {
            queue.settle();
            assertTrue(queue.isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 0xC0FFEE})
    void behavesAsAPlainQueueOfBytes(long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        PlainQueue plain = new PlainQueue();
        List<ByteBuffer> out = new ArrayList<>();
        while (seed % 2 == 1 && out.size() < SegmentPool.WARM_SEGMENTS) {
            out.add(pool.acquire());
        }
        byte next = 0;
        for (int step = 0; step < 10_000; step++) {
            int length = random.nextInt(20) == 0 ? random.nextInt(200_000) : random.nextInt(3000);
            byte[] data = new byte[length];
            for (int i = 0; i < length; i++) {
                data[i] = next++;
            }
            switch (random.nextInt(7)) {
                case 0 -> {
                    queue.append(data, 0, length);
                    plain.append(data);
                }
                case 1 -> {
                    queue.append(ByteBuffer.wrap(data));
                    plain.append(data);
                }
                case 2 -> {
                    queue.append(Bytes.copyOf(data));
                    plain.append(data);
                }
                case 3 -> {
                    next -= (byte) length;
                    queue.settle();
                }
                default -> {
                    next -= (byte) length;
                    handle.willTake = random.nextInt(4) == 0 ? Integer.MAX_VALUE : random.nextInt(100_000);
                    long taken = queue.writeTo(handle);
                    assertArrayEquals(plain.take((int) taken), handle.takeAll());
                }
            }
            if (random.nextInt(1000) == 0) {
                queue.clear();
                plain.take(plain.size());
            }
            assertEquals(plain.size(), queue.pending());
            assertEquals(plain.size() == 0, queue.isEmpty());
            assertTrue(
                    (pool.inUse() - out.size()) * (long) SEGMENT_BYTES <= 5L * queue.pending() + 2 * SEGMENT_BYTES,
                    "segments: " + pool.inUse());
            if (queue.isEmpty()) {
                assertEquals(out.size(), pool.inUse());
            }
        }
        out.forEach(pool::release);
    }

    @Test
    void smallAppendAndFullWriteAllocateNothingOnceWarm() throws Exception {
        byte[] message = new byte[64];
        ByteBuffer buffer = ByteBuffer.wrap(message);
        RecordingHandle sink = new RecordingHandle() {
            @Override
            public int write(ByteBuffer source) {
                int taken = source.remaining();
                source.position(source.limit());
                return taken;
            }
        };
        long before = 0;
        for (int i = 0; i < 20_000; i++) {
            if (i == 10_000) {
                before = Allocations.ofThisThread();
            }
            queue.append(message, 0, 64);
            queue.append(buffer.clear());
            queue.writeTo(sink);
        }
        // Reading the counter may itself allocate a little; one object per round would be 160,000 bytes.
        assertTrue(Allocations.ofThisThread() - before < 10_000);
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        return bytes;
    }

    /** What the queue promises, in the plainest way: one array. */
    private static final class PlainQueue {
        private byte[] bytes = new byte[1 << 20];
        private int start;
        private int end;

        void append(byte[] data) {
            if (end + data.length > bytes.length) {
                byte[] moved = new byte[2 * (size() + data.length)];
                System.arraycopy(bytes, start, moved, 0, size());
                end = size();
                start = 0;
                bytes = moved;
            }
            System.arraycopy(data, 0, bytes, end, data.length);
            end += data.length;
        }

        byte[] take(int count) {
            start += count;
            return Arrays.copyOfRange(bytes, start - count, start);
        }

        int size() {
            return end - start;
        }
    }
}
