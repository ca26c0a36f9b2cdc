package dev.meerkat.internal.websocket;

import dev.meerkat.event.Bytes;
import dev.meerkat.websocket.CompressionOptions;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The contexts of one loop for one server or client: those that are lent to a message, and a count of all native memory
 * that contexts hold, those included that connections keep. One thread; the whole of it is bounded by
 * {@link CompressionOptions#contextBytes()}.
 */
public final class DeflatePool implements AutoCloseable {
    /** Made at a time: what compresses to no more comes in one slice. */
    static final int SLICE_BYTES = 16 * 1024;

    /** Kept for the next message, of each kind. Nearly always one is enough: a message is compressed in one go. */
    static final int MOST_IDLE = 4;

    private final CompressionOptions options;
    private final ArrayDeque<Deflater> deflaters = new ArrayDeque<>(0);
    private final ArrayDeque<Inflater> inflaters = new ArrayDeque<>(0);
    private @Nullable ByteBuffer scratch;
    private long heldBytes;
    private long keptBytes;
    private boolean closed;

    /**
     * Makes an empty pool; it holds nothing before the first message.
     *
     * @param options the level, and how much there may be
     */
    public DeflatePool(CompressionOptions options) {
        this.options = options;
    }

    /**
     * The options.
     *
     * @return those it was made with
     */
    public CompressionOptions options() {
        return options;
    }

    /**
     * Tells whether there is room for one more connection that keeps what decompresses. Who negotiates asks before it
     * agrees to that.
     *
     * @return false if the half that is for keeping is full
     */
    public boolean mayKeep() {
        return keptBytes + CompressionOptions.INFLATER_BYTES <= options.contextBytes() / 2;
    }

    /**
     * How much native memory contexts hold or have been promised.
     *
     * @return the bytes, never more than {@link CompressionOptions#contextBytes()}
     */
    public long heldBytes() {
        return heldBytes;
    }

    /**
     * How many contexts wait for the next message.
     *
     * @return the number
     */
    public int idle() {
        return deflaters.size() + inflaters.size();
    }

    /**
     * Compresses a message for any number of receivers. It refers to nothing but itself, so that it can be understood
     * whatever a receiver has got before; each that keeps a context has to be told by
     * {@link MessageDeflater#sharedSent}.
     *
     * @param message taken out
     * @param windowBits the least {@link DeflateTerms#ownWindowBits} of the receivers
     * @return the payload; null if the message is better sent uncompressed: it is shorter than the threshold, did not
     *     become shorter, or there is no room for a context
     */
    public @Nullable Bytes compressShared(ByteBuffer message, int windowBits) {
        int length = message.remaining();
        MessageDeflater deflater = new MessageDeflater(this, new DeflateTerms(false, windowBits, false));
        if (!deflater.begin(length)) {
            return null;
        }
        Collected collected = new Collected(length);
        deflater.deflate(message, true, collected);
        return collected.payload();
    }

    /** Puts slices together until they are no shorter than what they were made of. */
    private static final class Collected implements MessageDeflater.Sink {
        private final ByteBuffer bytes;
        private boolean useless;

        Collected(int length) {
            bytes = ByteBuffer.allocate(Math.max(length - 1, 0));
        }

        @Override
        public void take(ByteBuffer slice, boolean last) {
            useless |= slice.remaining() > bytes.remaining();
            if (!useless) {
                bytes.put(slice);
            }
        }

        @Nullable
        Bytes payload() {
            return useless ? null : Bytes.copyOf(bytes.flip());
        }
    }

    /** Promises memory to who keeps a context. */
    boolean reserve(int bytes) {
        if (keptBytes + bytes > options.contextBytes() / 2 || !hold(bytes)) {
            return false;
        }
        keptBytes += bytes;
        return true;
    }

    void unreserve(int bytes) {
        keptBytes -= bytes;
        heldBytes -= bytes;
    }

    /** A context of one's own, for memory that was reserved. Its owner ends it. */
    Deflater newDeflater() {
        return new Deflater(options.level(), true);
    }

    @Nullable
    Deflater lendDeflater() {
        Deflater idle = deflaters.poll();
        if (idle != null) {
            return idle;
        }
        return hold(CompressionOptions.DEFLATER_BYTES) ? newDeflater() : null;
    }

    @Nullable
    Inflater lendInflater() {
        Inflater idle = inflaters.poll();
        if (idle != null) {
            return idle;
        }
        return hold(CompressionOptions.INFLATER_BYTES) ? new Inflater(true) : null;
    }

    void giveBack(Deflater deflater) {
        if (closed || deflaters.size() == MOST_IDLE) {
            end(deflater);
        } else {
            deflater.reset();
            deflaters.push(deflater);
        }
    }

    void giveBack(Inflater inflater) {
        if (closed || inflaters.size() == MOST_IDLE) {
            end(inflater);
        } else {
            inflater.reset();
            inflaters.push(inflater);
        }
    }

    /** Room for output, until it is given back. Who asks while another has it gets its own. */
    ByteBuffer takeScratch() {
        ByteBuffer present = scratch;
        scratch = null;
        return present == null ? ByteBuffer.allocate(SLICE_BYTES) : present;
    }

    void giveScratch(ByteBuffer buffer) {
        scratch = closed ? null : buffer;
    }

    /** Ends what waits for messages; what is lent ends when it is given back. */
    @Override
    public void close() {
        closed = true;
        scratch = null;
        drain(deflaters, this::end);
        drain(inflaters, this::end);
    }

    private static <T> void drain(ArrayDeque<T> idle, Consumer<T> end) {
        for (T each = idle.poll(); each != null; each = idle.poll()) {
            end.accept(each);
        }
    }

    private void end(Deflater deflater) {
        deflater.end();
        heldBytes -= CompressionOptions.DEFLATER_BYTES;
    }

    private void end(Inflater inflater) {
        inflater.end();
        heldBytes -= CompressionOptions.INFLATER_BYTES;
    }

    /** Counts memory in, if need be in place of contexts that nobody has. */
    private boolean hold(int bytes) {
        while (bytes > options.contextBytes() - heldBytes) {
            Deflater deflater = deflaters.poll();
            if (deflater != null) {
                end(deflater);
                continue;
            }
            Inflater inflater = inflaters.poll();
            if (inflater == null) {
                return false;
            }
            end(inflater);
        }
        heldBytes += bytes;
        return true;
    }
}
