package dev.meerkat.internal.buffer;

import dev.meerkat.event.FileRegion;
import dev.meerkat.runtime.StreamHandle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Files that wait to leave, in order, each behind the bytes that were sent before it. What was sent behind the last of
 * them is not here.
 *
 * <pre>
 *   bytes, file | bytes, file | file | ...
 * </pre>
 *
 * <p>A stream that can takes a file as it is. For any other the file is read, a slice at a time, behind the bytes in
 * front of it; no slice is read before the one ahead has left.
 *
 * <p>Ownership: the queue owns its regions and its bytes; each region is closed once, when it was sent or read to its
 * end, or on {@link #clear()}.
 */
public final class FileQueue {
    /** How many files may wait. Each holds a descriptor, of which a process has 1,024 where nobody raised the limit. */
    public static final int MOST_FILES = 64;

    /**
     * How much of files one write hands to the system, so that a reader who is as fast as we are does not keep the loop
     * from everybody else; and what of a file that is not in memory is waited for at most. As much as a socket of Linux
     * takes at once; half of that costs a fifth more processor time.
     */
    public static final int WRITE_BYTES = 2 << 20;

    /** The same for what has to be read first, and to be encrypted perhaps: as much as one write of bytes offers. */
    static final int READ_WRITE_BYTES = SendQueue.OFFER_BYTES;

    /** How much is read ahead of a stream that cannot take files as they are: four records of TLS. */
    static final int SLICE_BYTES = 4 * SegmentPool.SEGMENT_BYTES;

    private final SegmentPool pool;
    private final Consumer<Throwable> failures;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(2);
    private int bytesInMemory;
    private long bytesInFiles;
    /** The stream takes nothing more for now. */
    private boolean refused;

    /** A file and what leaves in front of it. */
    private static final class Waiting {
        final FileRegion region;

        @Nullable
        SendQueue ahead;
        /** How much of the region has left or was read. */
        long done;
        /** The stream does not take the file as it is. */
        boolean reads;

        Waiting(@Nullable SendQueue ahead, FileRegion region) {
            this.ahead = ahead;
            this.region = region;
        }

        long left() {
            return region.count() - done;
        }
    }

    /**
     * Makes an empty queue.
     *
     * @param pool the pool of the loop
     * @param failures receives what is thrown where a region is closed
     */
    public FileQueue(SegmentPool pool, Consumer<Throwable> failures) {
        this.pool = pool;
        this.failures = failures;
    }

    /**
     * Appends a file.
     *
     * @param ahead the bytes that were sent after the file before and leave first; null for none
     * @param region of at least one byte
     */
    public void add(@Nullable SendQueue ahead, FileRegion region) {
        waiting.add(new Waiting(ahead, region));
        bytesInMemory += ahead == null ? 0 : ahead.pending();
        bytesInFiles += region.count();
    }

    /**
     * How many files wait.
     *
     * @return the number
     */
    public int size() {
        return waiting.size();
    }

    /**
     * Tells whether nothing waits.
     *
     * @return whether everything has left
     */
    public boolean isEmpty() {
        return waiting.isEmpty();
    }

    /**
     * How much memory is held.
     *
     * @return the number of bytes that wait and are not in a file any more, or never were
     */
    public int bytesInMemory() {
        return bytesInMemory;
    }

    /**
     * How much waits in files.
     *
     * @return the number of bytes
     */
    public long bytesInFiles() {
        return bytesInFiles;
    }

    /**
     * Writes until the stream takes nothing more, or it was a turn's worth: {@link #WRITE_BYTES} of files.
     *
     * @param handle where to write
     * @return how many bytes were taken
     * @throws FileFailedException if a file cannot be read, or has become shorter
     * @throws IOException if the handle reports a failure
     */
    public long writeTo(StreamHandle handle) throws IOException {
        long taken = 0;
        refused = false;
        for (Waiting front = waiting.peek(); front != null && !refused; front = waiting.peek()) {
            int most = front.reads ? READ_WRITE_BYTES : WRITE_BYTES;
            if (taken >= most) {
                break;
            }
            taken += write(front, handle, most - taken);
            if (front.left() == 0) {
                close(front.region);
                if (front.ahead == null && waiting.peek() == front) { // unless whoever heard of it has ended everything
                    waiting.remove();
                }
            }
        }
        return taken;
    }

    private long write(Waiting front, StreamHandle handle, long most) throws IOException {
        if (front.reads && front.left() > 0) {
            readAhead(front);
        }
        SendQueue ahead = front.ahead;
        return ahead != null ? writeAhead(front, ahead, handle) : transfer(front, handle, Math.min(front.left(), most));
    }

    private long writeAhead(Waiting front, SendQueue ahead, StreamHandle handle) throws IOException {
        long taken = ahead.writeTo(handle);
        bytesInMemory -= (int) taken;
        if (ahead.isEmpty()) {
            front.ahead = null;
        } else {
            ahead.settle();
            refused = true;
        }
        return taken;
    }

    private long transfer(Waiting front, StreamHandle handle, long wanted) throws IOException {
        FileRegion region = front.region;
        long taken;
        try {
            taken = handle.transferFrom(region.file(), region.position() + front.done, wanted);
        } catch (IOException e) {
            requireReadable(front); // the stream has failed, or the file; it does not tell which
            throw e;
        }
        if (taken < 0) {
            front.reads = true;
            return 0;
        }
        if (taken == 0) {
            requireReadable(front);
        }
        advance(front, taken);
        refused = taken < wanted;
        return taken;
    }

    private void readAhead(Waiting front) throws FileFailedException {
        SendQueue ahead = front.ahead;
        if (ahead == null) {
            ahead = new SendQueue(pool);
            front.ahead = ahead;
        }
        int room = (int) Math.min(SLICE_BYTES - ahead.pending(), front.left());
        if (room > 0) {
            int count = read(front.region, front.done, room, ahead);
            advance(front, count);
            bytesInMemory += count;
        }
    }

    private void advance(Waiting front, long count) {
        front.done += count;
        bytesInFiles -= count;
    }

    /**
     * Reads from a file behind what waits in a queue.
     *
     * @param region the file
     * @param offset where to begin, from the beginning of the region
     * @param most how many bytes to read at most
     * @param target appended to
     * @return how many bytes were read, at least one
     * @throws FileFailedException if there is none
     */
    public static int read(FileRegion region, long offset, int most, SendQueue target) throws FileFailedException {
        int count;
        try {
            count = target.appendFrom(region, offset, most);
        } catch (IOException e) {
            throw new FileFailedException("reading " + region + " failed: " + e, e);
        }
        if (count == 0) {
            throw shortened(region, offset);
        }
        return count;
    }

    private static void requireReadable(Waiting front) throws FileFailedException {
        try {
            if (front.region.read(ByteBuffer.allocate(1), front.done) < 0) {
                throw shortened(front.region, front.done);
            }
        } catch (FileFailedException e) {
            throw e;
        } catch (IOException e) {
            throw new FileFailedException("reading " + front.region + " failed: " + e, e);
        }
    }

    private static FileFailedException shortened(FileRegion region, long offset) {
        return new FileFailedException(
                "sending " + region + ": it has become shorter, " + offset + " bytes of them are there", null);
    }

    private void close(FileRegion region) {
        try {
            region.close();
        } catch (Throwable e) {
            failures.accept(e);
        }
    }

    /** Throws everything away: the regions are closed, the segments return to the pool. */
    public void clear() {
        for (Waiting each = waiting.poll(); each != null; each = waiting.poll()) {
            SendQueue ahead = each.ahead;
            if (ahead != null) {
                ahead.clear();
            }
            close(each.region);
        }
        bytesInMemory = 0;
        bytesInFiles = 0;
    }
}
