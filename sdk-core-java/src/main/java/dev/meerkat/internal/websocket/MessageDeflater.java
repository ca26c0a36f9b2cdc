package dev.meerkat.internal.websocket;

import dev.meerkat.websocket.CompressionOptions;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses the messages of one connection (RFC 7692 §7.2.1). One thread.
 *
 * <pre>{@code
 * if (deflater.begin(message.length())) {                // the first frame has RSV1
 *     deflater.deflate(message.asByteBuffer(), true, (slice, last) -> frame(slice, last));
 * } else {
 *     frame(message.asByteBuffer(), true);               // uncompressed
 * }
 * }</pre>
 *
 * <p>Holds native memory while a message is under way, and between messages if a context is kept; {@link #close} gives
 * it back.
 */
public final class MessageDeflater implements AutoCloseable {
    /** Is told what a message became. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes a slice. Must not throw: the peer's context would miss what ours has. May close the deflater, and is
         * told no more then.
         *
         * @param slice borrowed until the call returns, and may be changed until then; backed by an array; empty only
         *     if it is the last one of a message of several
         * @param last whether the message ends with it
         */
        void take(ByteBuffer slice, boolean last);
    }

    private static final byte[] TAIL = {0, 0, -1, -1};
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private enum State {
        BETWEEN_MESSAGES,
        /** Nothing of the message was compressed yet. */
        BEGUN,
        /** What was compressed lacks its last four bytes, which the peer would add if the message ended here. */
        TAIL_OWED,
        CLOSED
    }

    private final DeflatePool pool;
    private final DeflateTerms terms;
    private @Nullable Deflater context;
    private State state = State.BETWEEN_MESSAGES;
    /** A sink is being told, perhaps, and may close this. */
    private boolean busy;
    /** Whether the context is this connection's own; else it is the pool's. */
    private boolean kept;
    /** What the context remembers is not what the peer's window ends with. */
    private boolean stale;
    /**
     * What went into the context since it remembered nothing; counts only if the peer's window is smaller than ours.
     */
    private int remembered;

    /**
     * Begins with an empty window; takes no native memory yet.
     *
     * @param pool the loop's
     * @param terms what was agreed on
     */
    public MessageDeflater(DeflatePool pool, DeflateTerms terms) {
        this.pool = pool;
        this.terms = terms;
    }

    /**
     * Begins a message if it is to be compressed.
     *
     * @param length its length; {@link Long#MAX_VALUE} if it is not known and supposed to be long
     * @return whether it is compressed; if not, it goes out as it is, with RSV1 clear, and {@link #deflate} is not
     *     called for it: it is too short, or there is no room for a context
     * @throws IllegalStateException if a message is under way, or this is closed
     */
    public boolean begin(long length) {
        require(State.BETWEEN_MESSAGES);
        if (length < pool.options().threshold() || !hasContext()) {
            return false;
        }
        state = State.BEGUN;
        return true;
    }

    private boolean hasContext() {
        Deflater present = context;
        if (present != null) {
            if (stale) {
                forget(present);
            }
        } else if (terms.ownContext() && pool.reserve(CompressionOptions.DEFLATER_BYTES)) {
            context = pool.newDeflater();
            kept = true;
        } else {
            context = pool.lendDeflater();
        }
        return context != null;
    }

    /**
     * Compresses a piece of the message that has begun. All of it is in the slices, so that the peer can decompress it
     * before the next one comes.
     *
     * @param input taken out; on the heap or not; may be empty
     * @param end whether the message ends with it
     * @param sink is called before this returns; once with {@code last}, if {@code end}
     * @throws IllegalStateException if no message has begun
     */
    public void deflate(ByteBuffer input, boolean end, Sink sink) {
        Deflater present = context;
        if (present == null || busy || (state != State.BEGUN && state != State.TAIL_OWED)) {
            throw new IllegalStateException("no message has begun, or called by its own sink");
        }
        ByteBuffer out = pool.takeScratch().clear();
        busy = true;
        try {
            deflate(present, input, end, out, sink);
        } finally {
            busy = false;
            pool.giveScratch(out);
            if (state == State.CLOSED) {
                release();
            }
        }
    }

    private void deflate(Deflater present, ByteBuffer input, boolean end, ByteBuffer out, Sink sink) {
        if (state == State.TAIL_OWED) {
            out.put(TAIL);
        }
        if (input.hasRemaining()) {
            state = State.TAIL_OWED;
            compress(present, input, out, sink);
        }
        if (state == State.CLOSED) {
            return;
        }
        if (end) {
            end(out, sink);
        } else if (state == State.TAIL_OWED) {
            spill(out, sink);
        }
    }

    /**
     * How long a piece of a message may become.
     *
     * @param length of the piece
     * @return the sum of all slices of it is not longer
     */
    public long mostBytes(long length) {
        return mostBytes(length, terms.ownWindowBits());
    }

    /**
     * The same, whatever window is agreed on.
     *
     * @param length before
     * @return a bound
     */
    public static long mostBytesOfAny(long length) {
        return mostBytes(length, DeflateTerms.LEAST_WINDOW_BITS);
    }

    private static long mostBytes(long length, int bits) {
        // What cannot be compressed is stored in blocks of 16 KiB, 5 bytes each; a flush is another of them, and there
        // is one wherever the context has to forget.
        long forgotten = bits == DeflateTerms.MOST_WINDOW_BITS ? 0 : (length >> bits) + 2;
        return length + (length >> 10) + 16 + 10 * forgotten;
    }

    /**
     * Says that this connection was sent a message of {@link DeflatePool#compressShared}. The peer's window now ends
     * with that, and a context that is kept knows nothing of it: it begins anew with the next message.
     *
     * @throws IllegalStateException if a message is under way, or this is closed
     */
    public void sharedSent() {
        require(State.BETWEEN_MESSAGES);
        stale = context != null;
    }

    /** Gives native memory back. Whatever was under way is over. */
    @Override
    public void close() {
        state = State.CLOSED;
        if (!busy) {
            release();
        }
    }

    private void compress(Deflater present, ByteBuffer input, ByteBuffer out, Sink sink) {
        int end = input.limit();
        while (input.hasRemaining() && state != State.CLOSED) {
            if (remembered >= window()) {
                flush(present, Deflater.SYNC_FLUSH, out, sink);
                forget(present);
            }
            int count = Math.min(end - input.position(), window() - remembered);
            input.limit(input.position() + count);
            present.setInput(input);
            flush(present, Deflater.NO_FLUSH, out, sink);
            present.setInput(NOTHING); // or it would hold on to the caller's
            input.limit(end);
            if (terms.ownWindowBits() < DeflateTerms.MOST_WINDOW_BITS) {
                remembered += count;
            }
        }
        flush(present, Deflater.SYNC_FLUSH, out, sink);
        if (state != State.CLOSED && out.getInt(out.position() - TAIL.length) != 0xFFFF) {
            throw new IllegalStateException("no empty block at the end of what was flushed");
        }
    }

    /** How much may go into a context before it has to forget, since its own window cannot be made smaller. */
    private int window() {
        int bits = terms.ownWindowBits();
        return bits == DeflateTerms.MOST_WINDOW_BITS ? Integer.MAX_VALUE : 1 << bits;
    }

    /** Between flushed blocks the data go on whatever was before: a reset context refers to what comes from here on. */
    private void forget(Deflater present) {
        present.reset();
        stale = false;
        remembered = 0;
    }

    private void flush(Deflater present, int mode, ByteBuffer out, Sink sink) {
        while (state != State.CLOSED) {
            present.deflate(out, mode);
            if (out.hasRemaining()) {
                return; // it has nothing left to say
            }
            spill(out, sink);
        }
    }

    /** Gives the sink all but what may be the tail, which goes to the beginning. */
    private static void spill(ByteBuffer out, Sink sink) {
        int count = out.position();
        int end = count - TAIL.length;
        if (end > 0) {
            sink.take(out.position(0).limit(end), false);
            out.limit(count).position(end);
            out.compact();
        }
    }

    private void end(ByteBuffer out, Sink sink) {
        if (state == State.BEGUN) {
            out.put((byte) 0); // an empty message (RFC 7692 §7.2.3.6)
        } else {
            out.position(out.position() - TAIL.length);
        }
        state = State.BETWEEN_MESSAGES;
        if (!kept) {
            release();
        }
        sink.take(out.flip(), true);
    }

    private void release() {
        Deflater present = context;
        if (present == null) {
            return;
        }
        context = null;
        remembered = 0;
        stale = false;
        if (kept) {
            kept = false;
            present.end();
            pool.unreserve(CompressionOptions.DEFLATER_BYTES);
        } else {
            pool.giveBack(present);
        }
    }

    private void require(State expected) {
        if (state != expected) {
            throw new IllegalStateException("expected " + expected + ", found " + state);
        }
    }
}
