package dev.meerkat.internal.buffer;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Bytes that arrived and were not taken yet. Either lent, a window on the loop's scratch buffer for the length of one
 * call of the handler, or kept, with storage of its own for what the handler left.
 *
 * <pre>
 *          lend()                       keep(limit)
 *  IDLE ──────────► LENT ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ► KEPT, another queue
 *    ▲                │                              append(), reclaim() change its storage, not its state
 *    └────────────────┘
 *        reclaim()
 * </pre>
 *
 * <p>Ownership: while lent, the bytes belong to the loop's scratch buffer and this queue only points at them. Kept ones
 * are its own. Every view of either is borrowed until the handler returns; {@link #reclaim} enforces that in tests.
 */
public final class ReceiveQueue implements ReceiveBuffer {
    /** No bytes, for ever; unlike a queue it may be shared by all loops. */
    public static final ReceiveBuffer EMPTY = EmptyReceiveBuffer.INSTANCE;

    /** What reclaimed bytes are overwritten with: no letter, no digit, and a run of it is not UTF-8. */
    public static final byte POISON = (byte) 0xDB;

    /** Up to this size storage stays when it has become too large; beyond, a quarter of it must be in use. */
    static final int UNTRIMMED_BYTES = SegmentPool.SEGMENT_BYTES;

    private enum State {
        IDLE,
        LENT,
        KEPT
    }

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SearchProgress search;
    private State state;
    private int limit;

    /** To be reached by {@link #storage()}, since its position and limit are given away by {@link #raw()}. */
    private ByteBuffer storage;

    private int lentFrom;
    private int start;
    private int end;

    /** Makes an idle queue, for lending again and again. */
    public ReceiveQueue() {
        this(State.IDLE, NOTHING, 0, new SearchProgress());
    }

    private ReceiveQueue(State state, ByteBuffer storage, int limit, SearchProgress search) {
        this.state = state;
        this.storage = storage;
        this.limit = limit;
        this.search = search;
    }

    /**
     * Points at bytes without copying them.
     *
     * @param filled its bytes from position to limit; to be left alone by the caller until {@link #reclaim}, but for
     *     writing what {@link #raw()} gives
     * @throws IllegalStateException if the queue is not idle
     */
    public void lend(ByteBuffer filled) {
        require(State.IDLE, "lend");
        state = State.LENT;
        storage = filled;
        lentFrom = filled.position();
        start = filled.position();
        end = filled.limit();
    }

    /**
     * Copies the unread bytes into a queue that owns them. It goes on searching where this one stopped. This queue is
     * not changed and still to be reclaimed.
     *
     * @param limit how many unread bytes the new queue takes; it holds what is here even if that is more
     * @return a kept queue, its storage exactly as large as its bytes
     * @throws IllegalStateException if the queue is not lent
     */
    public ReceiveQueue keep(int limit) {
        require(State.LENT, "keep");
        ReceiveQueue kept = new ReceiveQueue(State.KEPT, NOTHING, limit, search.copy());
        kept.start = start;
        kept.end = end;
        kept.moveTo(storage(), size());
        return kept;
    }

    /**
     * Appends bytes to a kept queue.
     *
     * @param source copied; its position moves to its limit
     * @throws IllegalStateException if the queue is not kept, or they are more than {@link #room()}; nothing is
     *     appended
     */
    public void append(ByteBuffer source) {
        require(State.KEPT, "append");
        int length = source.remaining();
        if (length > room()) {
            throw new IllegalStateException(
                    "limit " + limit + ", found " + size() + " unread and " + length + " new bytes");
        }
        makeRoom(length);
        storage().put(end, source, source.position(), length);
        source.position(source.limit());
        end += length;
    }

    /**
     * How many bytes {@link #append} takes.
     *
     * @return the limit less the size, at least 0
     */
    public int room() {
        return Math.max(0, limit - size());
    }

    /**
     * Sets the most unread bytes of a kept queue. What is unread already stays, even if it is more.
     *
     * @param limit the number of bytes
     */
    public void limit(int limit) {
        this.limit = limit;
    }

    /**
     * Ends a loan, or what the handler may hold of a kept queue. A lent queue becomes idle and empty: what is unread is
     * to be kept before. A kept one keeps its bytes and gives up storage that has become much too large for them.
     *
     * @param poison whether to overwrite what the handler saw with {@link #POISON}, so that a view which was retained
     *     is rubbish at once and not one day. A kept queue moves to fresh storage for that
     * @throws IllegalStateException if the queue is idle
     */
    public void reclaim(boolean poison) {
        switch (state) {
            case LENT -> {
                if (poison) {
                    poison(storage(), lentFrom, end);
                }
                state = State.IDLE;
                storage = NOTHING;
                start = 0;
                end = 0;
                search.reset();
            }
            case KEPT -> {
                ByteBuffer old = storage();
                boolean wasteful = old.capacity() > UNTRIMMED_BYTES && size() < old.capacity() / 4;
                if (poison || wasteful) {
                    moveTo(old, size());
                }
                if (poison) {
                    poison(old, 0, old.capacity());
                }
            }
            case IDLE -> throw new IllegalStateException("reclaim needs LENT or KEPT, found IDLE");
        }
    }

    /**
     * The buffer that holds the bytes, for writing from it without a copy. Moving its position changes nothing here:
     * say {@link #consumed} afterwards.
     *
     * @return the unread bytes from position to limit; borrowed until the next call of any method of this queue
     */
    public ByteBuffer raw() {
        return storage.limit(end).position(start);
    }

    /**
     * Removes the oldest bytes, because they were written out of {@link #raw()}.
     *
     * @param count how many, 0 to {@link #size()}
     */
    public void consumed(int count) {
        discard(count);
    }

    @Override
    public int size() {
        return end - start;
    }

    @Override
    public byte get(int index) {
        return storage().get(start + Objects.checkIndex(index, size()));
    }

    @Override
    public ByteBuffer view() {
        return storage().slice(start, size()).asReadOnlyBuffer();
    }

    @Override
    public void discard(int count) {
        requireUnread(count);
        start += count;
        search.discarded(count);
    }

    @Override
    public int takeInto(ByteBuffer target) {
        int count = Math.min(size(), target.remaining());
        target.put(target.position(), storage(), start, count);
        target.position(target.position() + count);
        discard(count);
        return count;
    }

    @Override
    public Bytes take(int count) {
        requireUnread(count);
        Bytes taken = Bytes.copyOf(raw().limit(start + count));
        discard(count);
        return taken;
    }

    @Override
    public byte[] takeArray(int count) {
        requireUnread(count);
        byte[] taken = new byte[count];
        storage().get(start, taken);
        discard(count);
        return taken;
    }

    @Override
    public int indexOf(byte value) {
        return search.find(value, storage(), start, end);
    }

    @Override
    public int indexOf(Bytes delimiter) {
        return search.find(delimiter, storage(), start, end);
    }

    /** How many bytes searching has read. */
    long searchedBytes() {
        return search.bytesRead();
    }

    /** How many bytes the storage takes. */
    int storageBytes() {
        return storage.capacity();
    }

    @Override
    public String toString() {
        return "ReceiveQueue[" + state + ", " + size() + " unread]";
    }

    /**
     * Makes room behind the newest byte. Bytes move within the storage only if at least as many were consumed in front
     * of them, else into larger storage: so moving costs no more than receiving did. The price is storage of up to
     * twice the limit while bytes are both left and consumed at the limit.
     */
    private void makeRoom(int length) {
        int size = size();
        if (length <= storage.capacity() - end) {
            return;
        }
        if (start >= size && size + length <= storage.capacity()) {
            storage().put(0, storage, start, size);
            start = 0;
            end = size;
            return;
        }
        int mostUseful = start == 0 ? limit : (int) Math.min(2L * limit, Integer.MAX_VALUE - 8);
        int doubled = (int) Math.min(2L * storage.capacity(), mostUseful);
        moveTo(storage(), Math.max(doubled, size + length));
    }

    private ByteBuffer storage() {
        return storage.clear();
    }

    private void moveTo(ByteBuffer from, int capacity) {
        int size = size();
        storage = capacity == 0 ? NOTHING : ByteBuffer.allocate(capacity);
        storage.put(0, from, start, size);
        start = 0;
        end = size;
    }

    private static void poison(ByteBuffer buffer, int from, int to) {
        for (int i = from; i < to; i++) {
            buffer.put(i, POISON);
        }
    }

    private void require(State expected, String action) {
        if (state != expected) {
            throw new IllegalStateException(action + " needs " + expected + ", found " + state);
        }
    }

    private void requireUnread(int count) {
        if (count < 0 || count > size()) {
            throw new IndexOutOfBoundsException(count + " of " + size() + " unread bytes");
        }
    }
}
