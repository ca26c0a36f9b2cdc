package dev.meerkat.internal.buffer;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that wait to leave, in order. Three kinds of buffer hold them:
 *
 * <pre>
 *  kind      holds                                                  ends by
 *  segment   a copy of what was sent, 16 KiB, from the pool         going back to the pool
 *  small     a copy, less than 4 KiB on the heap; grows             the garbage collector
 *  shared    a view of a Bytes of 1 KiB or more, own position;      being forgotten
 *            of a shorter one while many segments are out
 * </pre>
 *
 * <p>Ownership: the queue owns its segments and gives every one back when it was written or on {@link #clear()}. What
 * was appended by copying may be changed by the caller at once; what is shared never changes.
 *
 * <p>Memory: for n pending bytes the queue holds less than 5 n, plus two segments. An empty queue holds nothing but a
 * small ring; making one costs one object.
 */
public final class SendQueue {
    /**
     * From this length on a reference is cheaper than a copy: the view costs about 100 bytes and a slot of the write.
     */
    static final int SHARED_MIN_BYTES = 1024;

    /**
     * Below this many bytes a copy on the heap stands in for a segment; a quarter, so that a segment is never mostly
     * air.
     */
    static final int SMALL_LIMIT_BYTES = SegmentPool.SEGMENT_BYTES / 4;

    /**
     * How much one write offers. NIO copies a heap buffer, all that it is offered, into a direct one before each write;
     * a 16 MiB message to a slow receiver would be copied whole for every few KiB that leave.
     */
    static final int OFFER_BYTES = 256 * 1024;

    /**
     * The first size of a small buffer behind a shared one: most that is sent between two large messages is a header.
     */
    private static final int SMALL_FIRST_BYTES = 64;

    private static final int FIRST_RING_SLOTS = 8;
    private static final int KEPT_RING_SLOTS = 64;
    private static final @Nullable ByteBuffer[] NO_RING = {};

    private final SegmentPool pool;

    /** A power of two of slots, or none; every buffer holds at least one byte between position and limit. */
    private @Nullable ByteBuffer[] ring = NO_RING;

    private int first;
    private int count;
    private int pending;

    /**
     * How many buffers from the first on {@link #settle()} has already seen; of those only the first can have shrunk.
     */
    private int settled;

    /**
     * Makes an empty queue.
     *
     * @param pool the pool of the loop
     */
    public SendQueue(SegmentPool pool) {
        this.pool = pool;
    }

    /**
     * How many bytes wait.
     *
     * @return the number of bytes
     */
    public int pending() {
        return pending;
    }

    /**
     * Tells whether nothing waits.
     *
     * @return true if {@link #pending()} is 0
     */
    public boolean isEmpty() {
        return pending == 0;
    }

    /**
     * Appends a copy of what remains in a buffer.
     *
     * @param source its position moves to its limit
     * @throws ArithmeticException if more than 2 GiB would wait; nothing is appended
     */
    public void append(ByteBuffer source) {
        Math.addExact(pending, source.remaining());
        while (source.hasRemaining()) {
            ByteBuffer tail = tailFor(source.remaining());
            int end = tail.limit();
            int moved = Math.min(source.remaining(), tail.capacity() - end);
            tail.limit(end + moved);
            tail.put(end, source, source.position(), moved);
            source.position(source.position() + moved);
            pending += moved;
        }
    }

    /**
     * Appends a copy of a part of an array.
     *
     * @param source the array, free for the caller afterwards
     * @param offset the first byte
     * @param length how many bytes
     * @throws IndexOutOfBoundsException if the array has no such part
     * @throws ArithmeticException if more than 2 GiB would wait; nothing is appended
     */
    public void append(byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        Math.addExact(pending, length);
        int done = 0;
        while (done < length) {
            ByteBuffer tail = tailFor(length - done);
            int end = tail.limit();
            int moved = Math.min(length - done, tail.capacity() - end);
            tail.limit(end + moved);
            tail.put(end, source, offset + done, moved);
            done += moved;
            pending += moved;
        }
    }

    /**
     * Appends a short head and a copy of what remains in a buffer.
     *
     * @param head the bytes of the head, the first one most significant of the {@code headBytes} lowest
     * @param headBytes how many, 1 to 4
     * @param source its position moves to its limit
     * @throws ArithmeticException if more than 2 GiB would wait; nothing is appended
     */
    public void append(int head, int headBytes, ByteBuffer source) {
        int length = source.remaining();
        int total = headBytes + length;
        Math.addExact(pending, total);
        ByteBuffer tail = tailFor(total);
        int end = tail.limit();
        if (total <= tail.capacity() - end) {
            tail.limit(end + total);
            for (int i = 0, shift = 8 * (headBytes - 1); i < headBytes; i++, shift -= 8) {
                tail.put(end + i, (byte) (head >> shift));
            }
            tail.put(end + headBytes, source, source.position(), length);
            source.position(source.limit());
            pending += total;
            return;
        }
        byte[] first = new byte[headBytes]; // it begins at the end of a segment
        for (int i = 0; i < headBytes; i++) {
            first[i] = (byte) (head >> (8 * (headBytes - 1 - i)));
        }
        append(first, 0, headBytes);
        append(source);
    }

    /**
     * Appends shared bytes, all of them.
     *
     * @param source the bytes
     * @throws ArithmeticException if more than 2 GiB would wait; nothing is appended
     */
    public void append(Bytes source) {
        append(source, 0);
    }

    /**
     * Appends shared bytes: by reference if they are 1 KiB or more, or where a copy would need a segment that is not
     * warm; else a copy.
     *
     * @param source the bytes
     * @param from the first of them to append
     * @throws ArithmeticException if more than 2 GiB would wait; nothing is appended
     */
    public void append(Bytes source, int from) {
        ByteBuffer view = source.asByteBuffer();
        int length = view.position(from).remaining();
        if (length < SHARED_MIN_BYTES && (length == 0 || count > 0 || takesSegment(length))) {
            append(view);
            return;
        }
        int total = Math.addExact(pending, length);
        addLast(view);
        pending = total;
    }

    /**
     * The one rule for what is short: it gets a segment as long as those that are out are warm. Beyond that it is left
     * where it is if it is shared, and copied to the heap if not.
     */
    private boolean takesSegment(int coming) {
        return coming >= SMALL_LIMIT_BYTES || pool.hasWarm();
    }

    /**
     * Appends what is read from a file, without a copy in between.
     *
     * @param source the file
     * @param offset where to begin, from the beginning of the region
     * @param most how many bytes to read at most
     * @return how many bytes were read; fewer than asked for only if the region, or the file, ends before
     * @throws IOException if the file cannot be read; what was read before is appended
     * @throws ArithmeticException if more than 2 GiB would wait; nothing is appended
     */
    public int appendFrom(FileRegion source, long offset, int most) throws IOException {
        Math.addExact(pending, most);
        int total = 0;
        int count = 0;
        while (total < most && count >= 0) {
            ByteBuffer tail = tailFor(most - total);
            int start = tail.position();
            int end = tail.limit();
            count = -1;
            tail.limit(end + Math.min(tail.capacity() - end, most - total)).position(end);
            try {
                count = source.read(tail, offset + total);
            } finally {
                int read = Math.max(0, count);
                tail.position(start).limit(end + read);
                total += read;
                pending += read;
                if (!tail.hasRemaining()) {
                    removeLast();
                }
            }
        }
        return total;
    }

    /**
     * Writes once: a single buffer as it is, several in one gathering write. What was taken leaves the queue and its
     * segments return to the pool. Offers up to 64 buffers and 256 KiB, so that bytes may be left although the handle
     * would have taken more; whoever waits for the handle to be writable loses nothing by that but a turn.
     *
     * @param handle where to write; not touched if the queue is empty
     * @return how many bytes were taken, possibly 0
     * @throws IOException if the handle reports a failure; the queue is then to be cleared
     */
    public long writeTo(StreamHandle handle) throws IOException {
        if (count == 0) {
            return 0;
        }
        long taken = count == 1 ? writeOne(handle) : writeSeveral(handle);
        pending -= (int) taken;
        while (count > 0 && !buffer(0).hasRemaining()) {
            removeFirst();
        }
        assert count == 0 == (pending == 0) : "taken " + taken + ", left " + pending + " in " + count + " buffers";
        return taken;
    }

    /**
     * To be called when the connection is going to wait for its peer. Segments with less than a quarter in them are
     * exchanged for heap buffers of exactly the right size: otherwise ten thousand slow receivers with a few bytes each
     * would hold 160 MiB. Costs nothing for what an earlier call has seen.
     */
    public void settle() {
        if (count == 0) {
            return;
        }
        settleAt(0);
        for (int i = Math.max(settled, 1); i < count; i++) {
            settleAt(i);
        }
        settled = count;
    }

    /** Throws everything away; all segments return to the pool. */
    public void clear() {
        while (count > 0) {
            removeFirst();
        }
        pending = 0;
    }

    /** How many slots the ring has. */
    int slots() {
        return ring.length;
    }

    /**
     * Shows what waits, in order.
     *
     * @param viewer is given each piece; a view of its own, valid until it returns
     */
    public void forEach(Consumer<ByteBuffer> viewer) {
        for (int i = 0; i < count; i++) {
            viewer.accept(buffer(i).asReadOnlyBuffer());
        }
    }

    private int writeOne(StreamHandle handle) throws IOException {
        ByteBuffer only = buffer(0);
        int limit = only.limit();
        only.limit(only.position() + Math.min(only.remaining(), OFFER_BYTES));
        try {
            return handle.write(only);
        } finally {
            only.limit(limit);
        }
    }

    private long writeSeveral(StreamHandle handle) throws IOException {
        ByteBuffer[] sources = pool.lendGather();
        int length = 0;
        int room = OFFER_BYTES;
        while (length < count && length < sources.length && room > 0) {
            ByteBuffer next = buffer(length);
            sources[length++] = next;
            room -= next.remaining();
        }
        // Only the last one can reach beyond what is offered.
        ByteBuffer last = sources[length - 1];
        int limit = last.limit();
        last.limit(limit + Math.min(room, 0));
        try {
            return handle.write(sources, 0, length);
        } finally {
            last.limit(limit);
            Arrays.fill(sources, 0, length, null);
            pool.returnGather(sources);
        }
    }

    /** A buffer at the end of the queue with room behind its limit for at least one of the bytes that are coming. */
    private ByteBuffer tailFor(int coming) {
        if (count > 0) {
            ByteBuffer tail = buffer(count - 1);
            if (tail.isReadOnly()) {
                if (tail.remaining() < SHARED_MIN_BYTES && tail.remaining() + coming < SMALL_LIMIT_BYTES) {
                    return grow(tail, coming); // two short ones are written faster from one buffer
                }
                // A segment between every two shared buffers would hold 16 KiB for a header of four bytes.
                if (coming < SMALL_LIMIT_BYTES) {
                    return addLast(small(Math.max(coming, SMALL_FIRST_BYTES)));
                }
            } else if (tail.limit() < tail.capacity()) {
                return tail;
            } else if (!SegmentPool.isSegment(tail) && tail.remaining() + coming < SMALL_LIMIT_BYTES) {
                return grow(tail, coming);
            }
        }
        if (!takesSegment(coming)) {
            return addLast(small(Math.max(coming, SMALL_FIRST_BYTES)));
        }
        return addLast(pool.acquire().limit(0));
    }

    /**
     * Puts a larger small buffer in the place of the last one. Doubling keeps what is copied below twice what is sent.
     */
    private ByteBuffer grow(ByteBuffer tail, int coming) {
        int wanted = Math.max(tail.remaining() + coming, Math.min(2 * tail.capacity(), SMALL_LIMIT_BYTES - 1));
        ByteBuffer grown = moveToSmall(tail, wanted);
        setBuffer(count - 1, grown);
        return grown;
    }

    private void settleAt(int index) {
        ByteBuffer buffer = buffer(index);
        if (SegmentPool.isSegment(buffer) && buffer.remaining() < SMALL_LIMIT_BYTES) {
            setBuffer(index, moveToSmall(buffer, buffer.remaining()));
        }
    }

    private ByteBuffer moveToSmall(ByteBuffer from, int capacity) {
        ByteBuffer to = small(capacity);
        to.limit(from.remaining());
        to.put(0, from, from.position(), from.remaining());
        releaseIfSegment(from);
        return to;
    }

    private static ByteBuffer small(int capacity) {
        return ByteBuffer.allocate(capacity).limit(0);
    }

    private void releaseIfSegment(ByteBuffer buffer) {
        if (SegmentPool.isSegment(buffer)) {
            pool.release(buffer);
        }
    }

    private ByteBuffer buffer(int index) {
        ByteBuffer buffer = ring[first + index & ring.length - 1];
        assert buffer != null : index + " of " + count;
        return buffer;
    }

    private void setBuffer(int index, ByteBuffer buffer) {
        ring[first + index & ring.length - 1] = buffer;
    }

    private ByteBuffer addLast(ByteBuffer buffer) {
        if (count == ring.length) {
            enlargeRing();
        }
        setBuffer(count++, buffer);
        return buffer;
    }

    private void removeFirst() {
        ByteBuffer removed = buffer(0);
        ring[first] = null;
        first = first + 1 & ring.length - 1;
        count--;
        settled = Math.max(0, settled - 1);
        releaseIfSegment(removed);
        if (count == 0 && ring.length > KEPT_RING_SLOTS) {
            ring = NO_RING;
            first = 0;
        }
    }

    private void removeLast() {
        int slot = first + --count & ring.length - 1;
        ByteBuffer removed = ring[slot];
        ring[slot] = null;
        settled = Math.min(settled, count);
        if (removed != null) {
            releaseIfSegment(removed);
        }
    }

    private void enlargeRing() {
        @Nullable ByteBuffer[] larger = new ByteBuffer[Math.max(FIRST_RING_SLOTS, 2 * count)];
        for (int i = 0; i < count; i++) {
            larger[i] = buffer(i);
        }
        ring = larger;
        first = 0;
    }
}
