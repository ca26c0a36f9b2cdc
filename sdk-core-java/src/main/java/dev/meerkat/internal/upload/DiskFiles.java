package dev.meerkat.internal.upload;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The files of one upload, as workers see them: one of them at a time, and whoever gives the upload up removes what is
 * there, exactly once.
 *
 * <pre>
 *   IDLE ◄──────────► BUSY ──────────────────────► ABANDONED
 *     │  run(), its end     abandon(): run() removes   ▲
 *     └────────────────────────────────────────────────┘
 *                 abandon(): its caller has remove() called
 * </pre>
 */
final class DiskFiles {
    private enum State {
        IDLE,
        BUSY,
        ABANDONED
    }

    private final Disk disk;
    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
    private final List<Path> made = new ArrayList<>();
    private @Nullable OutputStream open;

    DiskFiles(Disk disk) {
        this.disk = disk;
    }

    /** On a worker: does the steps, unless the upload was given up. */
    void run(List<DiskStep> steps) throws IOException {
        if (!state.compareAndSet(State.IDLE, State.BUSY)) {
            return;
        }
        try {
            for (DiskStep step : steps) {
                if (state.get() == State.ABANDONED) {
                    return;
                }
                run(step);
            }
        } finally {
            if (!state.compareAndSet(State.BUSY, State.IDLE)) {
                remove();
            }
        }
    }

    /**
     * Any thread. Gives the upload up: no step is begun any more.
     *
     * @return whether the caller has to see to it that {@link #remove} is called, once; otherwise the worker does
     */
    boolean abandon() {
        return state.getAndSet(State.ABANDONED) == State.IDLE;
    }

    /** Removes every file that has not got its name. */
    void remove() {
        try {
            close();
        } catch (IOException e) {
            // It is removed next.
        }
        for (Path file : made) {
            try {
                disk.delete(file);
            } catch (IOException e) {
                // Nobody is left to be told; the name shows what it is.
            }
        }
        made.clear();
    }

    private void run(DiskStep step) throws IOException {
        if (step instanceof DiskStep.Write write) {
            OutputStream present = open;
            if (present != null) {
                present.write(write.bytes().array(), 0, write.bytes().limit());
            }
        } else if (step instanceof DiskStep.Create create) {
            open = disk.create(create.file());
            made.add(create.file());
        } else if (step instanceof DiskStep.Close) {
            close();
        } else if (step instanceof DiskStep.Expect expect) {
            disk.expectNothing(expect.file());
        } else if (step instanceof DiskStep.Publish publish) {
            publish(publish.targets());
        }
    }

    private void close() throws IOException {
        OutputStream present = open;
        open = null;
        if (present != null) {
            present.close();
        }
    }

    private void publish(List<DiskStep.Target> targets) throws IOException {
        List<Path> named = new ArrayList<>();
        try {
            for (DiskStep.Target target : targets) {
                disk.publish(target.from(), target.to());
                named.add(target.to());
            }
        } catch (IOException | RuntimeException e) {
            made.addAll(named); // all or none
            throw e;
        }
        made.clear();
    }
}
