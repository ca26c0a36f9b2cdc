package dev.meerkat.internal.connection;

import dev.meerkat.ConnectionClosedException;
import dev.meerkat.ConnectionState;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.Bytes;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.FileRegion;
import dev.meerkat.internal.buffer.HeadedOutput;
import dev.meerkat.internal.buffer.ReceiveQueue;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.internal.loop.Flushable;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Our direction of a connection: what was sent and has not yet left, whether more may be sent, and telling the peer
 * that there is no more. Holds a queue only while something waits.
 *
 * <pre>
 *   OPEN --- shutdown() ---&gt; SHUTTING --- all has left, the peer is told ---&gt; SHUT
 * </pre>
 */
final class Outbound implements Flushable {
    // The states, as numbers that fit into a byte: there is one of these for every idle connection.
    /** The handler may send. */
    private static final byte OPEN = 0;
    /** Nothing more is accepted; what was accepted leaves, then the peer is told. */
    private static final byte SHUTTING = 1;
    /** The peer was told. */
    private static final byte SHUT = 2;

    /** From this size on received input that is sent on goes straight to the system; below, a copy is cheaper. */
    private static final int DIRECT_WRITE_BYTES = 8 * 1024;

    /** How {@link #hopping} is changed; made when another thread sends for the first time. */
    private static final class Hopping {
        static final VarHandle BYTES;

