package dev.meerkat.internal.secure;

import dev.meerkat.internal.buffer.SegmentPool;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.tls.TlsRecord;
import dev.meerkat.runtime.TimeSource;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that all encrypted connections of one loop share, so that one at rest holds none. Each is used within one
 * call and left with nothing that anybody needs.
 */
public final class SecureMemory {
    /**
     * How many records one write to the socket carries, and so how much ciphertext a connection holds at most that the
     * socket did not take: enough for 64 KiB in one system call.
     */
    static final int RECORDS_PER_WRITE = 4;

    /** What {@code SSLEngine} wants to see of room before it seals or opens: a record and what may be added. */
    private static final int RECORD_ROOM = TlsRecord.MAX_BYTES;

    /** Stands in for a buffer that is not to be held any longer. */
    static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final IntFunction<ByteBuffer> allocator;
    private final SegmentPool segments;
    private final int readBytes;
    private @Nullable ByteBuffer arriving;
    private @Nullable ByteBuffer leaving;
    private @Nullable ByteBuffer opened;
    private final ByteBuffer[] one = {NOTHING};
    private @Nullable OneATurn turns;

    /**
     * Makes what one loop shares; the buffers follow when they are needed.
     *
     * @param allocator makes memory that the transport reads into and writes from
     * @param segments the pool of the loop
     * @param readBytes how much plaintext one read brings at most
     */
    public SecureMemory(IntFunction<ByteBuffer> allocator, SegmentPool segments, int readBytes) {
        this.allocator = allocator;
        this.segments = segments;
        this.readBytes = readBytes;
    }

    /** Takes what is read from the socket, behind the beginning of a record that came before. */
    ByteBuffer arriving() {
        ByteBuffer buffer = arriving;
        if (buffer == null) {
            buffer = allocator.apply(Math.max(readBytes, RECORD_ROOM) + RECORD_ROOM);
            arriving = buffer;
        }
        return buffer.clear();
    }

    /** Takes what is sealed for one write. */
    ByteBuffer leaving() {
        ByteBuffer buffer = leaving;
        if (buffer == null) {
            buffer = allocator.apply(RECORDS_PER_WRITE * RECORD_ROOM);
            leaving = buffer;
        }
        return buffer.clear();
    }

    /** Takes a record that the reader has no room for. */
    ByteBuffer opened() {
        ByteBuffer buffer = opened;
        if (buffer == null) {
            buffer = allocator.apply(RECORD_ROOM);
            opened = buffer;
        }
        return buffer.clear();
    }

    /** The array for one buffer, to be emptied after use. */
    ByteBuffer[] one() {
        return one;
    }

    /**
     * Where what handshakes have to compute waits for a turn of its own.
     *
     * @param loop the loop
     * @param time the clock
     * @return the same one each time
     */
    public OneATurn turns(EventLoop loop, TimeSource time) {
        OneATurn known = turns;
        if (known == null) {
            known = new OneATurn(loop, time);
            turns = known;
        }
        return known;
    }

    SendQueue queue() {
        return new SendQueue(segments);
    }
}
