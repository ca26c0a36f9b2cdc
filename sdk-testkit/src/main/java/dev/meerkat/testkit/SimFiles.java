package dev.meerkat.testkit;

import dev.meerkat.runtime.PeerCredentials;
import dev.meerkat.testkit.internal.SocketFiles;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/**
 * So much of a host's file system as Unix domain sockets need. In the beginning there are the directories {@code /},
 * {@code /run} and {@code /tmp}; relative paths begin at {@code /}. Listening makes a file, closing removes it.
 */
public final class SimFiles {
    private final SocketFiles files;

    SimFiles(SocketFiles files) {
        this.files = files;
    }

    /**
     * Makes a directory, and those above it.
     *
     * @param path where
     * @return these files
     */
    public SimFiles makeDirectory(String path) {
        files.makeDirectory(path);
        return this;
    }

    /**
     * Makes a file that is no socket: nobody may listen there.
     *
     * @param path where
     * @return these files
     */
    public SimFiles makeFile(String path) {
        files.makeFile(path);
        return this;
    }

    /**
     * Makes what a server leaves that was killed: a socket that nobody answers on.
     *
     * @param path where
     * @return these files
     */
    public SimFiles makeStaleSocket(String path) {
        files.makeStaleSocket(path);
        return this;
    }

    /**
     * Removes a file. Whoever listens there is not found any more and keeps its connections.
     *
     * @param path which
     * @return these files
     */
    public SimFiles delete(String path) {
        files.delete(path);
        return this;
    }

    /**
     * Refuses everybody on this host to connect to a file, or to use what is in a directory: "Permission denied".
     *
     * @param path which
     * @return these files
     */
    public SimFiles deny(String path) {
        files.deny(path, true);
        return this;
    }

    /**
     * Takes {@link #deny} back.
     *
     * @param path which
     * @return these files
     */
    public SimFiles permit(String path) {
        files.deny(path, false);
        return this;
    }

    /**
     * Tells whether there is a file.
     *
     * @param path which
     * @return whether it exists, of whatever kind
     */
    public boolean exists(String path) {
        return files.mode(path).isPresent();
    }

    /**
     * The mode of a file. Modes are kept and not obeyed; see {@link #deny}.
     *
     * @param path which
     * @return its permissions, {@code rwxr-xr-x} unless its maker chose others; empty if there is no such file
     */
    public Optional<Set<PosixFilePermission>> permissions(String path) {
        return files.mode(path);
    }

    /**
     * Sets as whom the programs of this host run from now on, as peers on Unix domain sockets hear it.
     *
     * @param user the name of the user, {@code meerkat} in the beginning
     * @param group the name of the group, {@code meerkat} in the beginning
     * @return these files
     */
    public SimFiles runAs(String user, String group) {
        files.user(new PeerCredentials(user, group));
        return this;
    }
}
