package dev.meerkat.runtime;

import dev.meerkat.internal.check.Ranges;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a transport is told about a socket when it makes one.
 *
 * @param noDelay whether small writes leave at once (TCP_NODELAY); streams only
 * @param keepAlive whether the operating system probes an idle peer (SO_KEEPALIVE); streams only
 * @param receiveBufferBytes size asked of the operating system for SO_RCVBUF, or 0 to leave it to the system
 * @param sendBufferBytes size asked of the operating system for SO_SNDBUF, or 0 to leave it to the system
 * @param backlog how many connections may wait to be accepted; listeners only
 * @param reuseAddress whether a listener may take an address that old connections still use (SO_REUSEADDR)
 * @param reusePort whether several listeners may share one port (SO_REUSEPORT)
 * @param socketFilePermissions the mode of the file of a listening Unix domain socket, which it has from the first
 *     moment; empty for what the system makes of it under the process's umask
 */
public record SocketOptions(
        boolean noDelay,
        boolean keepAlive,
        int receiveBufferBytes,
        int sendBufferBytes,
        int backlog,
        boolean reuseAddress,
        boolean reusePort,
        Optional<Set<PosixFilePermission>> socketFilePermissions) {

    /** What a transport uses when nothing is said: no delay, keep-alive, the system's buffer sizes, backlog 1024. */
    public static final SocketOptions DEFAULT = new SocketOptions(true, true, 0, 0, 1024, true, false);

    // Rejects negative sizes and a backlog below one.
    public SocketOptions {
        if (receiveBufferBytes < 0 || sendBufferBytes < 0) {
            throw new IllegalArgumentException(
                    "buffer sizes must not be negative: " + receiveBufferBytes + ", " + sendBufferBytes);
        }
        Ranges.atLeast("backlog", backlog, 1);
        Objects.requireNonNull(socketFilePermissions, "socketFilePermissions");
    }

    /**
     * Makes options without a mode of a socket file.
     *
     * @param noDelay as described above
     * @param keepAlive as described above
     * @param receiveBufferBytes as described above
     * @param sendBufferBytes as described above
     * @param backlog as described above
     * @param reuseAddress as described above
     * @param reusePort as described above
     */
    public SocketOptions(
            boolean noDelay,
            boolean keepAlive,
            int receiveBufferBytes,
            int sendBufferBytes,
            int backlog,
            boolean reuseAddress,
            boolean reusePort) {
        this(
                noDelay,
                keepAlive,
                receiveBufferBytes,
                sendBufferBytes,
                backlog,
                reuseAddress,
                reusePort,
                Optional.empty());
    }
}
