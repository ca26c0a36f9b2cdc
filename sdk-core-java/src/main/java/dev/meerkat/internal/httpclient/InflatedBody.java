package dev.meerkat.internal.httpclient;

import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.client.ClientException;
import dev.meerkat.http.client.ClientException.Kind;
import dev.meerkat.internal.buffer.ReceiveQueue;
import java.nio.ByteBuffer;

/** What decompressing has made and the reader has not yet taken. */
final class InflatedBody {
    /** Made at a time: a reader that pauses is not given more than that. */
    private static final int STEP_BYTES = 16 << 10;

    private final Inflating inflating;
    private final ReceiveQueue queue;
    private final ByteBuffer step = ByteBuffer.allocate(STEP_BYTES);

    /**
     * Begins.
     *
     * @param limit how much a reader may leave
     */
    InflatedBody(Inflating inflating, int limit) {
        this.inflating = inflating;
        ReceiveQueue empty = new ReceiveQueue();
        empty.lend(ByteBuffer.allocate(0));
        queue = empty.keep(Math.max(limit, STEP_BYTES));
        empty.reclaim(false);
    }

    /** Makes the next step of what has arrived; false if more has to arrive for that. */
    boolean more(ReceiveBuffer raw) throws ClientException {
        step.clear();
        while (inflating.inflate(raw, step)) {
            if (step.position() > 0) {
                step.flip();
                if (step.remaining() > queue.room()) {
                    throw new ClientException(
                            Kind.BODY_TOO_LARGE, "the reader leaves more than is kept", null, null, null);
                }
                queue.append(step);
                return true;
            }
        }
        return false;
    }

    ReceiveBuffer buffer() {
        return queue;
    }

    boolean isComplete() {
        return inflating.isComplete();
    }

    void close() {
        inflating.close();
    }
}
