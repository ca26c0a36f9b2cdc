package dev.meerkat.internal.connection;

import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.tls.TlsFailure;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The peer's direction of a connection: reading, lending to the handler what arrived, keeping what the handler left.
 * Every connection of a manager reads through one scratch buffer; a connection keeps one of its own only between two
 * events, and only if the handler left something.
 *
 * <p>Reading goes on until the input has ended, while the handler has not paused it and the unread bytes are below the
 * receive limit. A connection that is closing reads on and throws away what comes, or else a peer that only writes
 * would never read our last words.
 */
final class Inbound {
    private final RealConnection connection;
    private boolean ended;
    private boolean paused;
    /** Unread bytes: between two events the connection's own, during an event perhaps the manager's lent one. */
    private @Nullable ReceiveQueue unread;

    Inbound(RealConnection connection) {
        this.connection = connection;
    }

    /** Reads once; level-triggered readiness tells if there is more. */
    void read(StreamHandle handle) {
        boolean open = connection.isOpen();
        int room = open ? connection.limits().receiveLimit() - size() : Integer.MAX_VALUE;
        if (!wantsToRead(open) || room <= 0) {
            connection.updateInterest();
            return;
        }
        ByteBuffer scratch = connection.memory().scratch();
        scratch.clear().limit(Math.min(scratch.capacity(), room));
        int count;
        try {
            count = handle.read(scratch);
        } catch (IOException e) {
            if (open || !isTruncation(e)) {
                connection.life().failTransfer("reading", e);
                return;
            }
            count = -1; // nothing of what we throw away is missed
        }
        if (count < 0) {
            ended = true;
            connection.updateInterest();
            connection.life().inputHasEnded();
        } else if (count > 0) {
            connection.telling().received(count);
            if (open) {
                deliver(scratch.flip(), count);
                connection.updateInterest();
            }
        }
    }

    private static boolean isTruncation(IOException e) {
        return e instanceof TlsFailure tls && tls.error().kind() == Kind.TLS_TRUNCATED;
    }

    /** Takes what is unread away from the handler, for it was not meant for it. */
    ByteBuffer surrender() {
        ReceiveQueue kept = unread;
        if (kept == null) {
            return ByteBuffer.allocate(0);
        }
        ByteBuffer all = ByteBuffer.wrap(kept.takeArray(kept.size()));
        connection.telling().notice(Telling.RECHECK);
        return all;
    }

    private void deliver(ByteBuffer arrived, int count) {
        ReceiveQueue kept = unread;
        if (kept != null) {
            kept.append(arrived);
            connection.telling().dispatch(new TcpEvent.Received(kept, count));
            settle();
            return;
        }
        SharedMemory memory = connection.memory();
        ReceiveQueue lent = memory.lentQueue();
        lent.lend(arrived);
        unread = lent;
        try {
            connection.telling().dispatch(new TcpEvent.Received(lent, count));
            if (unread == lent && !lent.isEmpty() && connection.isOpen()) {
                unread = lent.keep(connection.limits().receiveLimit());
                memory.countKept(1);
            }
        } finally { // all connections share it: whatever fails here, be it for want of memory, fails for one of them
            if (unread == lent) {
                unread = null;
            }
            memory.endLoan();
        }
    }

    /**
     * Tells the handler again what it left: it is a new one, or it reads again. One that has paused meanwhile hears of
     * it when it resumes, and after the end of input there is no {@code Received}.
     */
    void announce() {
        ReceiveQueue kept = unread;
        if (kept != null && !kept.isEmpty() && !paused && !ended) {
            connection.telling().dispatch(new TcpEvent.Received(kept, kept.size()));
        }
    }

    /** Ends the handler's loan of kept bytes. */
    void settle() {
        ReceiveQueue kept = unread;
        if (kept == null) {
            return;
        }
        if (kept.isEmpty()) {
            release();
        } else {
            kept.reclaim(connection.memory().poisons());
        }
    }

    /** Throws away what is unread. */
    void release() {
        ReceiveQueue kept = unread;
        unread = null;
        if (kept != null && kept != connection.memory().lentQueue()) {
            connection.memory().countKept(-1);
        }
    }

    void pause() {
        paused = true;
        connection.updateInterest();
    }

    void resume() {
        if (paused) {
            paused = false;
            connection.updateInterest();
            announceLater();
        }
    }

    void announceLater() {
        if (unread != null) {
            connection.telling().notice(Telling.ANNOUNCE);
        }
    }

    /** The unread bytes, for a caller who may take some: that may make room to read. */
    ReceiveBuffer lend() {
        ReceiveQueue kept = unread;
        if (kept == null) {
            return ReceiveQueue.EMPTY;
        }
        connection.telling().notice(Telling.RECHECK);
        return kept;
    }

    void limitChanged(int receiveLimit) {
        ReceiveQueue kept = unread;
        if (kept != null && kept != connection.memory().lentQueue()) {
            kept.limit(Math.max(receiveLimit, kept.size()));
        }
    }

    boolean wantsToRead(boolean open) {
        return !ended && (!open || (!paused && size() < connection.limits().receiveLimit()));
    }

    boolean hasEnded() {
        return ended;
    }

    boolean isPaused() {
        return paused;
    }

    private int size() {
        ReceiveQueue kept = unread;
        return kept == null ? 0 : kept.size();
    }
}
