package dev.meerkat.internal.upload;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** What a worker is to do to the files of an upload, one after the other. */
sealed interface DiskStep {
    /**
     * A new file.
     *
     * @param file its hidden name
     */
    record Create(Path file) implements DiskStep {}

    /**
     * Some of its bytes.
     *
     * @param bytes in an array, from its beginning to the limit
     */
    record Write(ByteBuffer bytes) implements DiskStep {}

    /** Its end. */
    record Close() implements DiskStep {}

    /**
     * Fails if there is something of this name already, long before it is needed.
     *
     * @param file the name that a file is to get
     */
    record Expect(Path file) implements DiskStep {}

    /** All files get their names, or none does. */
    record Publish(List<Target> targets) implements DiskStep {}

    /** What one file is called, and is to be called. */
    record Target(Path from, Path to) {}
}
