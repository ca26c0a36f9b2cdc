package dev.meerkat.internal.websocket;

import dev.meerkat.internal.websocket.DeflateException.Kind;
import dev.meerkat.websocket.CompressionOptions;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses the messages of one connection (RFC 7692 §7.2.2), as their payload comes. One thread.
 *
 * <pre>{@code
 * // for each piece of payload of a message whose first frame had RSV1, unmasked
 * try {
 *     if (!inflater.inflate(piece, decoder.isText(), fin && frameEndsWithPiece, sink)) {
 *         // the sink has had enough: the same call again, later
 *     }
 * } catch (DeflateException e) {
 *     // close with e.kind().closeCode()
 * }
 * }</pre>
 *
 * <p>Holds native memory while a message is under way, and between messages if the peer keeps its context;
 * {@link #close} gives it back. After an exception there is nothing to do but that.
 *
 * <p>A message may contain final blocks (RFC 7692 §7.2.3.4). Behind one the window is empty: whoever sends them has
 * begun anew, since no compressor goes on behind its end.
 */
public final class MessageInflater implements AutoCloseable {
    /** Is told what a message was. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes a slice.
         *
         * @param slice borrowed until the call returns, and may be changed until then; backed by an array; empty only
         *     if it is the last one
         * @param last whether the message ends with it
         * @return whether to go on at once
         */
        boolean take(ByteBuffer slice, boolean last);
    }

    /** Up to here nobody is suspected of more than a good compression. */
    static final long UNSUSPECTED_BYTES = 1 << 20;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final byte[] TAIL = {0, 0, -1, -1};

    private final DeflatePool pool;
    private long messageBytes;
    private int sliceBytes;
    private final boolean keeps;
    private @Nullable Inflater context;
    private boolean reserved;
    private boolean closed;
    /** A sink is being told, perhaps, and may close this. */
    private boolean busy;
    /** Of the message that is under way: what arrived, and what it became. */
    private long taken;

    private long made;

    private int utf8 = Utf8Check.COMPLETE;

    /**
     * Begins with an empty window; takes no native memory yet, but has it promised if the peer keeps its context.
     *
     * @param pool the loop's
     * @param terms what was agreed on
     * @param messageBytes how long a message may become; {@link Long#MAX_VALUE} for no limit but the ratio
     * @param sliceBytes how much a sink is given at most, 1 or more; it may be given less
     */
    public MessageInflater(DeflatePool pool, DeflateTerms terms, long messageBytes, int sliceBytes) {
        this.pool = pool;
        this.messageBytes = messageBytes;
        this.sliceBytes = Math.min(sliceBytes, DeflatePool.SLICE_BYTES);
        keeps = terms.peerContext();
        reserved = keeps && pool.reserve(CompressionOptions.INFLATER_BYTES);
    }

    /**
     * Other limits from the next message on; called between two.
     *
     * @param newMessageBytes how long a message may become, as of the constructor
     * @param newSliceBytes how much a sink is given at most, as of the constructor
     */
    public void limits(long newMessageBytes, int newSliceBytes) {
        messageBytes = newMessageBytes;
        sliceBytes = Math.min(newSliceBytes, DeflatePool.SLICE_BYTES);
    }

    /**
     * Decompresses a piece of a message.
     *
     * @param input what was understood is taken out; on the heap or not; may be empty
     * @param text whether the message is a text, which has to be UTF-8
     * @param end whether the message ends with it
     * @param sink is called before this returns; once with {@code last}, if {@code end}
     * @return whether all of it was decompressed; false if the sink has had enough: to go on, this is called again with
     *     what is left of the same input, even if nothing is
     * @throws DeflateException if it is malformed, becomes too long, is a text and no UTF-8, or there is no room for a
     *     context; the sink has got nothing of what is wrong
     */
    public boolean inflate(ByteBuffer input, boolean text, boolean end, Sink sink) throws DeflateException {
        if (closed || busy) {
            throw new IllegalStateException(closed ? "closed" : "called by its own sink");
        }
        Inflater present = context();
        ByteBuffer out = pool.takeScratch();
        busy = true;
        try {
            return inflate(present, input, text, end, out, sink);
        } finally {
            busy = false;
            pool.giveScratch(out);
            if (closed) {
                release();
            }
        }
    }

    private boolean inflate(Inflater present, ByteBuffer input, boolean text, boolean end, ByteBuffer out, Sink sink)
            throws DeflateException {
        for (; ; ) {
            // One byte more than is allowed shows that there is more.
            out.clear().limit((int) Math.min(sliceBytes - 1, messageBytes - made) + 1);
            boolean more = fill(present, input, end, out);
            made += out.position();
            boolean last = end && !more;
            check();
            if (text) {
                checkText(out, last);
            }
            if (last) {
                finishMessage();
            }
            boolean goOn = (out.position() == 0 && !last) || sink.take(out.flip(), last);
            if (!more || closed) {
                return true;
            }
            if (!goOn) {
                return false;
            }
        }
    }

    private Inflater context() throws DeflateException {
        Inflater present = context;
        if (present != null) {
            return present;
        }
        if (keeps) {
            reserved = reserved || pool.reserve(CompressionOptions.INFLATER_BYTES);
            present = reserved ? new Inflater(true) : null;
        } else {
            present = pool.lendInflater();
        }
        if (present == null) {
            throw new DeflateException(Kind.NO_CONTEXT, "no memory for decompressing");
        }
        context = present;
        return present;
    }

    /** Fills the output; false if all that has arrived is in it. */
    private boolean fill(Inflater present, ByteBuffer input, boolean end, ByteBuffer out) throws DeflateException {
        do {
            if (present.finished()) {
                if (!input.hasRemaining()) {
                    return false; // it ends with a final block, and needs no tail
                }
                present.reset();
            }
            int before = input.position();
            step(present, input, out);
            taken += input.position() - before;
        } while (out.hasRemaining() && input.hasRemaining());
        if (!out.hasRemaining()) {
            return true;
        }
        if (end && taken > 0 && !present.finished()) {
            int before = out.position();
            step(present, ByteBuffer.wrap(TAIL), out);
            if (out.position() > before) {
                throw new DeflateException(Kind.MALFORMED, "a compressed message ends in the middle of a block");
            }
        }
        return false;
    }

    private static void step(Inflater present, ByteBuffer input, ByteBuffer out) throws DeflateException {
        try {
            present.setInput(input);
            present.inflate(out);
        } catch (DataFormatException e) {
            throw new DeflateException(Kind.MALFORMED, "malformed compressed message: " + e.getMessage());
        } finally {
            present.setInput(NOTHING); // or it would hold on to the caller's
        }
    }

    private void check() throws DeflateException {
        if (made > messageBytes) {
            throw new DeflateException(Kind.TOO_LONG, "a message becomes longer than " + messageBytes + " bytes");
        }
        int ratio = pool.options().inflationRatio();
        if (made > UNSUSPECTED_BYTES && made > taken * ratio) {
            throw new DeflateException(
                    Kind.INFLATED,
                    "decompressing makes more than " + ratio + " times of what arrived, " + made + " bytes so far");
        }
    }

    private void checkText(ByteBuffer out, boolean last) throws DeflateException {
        int checked = Utf8Check.advance(utf8, out, 0, out.position());
        if (checked < 0) {
            throw new DeflateException(
                    Kind.NOT_UTF8, "a compressed text is no UTF-8 at its byte " + (made - out.position() + ~checked));
        }
        if (last && checked != Utf8Check.COMPLETE) {
            throw new DeflateException(Kind.NOT_UTF8, "a compressed text ends within a character");
        }
        utf8 = checked;
    }

    private void finishMessage() {
        utf8 = Utf8Check.COMPLETE;
        taken = 0;
        made = 0;
        if (!keeps) {
            release();
        }
    }

    private void release() {
        Inflater present = context;
        context = null;
        if (present != null && keeps) {
            present.end();
        } else if (present != null) {
            pool.giveBack(present);
        }
        if (reserved && closed) {
            reserved = false;
            pool.unreserve(CompressionOptions.INFLATER_BYTES);
        }
    }

    /** Gives native memory back. Whatever was under way is over; a sink may call it, too, and is told no more. */
    @Override
    public void close() {
        closed = true;
        if (!busy) {
            release();
        }
    }
}
