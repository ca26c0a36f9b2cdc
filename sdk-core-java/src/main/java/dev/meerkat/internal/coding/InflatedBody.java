package dev.meerkat.internal.coding;

import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.coding.CodingException.Kind;
import java.nio.ByteBuffer;

/** What decompressing has made and the reader has not yet taken. */
public final class InflatedBody {
    /** Made at a time: a reader that pauses is not given more than that. */
    private static final int STEP_BYTES = 16 << 10;

    private final Inflating inflating;
    private final ReceiveQueue queue;
    private final ByteBuffer step = ByteBuffer.allocate(STEP_BYTES);

    /**
     * Begins.
     *
     * @param inflating decompresses; closed by {@link #close}
     * @param limit how much a reader may leave
     */
    public InflatedBody(Inflating inflating, int limit) {
        this.inflating = inflating;
        ReceiveQueue empty = new ReceiveQueue();
        empty.lend(ByteBuffer.allocate(0));
        queue = empty.keep(Math.max(limit, STEP_BYTES));
        empty.reclaim(false);
    }

    /**
     * Makes the next step of what has arrived.
     *
     * @param raw what was understood is taken out
     * @return false if more has to arrive for that
     * @throws CodingException if it is malformed, grows too much, or the reader leaves too much
     */
    public boolean more(ReceiveBuffer raw) throws CodingException {
        step.clear();
        while (inflating.inflate(raw, step)) {
            if (step.position() > 0) {
                step.flip();
                if (step.remaining() > queue.room()) {
                    throw new CodingException(Kind.NOT_TAKEN, "the reader leaves more than is kept");
                }
                queue.append(step);
                return true;
            }
        }
        return false;
    }

    /**
     * What was made and not taken yet.
     *
     * @return always the same buffer
     */
    public ReceiveBuffer buffer() {
        return queue;
    }

    /**
     * Whether the body may end here.
     *
     * @return false in the middle of it
     */
    public boolean isComplete() {
        return inflating.isComplete();
    }

    /** Gives native memory back. */
    public void close() {
        inflating.close();
    }
}
