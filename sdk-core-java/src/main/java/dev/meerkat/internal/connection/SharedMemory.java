package dev.meerkat.internal.connection;

import dev.meerkat.internal.buffer.HandOuts;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.buffer.SegmentPool;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.internal.loop.EventLoop;
import dev.meerkat.internal.secure.SecureMemory;
import dev.meerkat.runtime.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that all connections of a manager share, so that a connection at rest holds none: one scratch buffer that
 * everybody reads through, one queue that lends it to handlers, the pool of send segments. It counts what is out.
 */
final class SharedMemory implements IntFunction<ByteBuffer> {
    /** Empty send queues kept for the next connection that sends: about as many as send in one turn. */
    private static final int SPARE_SEND_QUEUES = 64;

    private final Transport transport;
    private final int readBytes;
    private final long hopLimit;
    private final boolean poisons;
    private final SegmentPool segments;
    private final ArrayDeque<SendQueue> spareSendQueues = new ArrayDeque<>();
    private ReceiveQueue lentQueue = new ReceiveQueue();
    /** Any thread: bytes sent from other threads that are on their way to the loop. */
    private final AtomicLong hoppingBytes = new AtomicLong();

    private @Nullable ByteBuffer scratch;
    private @Nullable SecureMemory secure;
    /** Made when something is for many. */
    private @Nullable HandOuts handOuts;

    private int keptBuffers;

    SharedMemory(Transport transport, int readBytes, int pooledBytes, long hopLimit, boolean poisons) {
        this.transport = transport;
        this.readBytes = readBytes;
        this.hopLimit = hopLimit;
        this.poisons = poisons;
        this.segments = new SegmentPool(this, pooledBytes);
    }

    /** Memory of the kind that the transport reads into and writes from. */
    @Override
    public ByteBuffer apply(int bytes) {
        return transport.allocate(bytes);
    }

    ByteBuffer scratch() {
        ByteBuffer buffer = scratch;
        if (buffer == null) {
            buffer = transport.allocate(readBytes);
            scratch = buffer;
        }
        return buffer;
    }

    /** The queue that lends what was just read to a handler; the same one for every loan. */
    ReceiveQueue lentQueue() {
        return lentQueue;
    }

    /** Ends a loan. When bytes are poisoned the queue is exchanged too: who kept it finds it empty for ever. */
    void endLoan() {
        lentQueue.reclaim(poisons);
        if (poisons) {
            lentQueue = new ReceiveQueue();
        }
    }

    /** Whether borrowed bytes are overwritten when their loan ends. */
    boolean poisons() {
        return poisons;
    }

    /** What encrypted connections share; made when there is the first of them. */
    SecureMemory secure() {
        SecureMemory present = secure;
        if (present == null) {
            present = new SecureMemory(this, segments, readBytes);
            secure = present;
        }
        return present;
    }

    SendQueue acquireSendQueue() {
        SendQueue spare = spareSendQueues.poll();
        return spare != null ? spare : new SendQueue(segments);
    }

    void releaseSendQueue(SendQueue queue) {
        if (spareSendQueues.size() < SPARE_SEND_QUEUES) {
            spareSendQueues.push(queue);
        }
    }

    /** What is for many and waits for the end of the turn. */
    HandOuts handOuts(EventLoop loop) {
        HandOuts present = handOuts;
        if (present == null) {
            present = new HandOuts(segments, task -> loop.defer(task::run));
            handOuts = present;
        }
        return present;
    }

    /** Has what is for many stand in the queues, in front of what is sent, closed or asked next. */
    void settle() {
        HandOuts present = handOuts;
        if (present != null) {
            present.settle();
        }
    }

    void countKept(int change) {
        keptBuffers += change;
    }

    int keptBuffers() {
        return keptBuffers;
    }

    SegmentPool segments() {
        return segments;
    }

    /** Any thread. Reserves room on the way through the mailbox. */
    boolean reserveHop(int bytes) {
        if (hoppingBytes.addAndGet(bytes) > hopLimit) {
            hoppingBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Any thread. */
    void releaseHop(int bytes) {
        hoppingBytes.addAndGet(-bytes);
    }
}
