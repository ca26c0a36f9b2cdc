package dev.meerkat.internal.blocking;

import dev.meerkat.ConnectionClosedException;
import dev.meerkat.event.Event;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.buffer.ReceiveQueue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What has come for a connection's thread: bytes and events, in their order. The loop puts in, the thread takes out.
 *
 * <p>At most {@link #HANDOVER_BYTES} are handed over ahead of the thread; the rest stays with the connection, which
 * stops reading at its receive limit. Only at the end of input is all of it handed over, since then the connection may
 * end. An event knows how many bytes came before it, which keeps the order without a queue of arrivals.
 */
final class Inbox {
    /** A read of the size that most kernels hand out at once; more would only wait in another place. */
    static final int HANDOVER_BYTES = 64 << 10;

    /** So many broadcasts and other events wait at most; a broadcast beyond is dropped. Ticks and timers wait once. */
    static final int MAX_EVENTS = 1024;

    private static final class Waiting {
        Event event;
        final long position;

        Waiting(Event event, long position) {
            this.event = event;
            this.position = position;
        }
    }

    private final Conversation conversation;

    // ---- guarded by the lock
    private final ReentrantLock lock;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(4);
    private @Nullable ReceiveQueue arrived;
    /** How many bytes were handed over, since the beginning. */
    private long received;
    /** How many of them the thread has taken. */
    private long delivered;
    /** How many lie with the connection. */
    private int behind;
    /** The loop was asked to hand over more. */
    private boolean refilling;

    private boolean inputEnded;
    private TcpEvent.@Nullable Closed closed;

    // ---- the thread's
    /** What its handler was given and has not taken. */
    private @Nullable ReceiveQueue unread;

    private boolean announce;
    private boolean onlyTheEnd;
    private boolean over;
    private Duration readTimeout;

    Inbox(Conversation conversation, ReentrantLock lock) {
        this.conversation = conversation;
        this.lock = lock;
        this.readTimeout = conversation.options().readTimeout();
    }

    // ---------------------------------------------------------------- the loop puts in

    void take(Event event) {
        lock.lock();
        try {
            if (event instanceof TcpEvent.Received bytes) {
                handOver(bytes.buffer(), windowRoom());
            } else if (event instanceof TcpEvent.InputClosed) {
                handOver(conversation.real().receiveBuffer(), Integer.MAX_VALUE);
                inputEnded = true;
                add(event);
            } else if (event instanceof TcpEvent.Opened || event instanceof TcpEvent.ConnectFailed) {
                add(event);
            } else if (!conversation.streamsOnly() && !(event instanceof TcpEvent.Drained)) {
                addBounded(event);
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(Event event) {
        waiting.add(new Waiting(event, received + behind));
    }

    private void addBounded(Event event) {
        if (event instanceof TcpEvent.Broadcast) {
            if (waiting.size() < MAX_EVENTS) {
                add(event);
            }
            return;
        }
        for (Waiting each : waiting) {
            if (each.event.getClass() == event.getClass()) {
                if (each.event instanceof TcpEvent.Sent before && event instanceof TcpEvent.Sent now) {
                    each.event = new TcpEvent.Sent(before.count() + now.count());
                }
                return;
            }
        }
        add(event);
    }

    void close(TcpEvent.Closed event) {
        lock.lock();
        try {
            closed = event;
            behind = 0;
        } finally {
            lock.unlock();
        }
    }

    /** The thread has room again. */
    private void refill() {
        lock.lock();
        try {
            refilling = false;
            if (conversation.real().isOpen()) {
                handOver(conversation.real().receiveBuffer(), windowRoom());
            }
        } finally {
            lock.unlock();
        }
        conversation.wake();
    }

    private void handOver(ReceiveBuffer source, int room) {
        int count = Math.min(source.size(), room);
        if (count > 0) {
            ReceiveQueue target = arrived;
            if (target == null) {
                target = newQueue(Integer.MAX_VALUE);
                arrived = target;
            }
            target.append(source.view().limit(count));
            source.discard(count);
            received += count;
        }
        behind = source.size();
    }

    private int windowRoom() {
        return Math.max(0, window() - sizeOf(arrived));
    }

    private int window() {
        return Math.min(HANDOVER_BYTES, conversation.asked().receiveLimit());
    }

    private static int sizeOf(@Nullable ReceiveQueue queue) {
        return queue == null ? 0 : queue.size();
    }

    private static ReceiveQueue newQueue(int limit) {
        ReceiveQueue source = new ReceiveQueue();
        source.lend(ByteBuffer.allocate(0));
        return source.keep(limit);
    }

    /** Whether bytes were handed over and not yet read; while the thread waits for the answer. */
    boolean hasUnread() {
        return available() > 0;
    }

    /** Whether a broadcast would be dropped. */
    boolean isFull() {
        lock.lock();
        try {
            return waiting.size() >= MAX_EVENTS;
        } finally {
            lock.unlock();
        }
    }

    // ---------------------------------------------------------------- the thread takes events out

    /** Waits for the next event; null when nothing is to be told any more. */
    @Nullable
    Event next() throws InterruptedException {
        while (!over) {
            Event event = poll();
            if (event != null) {
                return event;
            }
            conversation.park(Wait.EVENT, -1);
        }
        return null;
    }

    /** Waits for {@code Closed} alone, however often it is interrupted. */
    Event awaitEnd() {
        onlyTheEnd = true;
        for (Event event = poll(); ; event = poll()) {
            if (event != null) {
                return event;
            }
            try {
                conversation.park(Wait.END, -1);
            } catch (InterruptedException e) {
                // the connection was aborted: its end is on its way
            }
        }
    }

    private @Nullable Event poll() {
        Event found;
        boolean refill;
        lock.lock();
        try {
            found = onlyTheEnd ? closed : pollHere();
            refill = wantsRefill();
        } finally {
            lock.unlock();
        }
        askForMore(refill);
        return found;
    }

    private @Nullable Event pollHere() {
        ReceiveQueue kept = unread;
        if (announce && kept != null && !kept.isEmpty()) {
            announce = false;
            return new TcpEvent.Received(kept, kept.size());
        }
        Waiting head = waiting.peek();
        int available = sizeOf(arrived);
        int room = conversation.asked().receiveLimit() - sizeOf(kept);
        if (available > 0 && room > 0 && !conversation.streamsOnly() && (head == null || head.position > delivered)) {
            long before = head == null ? Long.MAX_VALUE : head.position - delivered;
            return deliver((int) Math.min(Math.min(available, room), before));
        }
        boolean isNext = head != null
                && (head.position <= delivered || room <= 0 || conversation.streamsOnly() || closed != null);
        if (head != null && isNext) {
            waiting.remove();
            return head.event;
        }
        return closed != null && head == null ? closed : null;
    }

    private TcpEvent.Received deliver(int count) {
        ReceiveQueue source = arrived;
        if (source == null) {
            throw new AssertionError("nothing arrived");
        }
        ReceiveQueue target = unread;
        if (target == null && count == source.size()) {
            target = source;
            arrived = null;
        } else {
            if (target == null) {
                target = newQueue(Integer.MAX_VALUE);
            }
            target.append(source.view().limit(count));
            source.discard(count);
        }
        unread = target;
        delivered += count;
        return new TcpEvent.Received(target, count);
    }

    private boolean wantsRefill() {
        if (behind > 0 && !refilling && sizeOf(arrived) <= window() / 2) {
            refilling = true;
            return true;
        }
        return false;
    }

    private void askForMore(boolean refill) {
        if (refill) {
            boolean unused = conversation.post(this::refill);
        }
    }

    /** The handler has returned: what it was lent is over. */
    void settle() {
        ReceiveQueue kept = unread;
        if (kept != null) {
            if (kept.isEmpty()) {
                unread = null;
            } else {
                kept.reclaim(conversation.poisons());
            }
        }
    }

    ReceiveBuffer unread() {
        ReceiveQueue kept = unread;
        return kept == null ? ReceiveQueue.EMPTY : kept;
    }

    /** A new handler is told of what the former one left. */
    void announce() {
        announce = true;
    }

    void onlyTheEnd() {
        onlyTheEnd = true;
    }

    void endAfterThis() {
        over = true;
    }

    // ---------------------------------------------------------------- the thread reads

    void readTimeout(Duration timeout) {
        readTimeout = timeout;
    }

    int available() {
        lock.lock();
        try {
            return sizeOf(unread) + sizeOf(arrived);
        } finally {
            lock.unlock();
        }
    }

    int read(byte[] target, int offset, int length) throws IOException {
        ReceiveQueue kept = unread;
        if (kept != null && !kept.isEmpty()) {
            return kept.takeInto(ByteBuffer.wrap(target, offset, length));
        }
        Duration timeout = readTimeout;
        long deadline = conversation.deadline(timeout);
        for (int count = poll(target, offset, length); ; count = poll(target, offset, length)) {
            if (count != 0) {
                return count;
            }
            conversation.parkUntil(Wait.READ, deadline, timeout);
        }
    }

    /** How many bytes were read, -1 at the end of input, 0 if one has to wait. */
    private int poll(byte[] target, int offset, int length) {
        int count = 0;
        boolean refill;
        lock.lock();
        try {
            ReceiveQueue source = arrived;
            if (source != null && !source.isEmpty()) {
                count = source.takeInto(ByteBuffer.wrap(target, offset, length));
                delivered += count;
                if (source.isEmpty()) {
                    arrived = null;
                }
            } else if (inputEnded
                    && conversation.reason().filter(why -> !why.isClean()).isEmpty()) {
                return -1;
            } else if (closed != null || conversation.isCloseAsked()) {
                throw ended();
            }
            refill = wantsRefill();
        } finally {
            lock.unlock();
        }
        askForMore(refill);
        return count;
    }

    private ConnectionClosedException ended() {
        return conversation.closedException("read");
    }
}
