package dev.meerkat.internal.upload;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The file system, as far as uploads touch it. Blocks; on workers only. */
class Disk {
    /** Makes a file that was not there; a link of that name is not followed. */
    OutputStream create(Path file) throws IOException {
        return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    void expectNothing(Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(file.toString());
        }
    }

    /**
     * Gives a file another name, unless that is taken. The name is taken first, by an empty file: a plain move looks
     * and then moves, and may meet a file that somebody has made in between.
     */
    void publish(Path from, Path to) throws IOException {
        create(to).close();
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(to);
            throw e;
        }
    }

    void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }
}
