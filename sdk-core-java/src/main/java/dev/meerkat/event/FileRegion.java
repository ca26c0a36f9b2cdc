package dev.meerkat.event;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file that is to be sent, once. However long it is, it needs no memory but this object: the system takes
 * the bytes straight from the file where it can, and elsewhere they are read in slices as the peer takes them.
 *
 * <p>Whoever sends it gives it away: {@code Connection.send(FileRegion)} closes it exactly once, when the last byte has
 * left or when it is certain that none will leave any more, and also when that call throws because nothing can be sent.
 * What is never sent is the program's to close.
 *
 * <p>The file must keep its content until then. If it becomes shorter, or cannot be read, the connection is aborted
 * with an error of the kind {@link ConnectionError.Kind#FILE_FAILED}: never does a peer get fewer bytes without being
 * told. What is written into the file meanwhile may be sent or not.
 */
public final class FileRegion implements AutoCloseable {
    private enum State {
        /** The program's. */
        OPEN,
        /** A connection's. */
        CLAIMED,
        CLOSED
    }

    private final FileChannel file;
    private final long position;
    private final long count;
    private final @Nullable Runnable whenDone;
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

    private FileRegion(FileChannel file, long position, long count, @Nullable Runnable whenDone) throws IOException {
        this.file = Objects.requireNonNull(file, "file");
        this.position = position;
        this.count = count;
        this.whenDone = whenDone;
        long size = file.size();
        if (position < 0 || count < 0 || position > size - count) {
            throw new IllegalArgumentException(
                    "the file has " + size + " bytes, there are no " + count + " from " + position);
        }
    }

    /**
     * A part of a file, whose channel is closed with it.
     *
     * @param file readable; its own position is neither used nor changed
     * @param position the first byte, from 0
     * @param count how many bytes
     * @return the region
     * @throws IOException if the length of the file cannot be found out; the channel is still the program's
     * @throws IllegalArgumentException if the file has no such part; the channel is still the program's
     */
    public static FileRegion of(FileChannel file, long position, long count) throws IOException {
        return new FileRegion(file, position, count, null);
    }

    /**
     * A part of a file that others use, too: several regions, or several connections at once. The channel stays open.
     *
     * @param file readable; its own position is neither used nor changed
     * @param position the first byte, from 0
     * @param count how many bytes
     * @param whenDone runs exactly once when the region is closed, on the thread that closes it; the place to count how
     *     many still need the channel. What it throws goes to the error hook
     * @return the region
     * @throws IOException if the length of the file cannot be found out
     * @throws IllegalArgumentException if the file has no such part
     */
    public static FileRegion of(FileChannel file, long position, long count, Runnable whenDone) throws IOException {
        return new FileRegion(file, position, count, Objects.requireNonNull(whenDone, "whenDone"));
    }

    /**
     * Opens a file and takes all of it. Opening blocks.
     *
     * @param path a file of any file system whose provider has file channels
     * @param links {@link LinkOption#NOFOLLOW_LINKS} if it may not be a symbolic link
     * @return the region
     * @throws IOException if it cannot be opened
     * @throws UnsupportedOperationException if the file system has no file channels
     */
    public static FileRegion open(Path path, LinkOption... links) throws IOException {
        Set<OpenOption> options = new LinkedHashSet<>(Arrays.asList(links));
        options.add(StandardOpenOption.READ);
        FileChannel file = FileChannel.open(path, options);
        try {
            return of(file, 0, file.size());
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * The file.
     *
     * @return the channel; to be left open
     */
    public FileChannel file() {
        return file;
    }

    /**
     * Where the region begins.
     *
     * @return the offset of its first byte in the file
     */
    public long position() {
        return position;
    }

    /**
     * How long the region is.
     *
     * @return the number of bytes
     */
    public long count() {
        return count;
    }

    /**
     * Reads bytes of the region, never beyond its end: for who has to look at them, or to change them on their way.
     * Blocks as the file does.
     *
     * @param target filled from its position on
     * @param offset where to begin, from the beginning of the region
     * @return how many bytes were read; -1 if the region, or the file, has none there
     * @throws IOException if the file cannot be read
     */
    public int read(ByteBuffer target, long offset) throws IOException {
        long left = count - Objects.checkIndex(offset, Long.MAX_VALUE);
        if (left <= 0) {
            return -1;
        }
        int limit = target.limit();
        target.limit(target.position() + (int) Math.min(target.remaining(), left));
        try {
            return file.read(target, position + offset);
        } finally {
            target.limit(limit);
        }
    }

    /**
     * Takes the region out of the program's hands, once: what a connection does with a region that it is to send.
     *
     * @return false if it was claimed or closed before
     */
    public boolean claim() {
        return state.compareAndSet(State.OPEN, State.CLAIMED);
    }

    /**
     * May be called from any thread. Closes the channel, or runs what was to be run instead. A second call does
     * nothing. Not for regions that were sent: their connection does it.
     */
    @Override
    public void close() {
        if (state.getAndSet(State.CLOSED) == State.CLOSED) {
            return;
        }
        Runnable instead = whenDone;
        if (instead != null) {
            instead.run();
            return;
        }
        try {
            file.close();
        } catch (IOException ignored) {
            // it was only read: nothing can be lost, and nothing can be done
        }
    }

    @Override
    public String toString() {
        return count + " bytes of a file from " + position;
    }
}
