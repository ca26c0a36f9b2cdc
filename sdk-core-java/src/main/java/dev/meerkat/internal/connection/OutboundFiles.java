package dev.meerkat.internal.connection;

import dev.meerkat.ErrorHook;
import dev.meerkat.SendLimitException;
import dev.meerkat.event.CloseReason.Initiator;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.event.ConnectionError.Kind;
import dev.meerkat.event.FileRegion;
import dev.meerkat.internal.buffer.FileFailedException;
import dev.meerkat.internal.buffer.FileQueue;
import dev.meerkat.internal.buffer.SegmentPool;
import dev.meerkat.internal.buffer.SendQueue;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The files that a connection is sending, and what becomes of it if one cannot be read. There is one while some do. */
final class OutboundFiles {
    /** Up to this size a file is read at once, so that it leaves together with what is sent before and after it. */
    static final int AT_ONCE_BYTES = SegmentPool.SEGMENT_BYTES;

    private final RealConnection connection;
    private final FileQueue queue;
    /** Something has left since that was last asked. */
    private boolean moved;

    OutboundFiles(RealConnection connection) {
        this.connection = connection;
        this.queue = new FileQueue(connection.memory().segments(), this::closingFailed);
    }

    void add(@Nullable SendQueue ahead, FileRegion region) {
        if (queue.size() == FileQueue.MOST_FILES) {
            throw new SendLimitException(
                    connection + ": cannot send one more file, " + FileQueue.MOST_FILES + " are waiting already");
        }
        queue.add(ahead, region);
    }

    /** Answers false if the connection has ended over it. */
    boolean readAtOnce(FileRegion region, SendQueue target) {
        int count = (int) region.count();
        try {
            for (int done = 0; done < count; ) {
                done += FileQueue.read(region, done, count - done, target);
            }
            return true;
        } catch (FileFailedException e) {
            fail(e);
            return false;
        } finally {
            close(region);
        }
    }

    /** Ends the connection if a file fails. */
    long writeTo(StreamHandle handle) throws IOException {
        try {
            long count = queue.writeTo(handle);
            moved |= count > 0;
            return count;
        } catch (FileFailedException e) {
            fail(e);
            return 0;
        }
    }

    private void fail(FileFailedException failure) {
        String message = String.valueOf(failure.getMessage());
        Throwable cause = failure.getCause();
        ConnectionError error = cause == null
                ? ConnectionError.of(Kind.FILE_FAILED, message)
                : ConnectionError.of(Kind.FILE_FAILED, message, cause);
        connection.life().fail(Initiator.LOCAL, error);
    }

    void close(FileRegion region) {
        try {
            region.close();
        } catch (Throwable e) {
            closingFailed(e);
        }
    }

    private void closingFailed(Throwable failure) {
        connection.owner().report(ErrorHook.Source.TASK, Optional.of(connection), failure);
    }

    /** Whether something has left since this was last asked. */
    boolean hasMoved() {
        boolean answer = moved;
        moved = false;
        return answer;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    int bytesInMemory() {
        return queue.bytesInMemory();
    }

    long bytesInFiles() {
        return queue.bytesInFiles();
    }

    void clear() {
        queue.clear();
    }
}
