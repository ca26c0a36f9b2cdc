package dev.meerkat.internal.httpclient;

import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.internal.buffer.ReceiveQueue;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a handler has left of a body: nothing is copied as long as it takes everything. */
final class KeptBody {
    /** Who is given a portion. */
    interface Taker {
        void take(ReceiveBuffer body, int count) throws Exception;
    }

    private final int limit;
    private final boolean poisons;
    private @Nullable ReceiveQueue kept;

    /**
     * Begins without anything.
     *
     * @param limit the most bytes that may be left
     * @param poisons whether to overwrite what was borrowed
     */
    KeptBody(int limit, boolean poisons) {
        this.limit = limit;
        this.poisons = poisons;
    }

    /**
     * Hands on a portion behind what was left.
     *
     * @return whether what is left now is within the limit
     */
    boolean arrived(ByteBuffer portion, Taker taker) throws Exception {
        int count = portion.remaining();
        ReceiveQueue present = kept;
        if (present != null) {
            if (count > present.room()) {
                return false;
            }
            present.append(portion);
            tell(present, count, taker);
            return true;
        }
        ReceiveQueue lent = new ReceiveQueue();
        lent.lend(portion);
        try {
            taker.take(lent, count);
        } finally {
            if (!lent.isEmpty()) {
                kept = lent.keep(limit);
            }
            lent.reclaim(false); // the bytes are the connection's, which overwrites them itself
        }
        return kept == null || kept.size() <= limit;
    }

    private void tell(ReceiveQueue present, int count, Taker taker) throws Exception {
        try {
            taker.take(present, count);
        } finally {
            if (present.isEmpty()) {
                kept = null;
            } else if (kept == present) {
                present.reclaim(poisons);
            }
        }
    }

    /** Hands on once more what was left. */
    void again(Taker taker) throws Exception {
        ReceiveQueue present = kept;
        if (present != null) {
            tell(present, 0, taker);
        }
    }

    /** What was left, and is not kept any more. */
    ReceiveBuffer rest() {
        ReceiveQueue present = kept;
        kept = null;
        return present == null ? ReceiveQueue.EMPTY : present;
    }
}
