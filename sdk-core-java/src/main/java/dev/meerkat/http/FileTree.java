package dev.meerkat.http;

import dev.meerkat.event.FileRegion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files below a root, on any file system. Everything here may block. What is handed out lies inside the root, by
 * its real path: names alone cannot tell where a symbolic link leads.
 */
final class FileTree {
    private final Path root;
    private final FileOptions.Links links;
    private final boolean backslashes;

    FileTree(Path root, FileOptions.Links links) {
        this.root = root;
        this.links = links;
        this.backslashes = root.getFileSystem().getSeparator().equals("\\");
    }

    /** Whether names are separated by backslashes. */
    boolean backslashes() {
        return backslashes;
    }

    /** Where a path below the root really is; null if there is nothing, or nothing that may be seen. */
    @Nullable
    Path find(List<String> names) throws IOException {
        try {
            Path path = root;
            for (String name : names) {
                path = path.resolve(name);
            }
            Path real = path.toRealPath();
            return switch (links) {
                case ANYWHERE -> real;
                case INSIDE -> real.startsWith(root.toRealPath()) ? real : null;
                case NONE -> {
                    Path plain = root.toRealPath();
                    for (String name : names) {
                        plain = plain.resolve(name);
                    }
                    yield real.equals(plain) ? real : null;
                }
            };
        } catch (InvalidPathException notOfThisFileSystem) {
            return null;
        } catch (FileSystemException e) {
            return notThere(e);
        }
    }

    /** A name that is too long, leads through a file or in a circle, or is not there is all the same to a peer. */
    private static @Nullable Path notThere(FileSystemException failure) throws FileSystemException {
        String why = String.valueOf(failure.getReason());
        boolean none = failure instanceof NoSuchFileException
                || failure instanceof NotDirectoryException
                || failure instanceof FileSystemLoopException
                || why.contains("Not a directory")
                || why.contains("too long")
                || why.contains("Too many levels");
        if (none) {
            return null;
        }
        throw failure;
    }

    BasicFileAttributes attributes(Path real) throws IOException {
        return Files.readAttributes(real, BasicFileAttributes.class);
    }

    /** The pre-compressed sibling of a file; null if there is none that is up to date. */
    @Nullable
    FileState sibling(FileState file, List<String> names, String coding) throws IOException {
        List<String> packed = new ArrayList<>(names);
        packed.add(packed.remove(packed.size() - 1) + (coding.equals("br") ? ".br" : ".gz"));
        Path found = find(packed);
        if (found == null) {
            return null;
        }
        BasicFileAttributes attributes = attributes(found);
        FileState sibling = FileState.of(found, attributes, coding);
        // what packs files keeps the time of the original, to a second perhaps
        boolean current = !sibling.modified().plus(Duration.ofSeconds(1)).isBefore(file.modified());
        return attributes.isRegularFile() && current ? sibling : null;
    }

    /** Opens a file that was found; it is not a link, or somebody is just making one of it. */
    static FileRegion open(Path real) throws IOException {
        return real.getFileSystem() == FileSystems.getDefault()
                ? FileRegion.open(real, LinkOption.NOFOLLOW_LINKS)
                : FileRegion.open(real);
    }

    /** Reads a file that was found, up to a length. */
    static byte[] read(Path real, int most) throws IOException {
        try (InputStream in = Files.newInputStream(real)) {
            return in.readNBytes(most);
        }
    }
}
