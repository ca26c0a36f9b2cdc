package dev.meerkat.multipart;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A part that became a file.
 *
 * @param part what its head says
 * @param path where the file is
 * @param size how long it is, in bytes
 */
public record StoredFile(Part part, Path path, long size) {
    // Rejects missing parts.
    public StoredFile {
        Objects.requireNonNull(part, "part");
        Objects.requireNonNull(path, "path");
    }
}
