package dev.meerkat.internal.nio;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file of a listening Unix domain socket. The system makes it when the socket is bound and leaves it behind when
 * the socket is gone, so that somebody has to clear up: before binding what a dead server left, at the end our own.
 *
 * <p>Nothing is ever replaced but a socket that nobody answers on, and nothing removed but the file that we made.
 */
final class SocketFile implements Closeable {
    /** How often to try again because another process came first. Each time it has bound, or cleared up, itself. */
    private static final int ATTEMPTS = 8;

    /** {@code S_IFMT} and {@code S_IFSOCK} of {@code <sys/stat.h>}, the same on every POSIX system. */
    private static final int FILE_TYPE = 0xF000;

    private static final int SOCKET_TYPE = 0xC000;

    private static final String OWNER_ONLY = "rwx------";

    private final Path path;

    /** What tells our file from another one at the same path. As long as the socket is open, it is nobody else's. */
    private final BasicFileAttributes made;

    private SocketFile(Path path, BasicFileAttributes made) {
        this.path = path;
        this.made = made;
    }

    /**
     * Binds a socket to its file and begins to listen.
     *
     * @param permissions the mode of the file; without it the system's default under the process's umask
     * @throws BindException if somebody answers at the path, or something else than a socket is there
     * @throws SocketException if the directory is missing, may not be written to, or the path is too long
     */
    static SocketFile bind(
            ServerSocketChannel channel,
            UnixDomainSocketAddress address,
            int backlog,
            Optional<Set<PosixFilePermission>> permissions)
            throws IOException {
        Path path = address.getPath();
        try {
            if (permissions.isPresent()) {
                bindInPrivate(channel, path, backlog, permissions.get());
            } else {
                bindInPlace(channel, address, backlog);
            }
            return new SocketFile(path, attributes(path));
        } catch (FileSystemException failure) {
            throw asSocketException(failure);
        }
    }

    private static void bindInPlace(ServerSocketChannel channel, UnixDomainSocketAddress address, int backlog)
            throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                channel.bind(address, backlog);
                return;
            } catch (BindException inUse) {
                if (attempt == ATTEMPTS) {
                    throw inUse;
                }
                makeWay(address.getPath(), inUse);
            }
        }
    }

    /**
     * Binds in a directory that nobody else may enter, and puts the file into its place when it has the right mode:
     * there is no moment in which others could connect. The price is that tools show the path at which it was bound.
     */
    private static void bindInPrivate(
            ServerSocketChannel channel, Path path, int backlog, Set<PosixFilePermission> permissions)
            throws IOException {
        Path directory = path.resolveSibling(unusedName());
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
        } catch (UnsupportedOperationException notPosix) {
            throw new SocketException("the file system has no POSIX permissions");
        }
        Path inside = directory.resolve("s");
        try {
            channel.bind(UnixDomainSocketAddress.of(inside), backlog);
            Files.setPosixFilePermissions(inside, permissions);
            putInPlace(inside, path);
        } catch (SocketException failure) {
            throw inside.toString().length() > path.toString().length() ? longer(failure, inside, path) : failure;
        } finally {
            Files.deleteIfExists(inside);
            Files.delete(directory);
        }
    }

    private static SocketException longer(SocketException failure, Path inside, Path path) {
        int more = inside.toString().length() - path.toString().length();
        SocketException explained = failure instanceof BindException
                ? new BindException(failure.getMessage())
                : new SocketException(failure.getMessage() + " (a file with permissions of its own is bound first at "
                        + inside + ", which is " + more + " longer)");
        explained.initCause(failure);
        return explained;
    }

    private static void putInPlace(Path inside, Path path) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Files.createLink(path, inside); // unlike renaming it never replaces anything
                return;
            } catch (FileAlreadyExistsException exists) {
                BindException inUse = new BindException("Address already in use");
                if (attempt == ATTEMPTS) {
                    throw inUse;
                }
                makeWay(path, inUse);
            }
        }
    }

    /**
     * Moves a dead socket out of the way. It is moved first and removed then, because between looking and removing
     * another server may have put its own file there: that one is put back.
     */
    private static void makeWay(Path path, BindException inUse) throws IOException {
        BasicFileAttributes found = attributesIfAny(path);
        if (found == null) {
            return;
        }
        if (!isSocket(path, found)) {
            throw new BindException("the file exists and is not a socket");
        }
        if (answers(path)) {
            throw inUse;
        }
        Path aside = path.resolveSibling(unusedName());
        try {
            Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException gone) {
            return;
        }
        if (!isSame(found, attributes(aside))) {
            Files.createLink(path, aside);
            Files.delete(aside);
            throw inUse;
        }
        Files.delete(aside);
    }

    /** Whether somebody listens there. Who cannot tell takes it for a yes: a server more is better than one less. */
    private static boolean answers(Path path) throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            boolean unused = probe.connect(UnixDomainSocketAddress.of(path));
            return true;
        } catch (ConnectException refused) {
            return false;
        } catch (SocketException unclear) {
            return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        }
    }

    private static boolean isSocket(Path path, BasicFileAttributes attributes) throws IOException {
        try {
            int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            return (mode & FILE_TYPE) == SOCKET_TYPE;
        } catch (UnsupportedOperationException | IllegalArgumentException noUnixView) {
            return attributes.isOther();
        }
    }

    /**
     * Removes the file if it is still the one that we made. To be called before the socket is closed, because as long
     * as that is open, no other file can get the same number.
     */
    @Override
    public void close() throws IOException {
        BasicFileAttributes found = attributesIfAny(path);
        if (found != null && isSame(made, found)) {
            Files.deleteIfExists(path);
        }
    }

    private static boolean isSame(BasicFileAttributes one, BasicFileAttributes other) {
        return Objects.equals(one.fileKey(), other.fileKey())
                && one.isOther() == other.isOther()
                && one.lastModifiedTime().equals(other.lastModifiedTime());
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static @Nullable BasicFileAttributes attributesIfAny(Path path) throws IOException {
        try {
            return attributes(path);
        } catch (NoSuchFileException none) {
            return null;
        }
    }

    /** Seven characters that nobody can guess, behind a dot. */
    private static String unusedName() {
        long random = SystemEntropy.INSTANCE.stream("socket file").nextLong() | 1L << 62;
        return "." + Long.toString(random & Long.MAX_VALUE, 36).substring(5, 12);
    }

    /** The files' exceptions name the path and not the reason; the sockets' have the system's sentence. */
    private static SocketException asSocketException(FileSystemException failure) {
        String sentence = failure.getReason();
        if (failure instanceof NoSuchFileException) {
            sentence = "No such file or directory";
        } else if (failure instanceof AccessDeniedException) {
            sentence = "Permission denied";
        }
        SocketException explained = new SocketException(sentence != null ? sentence : failure.toString());
        explained.initCause(failure);
        return explained;
    }
}
