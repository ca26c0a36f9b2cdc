package dev.meerkat.internal.upload;

import dev.meerkat.EventManager;
import dev.meerkat.ManagerClosedException;
import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.Upload;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The way of one upload's data to the disk. What arrives on the loop is copied, since it is only lent, and what has
 * gathered while a worker was busy is the next task: one task of an upload at a time, in order. Above a mark the sender
 * is held back, so that an upload takes no more memory than the mark and one read, however slow the disk is.
 */
final class FileLane {
    /** What is written at once. */
    static final int BUFFER_BYTES = 65_536;

    /** The first buffer of a file, which may be a small one. */
    static final int FIRST_BUFFER_BYTES = 8_192;

    /** From here on the sender is held back: four buffers, one being written and three behind it. */
    static final int HIGH_WATER_BYTES = 262_144;

    /** From here on it goes on: a buffer is left for the disk while more comes. */
    static final int LOW_WATER_BYTES = 65_536;

    private static final int KEPT_BUFFERS = 4;

    private final Upload upload;
    private final EventManager manager;
    private final Path directory;
    private final DiskFiles files;
    private final RandomGenerator random;
    private final ArrayDeque<byte[]> free = new ArrayDeque<>();
    private List<DiskStep> steps = new ArrayList<>();
    private byte @Nullable [] buffer;
    private int filled;
    private long fileBytes;
    private int waitingBytes;
    private boolean busy;
    private boolean holding;
    private boolean abandoned;
    private @Nullable Runnable whenDone;

    FileLane(Upload upload, Path directory, Disk disk) {
        this.upload = upload;
        this.manager = upload.request().connection().manager();
        this.directory = directory;
        this.files = new DiskFiles(disk);
        this.random = manager.runtime().entropy().stream("upload-file-names");
    }

    /** Begins a file under a hidden name, which nobody can guess. */
    Path create() {
        Path file = directory.resolve(
                ".upload-" + Long.toHexString(random.nextLong()) + "-" + Long.toHexString(random.nextLong()) + ".part");
        fileBytes = 0;
        add(new DiskStep.Create(file));
        return file;
    }

    /** Finds out early whether a name is taken. */
    void expectNothing(Path file) {
        add(new DiskStep.Expect(file));
    }

    /** Writes to the file that was begun last. */
    void write(ByteBuffer bytes) {
        if (abandoned) {
            return;
        }
        fileBytes += bytes.remaining();
        waitingBytes += bytes.remaining();
        while (bytes.hasRemaining()) {
            byte[] present = buffer;
            if (present == null) {
                present = newBuffer();
                buffer = present;
            }
            int count = Math.min(bytes.remaining(), present.length - filled);
            bytes.get(present, filled, count);
            filled += count;
            if (filled == present.length) {
                addBuffer(present);
            }
        }
        if (waitingBytes >= HIGH_WATER_BYTES && !holding) {
            holding = true;
            upload.pause();
        }
        work();
    }

    /**
     * Ends the file that was begun last.
     *
     * @return how long it is
     */
    long close() {
        byte[] present = buffer;
        if (present != null) {
            addBuffer(present);
        }
        add(new DiskStep.Close());
        work();
        return fileBytes;
    }

    /** Gives all files their names, or none. */
    void publish(List<DiskStep.Target> targets) {
        add(new DiskStep.Publish(targets));
        work();
    }

    /** Has a task run on the loop when everything is done; not if the upload is given up before. */
    void whenDone(Runnable task) {
        whenDone = task;
        work();
    }

    /** Any number of times: removes every file that has not got its name. */
    void abandon() {
        if (abandoned) {
            return;
        }
        abandoned = true;
        whenDone = null;
        steps = new ArrayList<>();
        buffer = null;
        free.clear();
        if (files.abandon()) {
            remove();
        }
    }

    private void remove() {
        try {
            CompletableFuture<Boolean> unused = manager.submitBlocking(() -> {
                        files.remove();
                        return true;
                    })
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            files.remove(); // no worker has a place for it; a file must not stay for that
                        }
                    });
        } catch (ManagerClosedException e) {
            files.remove();
        }
    }

    // ---------------------------------------------------------------- to the workers and back

    private byte[] newBuffer() {
        byte[] used = free.poll();
        if (used != null) {
            return used;
        }
        return new byte[fileBytes > FIRST_BUFFER_BYTES ? BUFFER_BYTES : FIRST_BUFFER_BYTES];
    }

    private void addBuffer(byte[] full) {
        add(new DiskStep.Write(ByteBuffer.wrap(full).limit(filled)));
        buffer = null;
        filled = 0;
    }

    private void add(DiskStep step) {
        if (!abandoned) {
            steps.add(step);
        }
    }

    private void work() {
        if (busy || abandoned) {
            return;
        }
        if (steps.isEmpty()) {
            Runnable task = whenDone;
            whenDone = null;
            if (task != null) {
                task.run();
            }
            return;
        }
        List<DiskStep> batch = steps;
        steps = new ArrayList<>();
        busy = true;
        CompletableFuture<Boolean> unused = manager.submitBlocking(() -> {
                    files.run(batch);
                    return true;
                })
                .whenComplete((done, failure) -> done(batch, failure));
    }

    /** On the loop, unless that has ended; then the end of the connection has seen to the files. */
    private void done(List<DiskStep> batch, @Nullable Throwable failure) {
        if (failure instanceof ManagerClosedException) {
            return;
        }
        busy = false;
        for (DiskStep step : batch) {
            if (step instanceof DiskStep.Write write) {
                waitingBytes -= write.bytes().limit();
                byte[] used = write.bytes().array();
                if (used.length == BUFFER_BYTES && free.size() < KEPT_BUFFERS && !abandoned) {
                    free.add(used);
                }
            }
        }
        if (abandoned) {
            return;
        }
        if (failure != null) {
            fail(StorageErrors.of(failure));
            return;
        }
        if (holding && waitingBytes <= LOW_WATER_BYTES) {
            holding = false;
            upload.resume();
        }
        work();
    }

    /** The peer learns what it is to do, and the operator what has happened. */
    private void fail(MultipartError error) {
        ((RequestUpload) upload).refuseHere(error);
        abandon();
        if (!StorageErrors.isOurs(error)) {
            return;
        }
        try {
            manager.post(() -> {
                throw new UploadFailedException(error);
            });
        } catch (RejectedExecutionException | ManagerClosedException e) {
            // Who has that much to do has other things to hear of.
        }
    }

    /** What the error hook is told. */
    private static final class UploadFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UploadFailedException(MultipartError error) {
            super("an upload was not stored: " + error.message(), error.cause().orElse(null));
        }
    }
}
