package dev.meerkat.testkit.internal;

import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.runtime.SocketOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * So much of a host's file system as Unix domain sockets need: directories, sockets, and files that are something else.
 * Paths that do not begin with {@code /} begin there all the same.
 */
public final class SocketFiles {
    /** What a system makes of a new socket under the usual umask 022. */
    private static final Set<PosixFilePermission> DEFAULT_MODE = PosixFilePermissions.fromString("rwxr-xr-x");

    private enum Kind {
        DIRECTORY,
        SOCKET,
        OTHER
    }

    /** One file; two files are the same only if they are one object. */
    private static final class Entry {
        final Kind kind;
        final Set<PosixFilePermission> mode;
        /** Who listens; null for what is no socket, or one that a dead server left. */
        @Nullable
        SimListener listener;

        Entry(Kind kind, Set<PosixFilePermission> mode) {
            this.kind = kind;
            this.mode = mode;
        }
    }

    private final Map<String, Entry> entries = new TreeMap<>();
    private final Set<String> denied = new LinkedHashSet<>();
    private PeerCredentials user = new PeerCredentials("meerkat", "meerkat");

    SocketFiles() {
        for (String directory : new String[] {"/", "/run", "/tmp"}) {
            entries.put(directory, new Entry(Kind.DIRECTORY, DEFAULT_MODE));
        }
    }

    private static String normal(String path) {
        StringBuilder normal = new StringBuilder();
        for (String name : path.split("/", -1)) {
            if (name.equals("..")) {
                normal.setLength(Math.max(0, normal.lastIndexOf("/")));
            } else if (!name.isEmpty() && !name.equals(".")) {
                normal.append('/').append(name);
            }
        }
        return normal.isEmpty() ? "/" : normal.toString();
    }

    // ---- sockets

    /** Makes the file of a listener, in place of one that a dead server left. */
    void bind(UnixDomainSocketAddress address, SimListener listener, SocketOptions options) throws IOException {
        String path = normal(address.toString());
        checkWay(path);
        Entry present = entries.get(path);
        if (present != null && present.kind != Kind.SOCKET) {
            throw new BindException("the file exists and is not a socket");
        }
        if (present != null && present.listener != null) {
            throw new BindException("Address already in use");
        }
        Entry made = new Entry(Kind.SOCKET, options.socketFilePermissions().orElse(DEFAULT_MODE));
        made.listener = listener;
        entries.put(path, made);
    }

    /** The listener is gone: its file goes if it is still its own. */
    void unbind(UnixDomainSocketAddress address, SimListener listener) {
        String path = normal(address.toString());
        Entry present = entries.get(path);
        if (present != null && present.listener == listener) {
            entries.remove(path);
        }
    }

    /** Who listens at a path. */
    SimListener listener(UnixDomainSocketAddress address) throws IOException {
        String path = normal(address.toString());
        checkWay(path);
        Entry present = entries.get(path);
        if (present == null) {
            throw new SocketException("No such file or directory");
        }
        if (denied.contains(path)) {
            throw new SocketException("Permission denied");
        }
        SimListener listener = present.listener;
        if (listener == null) {
            throw new ConnectException("Connection refused");
        }
        return listener;
    }

    private void checkWay(String path) throws SocketException {
        String directory = normal(path + "/..");
        Entry found = entries.get(directory);
        if (found == null) {
            throw new SocketException("No such file or directory");
        }
        if (found.kind != Kind.DIRECTORY) {
            throw new SocketException("Not a directory");
        }
        if (denied.contains(directory)) {
            throw new SocketException("Permission denied");
        }
    }

    PeerCredentials user() {
        return user;
    }

    // ---- what a test does

    /**
     * Makes a directory, and those above it.
     *
     * @param path where
     */
    public void makeDirectory(String path) {
        for (String each = normal(path); !entries.containsKey(each); each = normal(each + "/..")) {
            entries.put(each, new Entry(Kind.DIRECTORY, DEFAULT_MODE));
        }
    }

    /**
     * Makes a file that is no socket.
     *
     * @param path where
     */
    public void makeFile(String path) {
        entries.put(normal(path), new Entry(Kind.OTHER, DEFAULT_MODE));
    }

    /**
     * Makes a socket file that nobody listens on.
     *
     * @param path where
     */
    public void makeStaleSocket(String path) {
        entries.put(normal(path), new Entry(Kind.SOCKET, DEFAULT_MODE));
    }

    /**
     * Removes a file. Whoever listens there is not found any more and keeps its connections.
     *
     * @param path which
     */
    public void delete(String path) {
        entries.remove(normal(path));
    }

    /**
     * Refuses a file or what is in a directory to everybody on this host, or permits it again.
     *
     * @param path which
     * @param refuses whether it is refused
     */
    public void deny(String path, boolean refuses) {
        if (refuses) {
            denied.add(normal(path));
        } else {
            denied.remove(normal(path));
        }
    }

    /**
     * The mode of a file.
     *
     * @param path which
     * @return its permissions, or empty if there is no such file
     */
    public Optional<Set<PosixFilePermission>> mode(String path) {
        return Optional.ofNullable(entries.get(normal(path))).map(entry -> entry.mode);
    }

    /**
     * As whom programs run from now on.
     *
     * @param value user and group
     */
    public void user(PeerCredentials value) {
        user = Objects.requireNonNull(value, "value");
    }
}
