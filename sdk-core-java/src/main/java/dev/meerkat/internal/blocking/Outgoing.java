package dev.meerkat.internal.blocking;

import dev.meerkat.Connection;
import dev.meerkat.ConnectionClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.FileRegion;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a connection's thread has written and the loop has not yet sent. The thread puts in and waits while this is
 * full; the loop sends while the connection is writable, that is: not above its high-water mark, or down again at the
 * low one.
 */
final class Outgoing {
    /** What waits here at most: enough that a thread which writes on need not wait for every turn of the loop. */
    static final int HANDOVER_BYTES = 64 << 10;

    private final Conversation conversation;

    // ---- guarded by the lock
    private final ReentrantLock lock;
    /** {@link Bytes}, and {@link FileRegion}s, of which there is one at most and nothing behind it. */
    private final ArrayDeque<Object> queue = new ArrayDeque<>(4);

    private int waiting;
    private boolean fileWaits;
    private boolean pumping;

    /** The connection takes nothing more, though it may live. */
    private volatile boolean refused;
    /** The thread's to set; any thread asks. */
    private volatile boolean shut;
    /** The thread's: then a wait may be one for a file. */
    private boolean filesWereSent;

    Outgoing(Conversation conversation, ReentrantLock lock) {
        this.conversation = conversation;
        this.lock = lock;
    }

    // ---------------------------------------------------------------- the thread puts in

    void write(byte[] source, int offset, int length) throws IOException {
        write(ByteBuffer.wrap(source, offset, length));
    }

    void write(ByteBuffer source) throws IOException {
        Duration timeout = conversation.options().writeTimeout();
        requireOpen();
        while (source.hasRemaining()) {
            long deadline = conversation.deadline(timeout);
            int room = room();
            for (; room == 0; room = room()) {
                deadline = parkUntil(deadline, timeout);
                requireOpen();
            }
            ByteBuffer part = source.slice().limit(Math.min(room, source.remaining()));
            source.position(source.position() + part.remaining());
            Bytes copy = Bytes.copyOf(part);
            add(copy, copy.length(), false);
        }
    }

    /** Sends without a copy what fits in here as a whole. */
    void write(Bytes bytes) throws IOException {
        if (bytes.length() > capacity()) {
            write(bytes.asByteBuffer());
            return;
        }
        Duration timeout = conversation.options().writeTimeout();
        requireOpen();
        long deadline = conversation.deadline(timeout);
        while (room() < bytes.length()) {
            deadline = parkUntil(deadline, timeout);
            requireOpen();
        }
        if (!bytes.isEmpty()) {
            add(bytes, bytes.length(), false);
        }
    }

    /**
     * Sends a file: waits until the connection takes it, which it does when all that was written before may leave. What
     * is written next waits for the file. Closes it if this throws.
     */
    void write(FileRegion region) throws IOException {
        if (!region.claim()) {
            throw new IllegalStateException("cannot send " + region + ": it was sent or closed before");
        }
        try {
            Duration timeout = conversation.options().writeTimeout();
            requireOpen();
            long deadline = conversation.deadline(timeout);
            while (isOccupied()) {
                deadline = parkUntil(deadline, timeout);
                requireOpen();
            }
            // what the connection claims, and closes when it is through with it
            add(FileRegion.of(region.file(), region.position(), region.count(), region::close), 0, true);
            filesWereSent = true;
        } catch (Throwable e) {
            region.close();
            throw e;
        }
    }

    /** While a file is on its way, it is the file that has to make progress; answers the deadline from now on. */
    private long parkUntil(long deadline, Duration timeout) throws IOException {
        long left = timeout.isZero() || !filesWereSent ? 0 : conversation.call(conversation.real()::pendingFileBytes);
        try {
            conversation.parkUntil(Wait.WRITE, deadline, timeout);
            return deadline;
        } catch (SocketTimeoutException e) {
            if (left > 0 && conversation.call(conversation.real()::pendingFileBytes) < left) {
                return conversation.deadline(timeout);
            }
            throw e;
        }
    }

    private void add(Object next, int length, boolean file) {
        boolean post;
        lock.lock();
        try {
            queue.add(next);
            waiting += length;
            fileWaits = file;
            post = !pumping;
            pumping = true;
        } finally {
            lock.unlock();
        }
        if (post && !conversation.post(() -> pump(false))) {
            throw conversation.closedException("write");
        }
    }

    private int room() {
        lock.lock();
        try {
            return fileWaits ? 0 : Math.max(0, capacity() - waiting);
        } finally {
            lock.unlock();
        }
    }

    private boolean isOccupied() {
        lock.lock();
        try {
            return !queue.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private int capacity() {
        return Math.min(HANDOVER_BYTES, conversation.asked().highWaterMark());
    }

    private void requireOpen() {
        if (shut
                || refused
                || conversation.isCloseAsked()
                || conversation.reason().isPresent()) {
            throw conversation.closedException("write");
        }
    }

    void shut() {
        shut = true;
    }

    boolean isShut() {
        return shut;
    }

    int waiting() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    // ---------------------------------------------------------------- the loop takes out

    /** Sends what may be sent now, or everything because an end follows. */
    void pump(boolean everything) {
        Connection connection = conversation.real();
        while (true) {
            Object next = null;
            lock.lock();
            try {
                pumping = false;
                if (everything || mayTake(connection)) {
                    next = queue.poll();
                }
                if (next instanceof Bytes bytes) {
                    waiting -= bytes.length();
                } else if (next != null) {
                    fileWaits = false;
                }
            } finally {
                lock.unlock();
            }
            if (next == null) {
                break;
            }
            if (!send(connection, next)) {
                refused = true;
                drop();
                break;
            }
        }
        conversation.wake();
    }

    /** Also one whose output others have shut down, so that the thread learns of it. */
    private static boolean mayTake(Connection connection) {
        return connection.isWritable() || (connection.isOpen() && connection.pendingBytes() == 0);
    }

    private boolean send(Connection connection, Object next) {
        try {
            if (next instanceof Bytes bytes) {
                connection.send(bytes);
            } else {
                connection.send((FileRegion) next);
            }
            return true;
        } catch (ConnectionClosedException e) {
            return false; // ended meanwhile: as lost as what had already left
        } catch (SendLimitException e) {
            conversation.overrun(e);
            return false;
        }
    }

    /** The connection has ended. */
    void drop() {
        lock.lock();
        try {
            queue.stream().filter(FileRegion.class::isInstance).forEach(region -> ((FileRegion) region).close());
            queue.clear();
            fileWaits = false;
            waiting = 0;
        } finally {
            lock.unlock();
        }
    }
}