        static {
            try {
                BYTES = MethodHandles.lookup().findVarHandle(Outbound.class, "hopping", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }

    private final RealConnection connection;
    private volatile byte state = OPEN;
    private @Nullable SendQueue queue;
    /** Files that leave before what is in the queue. */
    private @Nullable OutboundFiles files;
    /** Above the high-water mark, and not yet down at the low one. */
    private boolean aboveMark;
    /** The system took less than there was; its readiness tells when to go on. */
    private boolean waiting;
    /** Queued with the loop for flushing. */
    private boolean dirty;
    /** Bytes of other threads on their way through the mailbox: any thread, through {@link Hopping}. */
    @SuppressWarnings("unused")
    private volatile int hopping;

    /** Told at the end of the turn, so it is no more than the system takes in one. */
    private int sentSinceEvent;
    /** Bytes that the stream took and has not handed on to the system: an encrypting one holds some. */
    private int unflushed;

    Outbound(RealConnection connection) {
        this.connection = connection;
    }

    // ---------------------------------------------------------------- accepting

    void send(byte[] bytes) {
        accept(bytes.length).append(bytes, 0, bytes.length);
        appended();
    }

    void send(ByteBuffer bytes) {
        accept(bytes.remaining()).append(bytes);
        appended();
    }

    void send(Bytes bytes, int from) {
        accept(bytes.length() - from).append(bytes, from);
        appended();
    }

    /** A head and a payload at once, if as much of the limit as is to be spared stays free. */
    boolean offer(int head, int headBytes, ByteBuffer payload, int spare) {
        connection.memory().settle();
        if (headBytes + payload.remaining() > connection.limits().sendLimit() - spare - inMemory()) {
            requireOpen();
            return false;
        }
        accept(headBytes + payload.remaining()).append(head, headBytes, payload);
        appended();
        return true;
    }

    void send(ReceiveQueue source) {
        SendQueue target = accept(source.size());
        ByteBuffer bytes = source.raw();
        int count = bytes.remaining();
        if (count >= DIRECT_WRITE_BYTES && target.isEmpty() && !waiting && files == null && connection.isOpen()) {
            writeDirectly(bytes);
        }
        if (bytes.hasRemaining()) {
            target.append(bytes);
        }
        source.consumed(count);
        appended();
    }

    /** Closes the region, now or later, whatever becomes of it. */
    void send(FileRegion region) {
        OutboundFiles present = files;
        if (present == null) {
            present = new OutboundFiles(connection);
        }
        try {
            if (region.count() <= OutboundFiles.AT_ONCE_BYTES) {
                if (!present.readAtOnce(region, accept((int) region.count()))) {
                    return;
                }
            } else {
                connection.memory().settle();
                requireOpen();
                present.add(queue, region);
                queue = null;
                files = present;
            }
        } catch (Throwable e) {
            present.close(region);
            throw e;
        }
        appended();
    }

    /** Spares the copy of large input that is sent on: the system takes it straight from where it was read to. */
    private void writeDirectly(ByteBuffer bytes) {
        StreamHandle handle = connection.handle();
        if (handle == null) {
            return;
        }
        try {
            taken(handle, handle.write(bytes));
        } catch (IOException ignored) {
            // the rest is queued, and the flush at the end of the turn meets the same failure in its proper place
        }
    }

    /** What {@link HeadedOutput#writeShared} says. */
    boolean writeShared(ByteBuffer shared, int spare) {
        StreamHandle handle = connection.handle();
        if (handle == null
                || queue != null
                || dirty
                || waiting
                || unflushed > 0
                || files != null
                || state != OPEN
                || !connection.isOpen()
                || shared.remaining() > connection.limits().sendLimit() - spare) {
            return false;
        }
        try {
            boolean left = taken(handle, handle.write(shared));
            if (shared.hasRemaining() || !left) {
                waiting = true;
                connection.updateInterest();
                checkMarks();
            }
        } catch (IOException e) {
            shared.position(shared.limit()); // as lost as what had already left
            connection.life().failTransfer("writing", e);
        }
        return true;
    }

    /** The checks in front of every send; answers the queue to append to. */
    private SendQueue accept(int length) {
        SharedMemory memory = connection.memory();
        memory.settle();
        requireOpen();
        int pending = inMemory();
        int limit = connection.limits().sendLimit();
        if (length > limit - pending) {
            throw new SendLimitException(connection + ": cannot send " + length + " bytes, " + pending + " of at most "
                    + limit + " are waiting already");
        }
        SendQueue present = queue;
        if (present == null) {
            present = memory.acquireSendQueue();
            queue = present;
        }
        return present;
    }

    /** Any thread. */
    void requireOpen() {
        requireLiving("send");
        if (state != OPEN) {
            throw new ConnectionClosedException(connection + ": cannot send after shutdownOutput()");
        }
    }

    private void requireLiving(String what) {
        ConnectionState life = connection.state();
        if (life == ConnectionState.CLOSING || life == ConnectionState.LINGERING || life == ConnectionState.CLOSED) {
            throw new ConnectionClosedException(
                    connection + ": cannot " + what + " in state " + life + ", only in RESOLVING, CONNECTING or OPEN");
        }
    }

    private void appended() {
        int pending = pending();
        if (pending > connection.limits().highWaterMark()) {
            riseAboveMark();
        }
        flushLater();
    }

    // ---------------------------------------------------------------- from other threads

    /** Any thread but the loop's: the bytes travel through the mailbox, within two bounds. */
    void sendFromElsewhere(Bytes bytes) {
        requireOpen();
        SharedMemory memory = connection.memory();
        RealEventManager manager = connection.owner();
        int length = bytes.length();
        int limit = connection.limits().sendLimit();
        int before = (int) Hopping.BYTES.getAndAdd(this, length);
        if (length > limit - before) {
            Hopping.BYTES.getAndAdd(this, -length);
            throw new SendLimitException(connection + ": cannot send " + length + " bytes from another thread, "
                    + before + " of at most " + limit + " are on their way to the loop already");
        }
        if (!memory.reserveHop(length)) {
            Hopping.BYTES.getAndAdd(this, -length);
            throw new SendLimitException(connection + ": cannot send " + length + " bytes from another thread, at most "
                    + manager.options().mailboxBytesLimit() + " of all connections may be on their way to the loop");
        }
        try {
            manager.post(() -> arrive(bytes));
        } catch (RejectedExecutionException e) {
            releaseHop(length);
            throw new SendLimitException(
                    connection + ": cannot send " + length + " bytes from another thread: " + e.getMessage());
        } catch (ManagerClosedException e) {
            releaseHop(length);
            throw new ConnectionClosedException(connection + ": cannot send, " + e.getMessage());
        }
    }

    private void arrive(Bytes bytes) {
        releaseHop(bytes.length());
        if (connection.state().compareTo(ConnectionState.OPEN) > 0 || state != OPEN) {
            return; // ended meanwhile: as lost as what had already left
        }
        try {
            send(bytes, 0);
        } catch (SendLimitException e) {
            connection
                    .life()
                    .fail(
                            Initiator.MANAGER,
                            ConnectionError.of(
                                    Kind.SLOW_RECEIVER,
                                    "other threads sent more than the peer took: " + e.getMessage(),
                                    e));
        }
    }

    private void releaseHop(int length) {
        Hopping.BYTES.getAndAdd(this, -length);
        connection.memory().releaseHop(length);
    }

    // ---------------------------------------------------------------- leaving

    void flushLater() {
        if (!dirty) {
            dirty = true;
            connection.owner().loop().flushLater(this);
        }
    }

    /** What was sent, or ended, while there was no socket yet. */
    void resumeAfterConnect() {
        if (!isEmpty() || state == SHUTTING) {
            flushLater();
        }
    }

    @Override
    public void flush() {
        dirty = false;
        if (!waiting) {
            write();
        }
    }

    /**
     * The last chance to write: one write offers a part, so goes on while the system takes something. Of a file it is
     * one part: who takes it as fast as it is given would hold everybody up.
     */
    void flushAll() {
        int before;
        do {
            before = inMemory();
            write();
        } while (inMemory() > 0 && inMemory() < before);
    }

    /**
     * What was sent and has not left is given to an encrypting stream, to leave as it is in front of the first record.
     */
    @Nullable
    SendQueue surrender() {
        connection.memory().settle();
        SendQueue present = queue;
        queue = null;
        if (present != null) {
            unflushed += present.pending();
            flushLater();
        }
        waiting = false;
        return present;
    }

    /** The system has room again. */
    void ready() {
        if (waiting) {
            write();
        }
    }

    private void write() {
        StreamHandle handle = connection.handle();
        if (handle == null) {
            return;
        }
        SendQueue present = queue;
        boolean empty;
        try {
            if (unflushed > 0) {
                boolean unused = taken(handle, 0); // or what is taken now would seem to wait behind what has left
            }
            OutboundFiles first = files;
            if (first == null) {
                empty = taken(handle, present == null ? 0 : present.writeTo(handle));
            } else {
                long count = first.writeTo(handle);
                if (connection.handle() != handle) {
                    return; // a file has failed, or whoever heard that one has left has ended the connection
                }
                files = first.isEmpty() ? null : first;
                count += present == null || files != null ? 0 : present.writeTo(handle);
                empty = taken(handle, count) && files == null;
            }
        } catch (IOException e) {
            connection.life().failTransfer("writing", e);
            return;
        }
        if (present != null) {
            if (present.isEmpty()) {
                queue = null;
                connection.memory().releaseSendQueue(present);
            } else {
                empty = false;
                present.settle();
            }
        }
        if (waiting == empty) {
            waiting = !empty;
            connection.updateInterest();
        }
        checkMarks();
        if (empty) {
            allHasLeft(handle);
        }
    }

    /** The stream took bytes. They have left when it has handed them on; answers whether it has. */
    private boolean taken(StreamHandle handle, long count) throws IOException {
        if (handle.flush()) {
            countSent(unflushed + count);
            unflushed = 0;
            return true;
        }
        unflushed += (int) count;
        return false;
    }

    private void countSent(long count) {
        if (count > 0) {
            connection.telling().sent(count);
            if (connection.limits().sentEvents()) {
                sentSinceEvent = (int) Math.min(Integer.MAX_VALUE, sentSinceEvent + count);
                connection.telling().notice(Telling.SENT);
            }
        }
    }

    private void allHasLeft(StreamHandle handle) {
        if (state == SHUTTING) {
            try {
                handle.shutdownOutput();
            } catch (IOException e) {
                connection.life().failTransfer("ending the output", e);
                return;
            }
            state = SHUT;
            if (!waiting && !hasFlushed(handle)) {
                waiting = true;
                connection.updateInterest();
            }
        }
        if (state == SHUT && !waiting) {
            connection.life().outputHasEnded();
        }
    }

    private boolean hasFlushed(StreamHandle handle) {
        try {
            return handle.flush();
        } catch (IOException e) {
            connection.life().failTransfer("ending the output", e);
            return true;
        }
    }

    // ---------------------------------------------------------------- ending and asking

    /** Accepts nothing more; the peer is told when everything has left. */
    void shutdown() {
        connection.memory().settle();
        requireLiving("shut down the output");
        if (state == OPEN) {
            state = SHUTTING;
            flushLater();
        }
    }

    /** As {@link #shutdown}, as a part of closing. */
    void close() {
        if (state == OPEN) {
            state = SHUTTING;
        }
        flushLater();
    }

    /** Throws away what waits. */
    void release() {
        SendQueue present = queue;
        OutboundFiles presentFiles = files;
        queue = null;
        files = null;
        waiting = false;
        unflushed = 0;
        if (present != null) {
            present.clear();
            connection.memory().releaseSendQueue(present);
        }
        if (presentFiles != null) {
            presentFiles.clear();
        }
    }

    /** Looks at the marks again, after something left or the marks were changed. */
    void checkMarks() {
        int pending = pending();
        if (aboveMark && pending <= connection.limits().lowWaterMark()) {
            aboveMark = false;
            connection.telling().unstalled();
            connection.telling().notice(Telling.DRAINED);
        } else if (pending > connection.limits().highWaterMark()) {
            riseAboveMark();
        }
    }

    /** What {@link HeadedOutput#expectDrained} says. */
    boolean expectDrained() {
        if (isEmpty()) {
            return false;
        }
        riseAboveMark();
        return true;
    }

    private void riseAboveMark() {
        if (!aboveMark) {
            aboveMark = true;
            connection.telling().stalled();
        }
    }

    long takeSentCount() {
        long count = sentSinceEvent;
        sentSinceEvent = 0;
        return count;
    }

    /** All that was sent and has not left. */
    int pending() {
        OutboundFiles present = files;
        return present == null ? inMemory() : (int) Math.min(Integer.MAX_VALUE, inMemory() + present.bytesInFiles());
    }

    /** What counts against the send limit: all that waits but what is still in files. */
    private int inMemory() {
        SendQueue present = queue;
        OutboundFiles presentFiles = files;
        int sum = present == null ? unflushed : unflushed + present.pending();
        return presentFiles == null ? sum : sum + presentFiles.bytesInMemory();
    }

    @Nullable
    OutboundFiles files() {
        return files;
    }

    boolean isEmpty() {
        return files == null && pending() == 0;
    }

    boolean hasRoomFor(int length) {
        return length <= connection.limits().sendLimit() - inMemory();
    }

    boolean isOpen() {
        return state == OPEN;
    }

    boolean isShut() {
        return state == SHUT;
    }

    boolean isAboveMark() {
        return aboveMark;
    }

    boolean isWaiting() {
        return waiting;
    }
}
